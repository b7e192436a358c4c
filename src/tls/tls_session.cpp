#include "tls/tls_session.h"

#include "tls/tls_context.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <openssl/err.h>
#include <sys/socket.h>
#include <utility>

namespace mws {

namespace {

constexpr size_t recordBytes = 16384; // RFC 8446 §5.1
constexpr int recordsPerRead = 16;

} // namespace

/// How OpenSSL reaches the descriptor. Writing takes everything, as TlsSession keeps what the kernel does not
/// take: so no call of OpenSSL has to be repeated with the same bytes, which the queue may have dropped.
struct TlsBio
{
    static TlsSession &session(BIO *bio) { return *static_cast<TlsSession *>(BIO_get_data(bio)); }

    static int write(BIO *bio, const char *data, int size) { return session(bio).sendBytes(data, size); }

    static int read(BIO *bio, char *data, int size)
    {
        BIO_clear_retry_flags(bio);
        const int got = session(bio).receiveBytes(data, size);
        if (got < 0 && !session(bio).m_broken)
            BIO_set_retry_read(bio);
        return got;
    }

    static long control(BIO *bio, int command, long, void *)
    {
        if (command == BIO_CTRL_EOF)
            return session(bio).m_atEnd ? 1 : 0;
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    static const BIO_METHOD *method()
    {
        static const BIO_METHOD *const made = [] {
            BIO_METHOD *fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "descriptor");
            BIO_meth_set_write(fresh, write);
            BIO_meth_set_read(fresh, read);
            BIO_meth_set_ctrl(fresh, control);
            return fresh;
        }();
        return made;
    }
};

TlsSession::TlsSession(const TlsContext &context, int descriptor)
    : m_ssl(SSL_new(context.native())), m_descriptor(descriptor)
{
    BIO *bio = m_ssl ? BIO_new(TlsBio::method()) : nullptr;
    if (!bio) {
        m_broken = true;
        return;
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(m_ssl, bio, bio);
    SSL_set_accept_state(m_ssl);
}

TlsSession::~TlsSession()
{
    SSL_free(m_ssl);
}

int TlsSession::sendBytes(const char *data, int size)
{
    ssize_t sent = 0;
    if (m_unsent.empty()) {
        sent = ::send(m_descriptor, data, size_t(size), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            m_broken = true;
            return -1;
        }
        sent = std::max<ssize_t>(sent, 0);
    }
    const size_t left = size_t(size) - size_t(sent);
    if (m_unsent.size() + left > mostUnsent) {
        m_broken = true;
        return -1;
    }
    m_unsent.append(data + sent, left);
    return size;
}

int TlsSession::receiveBytes(char *data, int size)
{
    const ssize_t got = ::recv(m_descriptor, data, size_t(size), MSG_DONTWAIT);
    m_atEnd = got == 0;
    if (got < 0 && errno != EAGAIN && errno != EINTR)
        m_broken = true;
    return int(got);
}

TlsSession::Progress TlsSession::progressOf(int result)
{
    if (m_broken) {
        m_failure = "the connection was lost";
        ERR_clear_error();
        return Progress::Failed;
    }
    switch (SSL_get_error(m_ssl, result)) {
    case SSL_ERROR_NONE:
        return Progress::Done;
    case SSL_ERROR_WANT_READ:
        return Progress::Again;
    case SSL_ERROR_ZERO_RETURN:
        return Progress::Ended;
    default:
        m_failure = m_atEnd ? "the client closed the connection" : takeOpenSslError();
        ERR_clear_error();
        return Progress::Failed;
    }
}

TlsSession::Progress TlsSession::handshake()
{
    if (m_broken)
        return Progress::Failed;
    ERR_clear_error();
    const Progress progress = progressOf(SSL_do_handshake(m_ssl));
    if (progress != Progress::Ended)
        return progress;
    m_failure = "the client closed the connection";
    return Progress::Failed;
}

TlsSession::Received TlsSession::read(std::span<char> buffer)
{
    Received received;
    received.progress = Progress::Done;
    // Only where a whole record fits: a rest would wait inside, where epoll does not see it.
    for (int i = 0; i < recordsPerRead && buffer.size() - received.size >= recordBytes; ++i) {
        ERR_clear_error();
        size_t got = 0;
        const int result =
            SSL_read_ex(m_ssl, buffer.data() + received.size, buffer.size() - received.size, &got);
        received.progress = progressOf(result);
        received.size += got;
        if (received.progress != Progress::Done)
            break;
    }
    return received;
}

size_t TlsSession::write(std::span<const iovec> vectors)
{
    std::array<char, recordBytes> record;
    const char *data = static_cast<const char *>(vectors.front().iov_base);
    size_t size = std::min(vectors.front().iov_len, recordBytes);
    if (size < recordBytes && vectors.size() > 1) { // small frames share a record
        size = 0;
        for (const iovec &vector : vectors) {
            const size_t part = std::min(vector.iov_len, recordBytes - size);
            std::memcpy(record.data() + size, vector.iov_base, part);
            size += part;
        }
        data = record.data();
    }
    ERR_clear_error();
    size_t written = 0;
    const int result = SSL_write_ex(m_ssl, data, size, &written);
    return progressOf(result) == Progress::Done ? written : 0;
}

TlsSession::Progress TlsSession::flush()
{
    size_t sent = 0;
    while (sent < m_unsent.size()) {
        const ssize_t size =
            ::send(m_descriptor, m_unsent.data() + sent, m_unsent.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0) {
            const bool full = errno == EAGAIN;
            m_unsent.erase(0, sent);
            return full ? Progress::Again : Progress::Failed;
        }
        sent += size_t(size);
    }
    m_unsent = {};
    return Progress::Done;
}

TlsSession::Progress TlsSession::finish()
{
    if (!std::exchange(m_finished, true) && !m_broken && SSL_is_init_finished(m_ssl)) {
        ERR_clear_error();
        SSL_shutdown(m_ssl);
        ERR_clear_error();
    }
    return flush();
}

std::string_view TlsSession::version() const
{
    return SSL_get_version(m_ssl);
}

} // namespace mws
