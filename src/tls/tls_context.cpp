#include "tls/tls_context.h"

#include <array>
#include <openssl/err.h>
#include <string_view>

namespace mws {

namespace {

/// Forward secrecy and authenticated encryption only. TLS 1.3 has nothing else.
constexpr char cipherList[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view sessionContext = "mws";

/// RFC 7301: HTTP/1.1 is all that is spoken here; who insists on something else is told so.
int selectProtocol(SSL *, const unsigned char **chosen, unsigned char *chosenSize,
                   const unsigned char *offered, unsigned int offeredSize, void *)
{
    constexpr std::string_view spoken = "http/1.1";
    for (unsigned int at = 0; at < offeredSize; at += offered[at] + 1u) {
        if (at + 1 + offered[at] > offeredSize)
            break;
        const auto *name = offered + at + 1;
        if (std::string_view(reinterpret_cast<const char *>(name), offered[at]) == spoken) {
            *chosen = name;
            *chosenSize = offered[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void setRules(SSL_CTX &context, const TlsSettings &settings)
{
    SSL_CTX_set_min_proto_version(&context, settings.minimumVersion == TlsVersion::Tls13 ? TLS1_3_VERSION
                                                                                         : TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(&context, cipherList);
    // An end without close_notify is one like any other: requests and frames say themselves how long they
    // are.
    SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                      SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                      SSL_OP_PRIORITIZE_CHACHA);
    // Buffers of idle sessions are given back; SSL_read() returns after each record, so that a flood of
    // records that carry nothing cannot hold the thread.
    SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_clear_mode(&context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(&context,
                           0); // nothing waits inside: what is left is in the kernel, where epoll sees it
    // Sessions are resumed by tickets, which cost no memory here.
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(&context, 1);
    SSL_CTX_set_session_id_context(&context, reinterpret_cast<const unsigned char *>(sessionContext.data()),
                                   unsigned(sessionContext.size()));
    SSL_CTX_set_alpn_select_cb(&context, selectProtocol, nullptr);
}

bool useCertificates(SSL_CTX &context, const TlsCertificates &certificates)
{
    if (SSL_CTX_use_certificate(&context, certificates.chain.front().get()) != 1)
        return false;
    for (size_t i = 1; i < certificates.chain.size(); ++i)
        if (SSL_CTX_add1_chain_cert(&context, certificates.chain[i].get()) != 1)
            return false;
    return SSL_CTX_use_PrivateKey(&context, certificates.key.get()) == 1;
}

bool askForCertificates(SSL_CTX &context, const TlsSettings &settings, const TlsCertificates &certificates)
{
    if (settings.clientCertificates == ClientCertificates::None)
        return true;
    for (const CertificatePointer &authority : certificates.clientAuthorities)
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), authority.get()) != 1 ||
            SSL_CTX_add_client_CA(&context, authority.get()) != 1)
            return false;
    SSL_CTX_set_verify(&context,
                       settings.clientCertificates == ClientCertificates::Required
                           ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                           : SSL_VERIFY_PEER,
                       nullptr);
    return true;
}

} // namespace

Result<TlsContext::Loaded> TlsContext::load(const TlsSettings &settings, WallTime now)
{
    Result<TlsCertificates> certificates = readCertificates(settings, now);
    if (!certificates)
        return Unexpected(certificates.error());
    ERR_clear_error();
    auto context = std::make_shared<TlsContext>(SSL_CTX_new(TLS_server_method()), certificates->info);
    if (!context->native())
        return Unexpected(ErrorCode::Internal, "OpenSSL makes no context: " + takeOpenSslError());
    setRules(*context->native(), settings);
    if (!useCertificates(*context->native(), *certificates))
        return Unexpected(ErrorCode::InvalidData,
                          settings.certificate.string() + ": " + takeOpenSslError() + " (tls.certificate)",
                          "tls.certificate");
    if (!askForCertificates(*context->native(), settings, *certificates))
        return Unexpected(ErrorCode::InvalidData,
                          settings.clientCa.string() + ": " + takeOpenSslError() + " (tls.client_ca)",
                          "tls.client_ca");
    return Loaded{std::move(context), std::move(certificates->warnings)};
}

TlsContext::TlsContext(SSL_CTX *context, CertificateInfo certificate)
    : m_context(context), m_certificate(std::move(certificate))
{}

TlsContext::~TlsContext()
{
    SSL_CTX_free(m_context);
}

} // namespace mws
