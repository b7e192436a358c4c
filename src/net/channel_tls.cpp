#include "mws/base/log.h"
#include "net/channel.h"
#include "net/connection_server.h"
#include "net/half_request.h"

#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace mws {

namespace {

constexpr size_t vectorsPerWrite = 64;
constexpr size_t usualRead = 32768;
constexpr size_t bulkRead = 65536;     // once a usual one did not take everything
constexpr char handshakeRecord = 0x16; // RFC 8446 §5.1: what a TLS connection begins with

bool isLetter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

} // namespace

void Channel::readSecure()
{
    if (m_state == State::Securing) {
        secure();
        return;
    }
    const std::span<char> buffer = m_server.readBuffer().first(m_bulk ? bulkRead : usualRead);
    const TlsSession::Received received = m_tls->read(buffer);
    m_bulk = received.progress == TlsSession::Progress::Done; // there may be more
    if (m_tls->blocked())
        markForFlush(); // what TLS itself has answered, such as an alert
    if (received.size > 0)
        takeInput(buffer.first(received.size));
    if (m_state == State::Dead)
        return;
    if (received.progress == TlsSession::Progress::Ended) {
        peerFinished();
    } else if (received.progress == TlsSession::Progress::Failed) {
        if (logEnabled(LogLevel::Debug))
            log(LogLevel::Debug, "TLS connection failed",
                {{"remote", remote()}, {"reason", m_tls->failure()}});
        die();
    }
}

/// One step of the handshake. A session is made only for who has sent something that may be TLS, so that
/// silent connections and plain HTTP cost no more than on a plain port.
void Channel::secure()
{
    if (!m_tls) {
        char first = 0;
        const ssize_t size = ::recv(m_fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (size <= 0) {
            die();
            return;
        }
        if (first != handshakeRecord) {
            refusePlain(first);
            return;
        }
        m_tls = std::make_unique<TlsSession>(*m_server.config().tls, m_fd);
    }
    const TlsSession::Progress progress = m_tls->handshake();
    if (progress == TlsSession::Progress::Failed) {
        handshakeFailed();
        return;
    }
    if (progress == TlsSession::Progress::Done) {
        m_state = State::Request;
        armIn(m_server.config().headTimeout);
        if (logEnabled(LogLevel::Trace))
            log(LogLevel::Trace, "TLS handshake made", {{"remote", remote()}, {"version", m_tls->version()}});
    }
    if (m_tls->blocked())
        markForFlush();
}

/// What is not TLS: a person with http:// in the address gets to know, others get the end.
void Channel::refusePlain(char first)
{
    if (isLetter(first)) {
        refuse(Error{ErrorCode::BadRequest, "This port speaks TLS: use https:// or wss://", {}});
        return;
    }
    if (logEnabled(LogLevel::Debug))
        log(LogLevel::Debug, "connection refused: it does not begin with TLS", {{"remote", remote()}});
    linger();
}

/// At debug only: who floods us with handshakes must not flood the log.
void Channel::handshakeFailed()
{
    if (logEnabled(LogLevel::Debug))
        log(LogLevel::Debug, "TLS handshake failed", {{"remote", remote()}, {"reason", m_tls->failure()}});
    m_tls->flush(); // the alert that says why
    m_tls.reset();
    linger(); // so that a reset does not overtake it
}

void Channel::flushSecure()
{
    std::array<iovec, vectorsPerWrite> vectors;
    while (m_state != State::Dead) {
        const TlsSession::Progress progress = m_tls->flush();
        if (progress == TlsSession::Progress::Again) {
            waitForKernel();
            return;
        }
        size_t taken = 0;
        if (progress == TlsSession::Progress::Done) {
            const size_t count = gather(vectors);
            if (count == 0)
                break;
            taken = m_tls->write({vectors.data(), count});
        }
        if (taken == 0) {
            die();
            return;
        }
        m_output.consume(taken); // from here on the session holds them, at most one record
        armWriting();
    }
    if (m_state != State::Dead)
        allWritten();
}

} // namespace mws
