#include "support/tls_handshake.h"

#include <cerrno>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <poll.h>

namespace mws::test {

namespace {

struct ContextDelete
{
    void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextDelete>;

Context contextFor(const TlsClient &client)
{
    Context context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    bool good = SSL_CTX_load_verify_locations(context.get(), client.authorities.c_str(), nullptr) == 1;
    if (good && !client.certificate.empty())
        good = SSL_CTX_use_certificate_chain_file(context.get(), client.certificate.c_str()) == 1 &&
               SSL_CTX_use_PrivateKey_file(context.get(), client.key.c_str(), SSL_FILETYPE_PEM) == 1;
    return good ? std::move(context) : Context();
}

bool waitFor(int descriptor, int error, const Deadline &deadline)
{
    pollfd entry{descriptor, short(error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN), 0};
    int ready = 0;
    do {
        ready = ::poll(&entry, 1, deadline.left());
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

} // namespace

std::shared_ptr<SSL> makeTlsHandshake(const TlsClient &client, int descriptor, const Deadline &deadline)
{
    const Context context = contextFor(client);
    if (!context)
        return nullptr;
    std::shared_ptr<SSL> tls(SSL_new(context.get()), [](SSL *session) { SSL_free(session); });
    SSL_set_fd(tls.get(), descriptor);
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(tls.get());
        if (result == 1)
            return tls;
        const int error = SSL_get_error(tls.get(), result);
        const bool again = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
        if (!again || !waitFor(descriptor, error, deadline))
            return nullptr;
    }
}

std::string peerSerial(const SSL &tls)
{
    const X509 *certificate = SSL_get0_peer_certificate(&tls);
    if (!certificate)
        return {};
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
    char *digits = BN_bn2hex(number);
    std::string serial = digits;
    OPENSSL_free(digits);
    BN_free(number);
    return serial;
}

} // namespace mws::test
