#include "support/raw_connection.h"

#include "support/tls_handshake.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace mws::test {

namespace {

struct Address
{
    sockaddr_storage storage{};
    socklen_t length = 0;
    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage); }
};

Address address(const std::string &host, uint16_t port)
{
    Address result;
    auto &v4 = reinterpret_cast<sockaddr_in &>(result.storage);
    auto &v6 = reinterpret_cast<sockaddr_in6 &>(result.storage);
    if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        result.length = sizeof v4;
    } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        result.length = sizeof v6;
    }
    return result;
}

bool waitFor(int descriptor, short events, const Deadline &deadline)
{
    pollfd entry{descriptor, events, 0};
    int ready = 0;
    do {
        ready = ::poll(&entry, 1, deadline.left());
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

bool connectWithin(int descriptor, const Address &to, const Deadline &deadline)
{
    if (::connect(descriptor, to.get(), to.length) == 0)
        return true;
    if (errno != EINPROGRESS || !waitFor(descriptor, POLLOUT, deadline))
        return false;
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

} // namespace

RawConnection::RawConnection(const Endpoint &endpoint)
{
    const Address to = address(endpoint.host, endpoint.port);
    const int descriptor = ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (endpoint.receiveBuffer > 0)
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &endpoint.receiveBuffer, sizeof(int));
    bool good = true;
    if (!endpoint.source.empty()) {
        const Address from = address(endpoint.source, 0);
        good = ::bind(descriptor, from.get(), from.length) == 0;
    }
    good = good && connectWithin(descriptor, to, Deadline(patience));
    if (good && endpoint.tls) {
        m_tls = makeTlsHandshake(*endpoint.tls, descriptor, Deadline(patience));
        good = m_tls != nullptr;
    }
    if (good)
        m_descriptor = descriptor;
    else
        ::close(descriptor);
}

RawConnection::RawConnection(RawConnection &&other) noexcept
    : m_tls(std::move(other.m_tls)),
      m_sawCloseNotify(other.m_sawCloseNotify),
      m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_buffer(std::move(other.m_buffer)),
      m_atEnd(other.m_atEnd)
{}

RawConnection &RawConnection::operator=(RawConnection &&other) noexcept
{
    std::swap(m_tls, other.m_tls);
    std::swap(m_sawCloseNotify, other.m_sawCloseNotify);
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_buffer, other.m_buffer);
    std::swap(m_atEnd, other.m_atEnd);
    return *this;
}

RawConnection::~RawConnection()
{
    close();
}

bool RawConnection::send(std::string_view bytes, std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    while (!bytes.empty()) {
        const size_t sent = sendAvailable(bytes);
        bytes.remove_prefix(sent);
        if (sent == 0 && (!isOpen() || errno != EAGAIN || !waitFor(m_descriptor, POLLOUT, deadline)))
            return false;
    }
    return true;
}

size_t RawConnection::sendAvailable(std::string_view bytes)
{
    size_t total = 0;
    while (m_tls && total < bytes.size()) {
        size_t sent = 0;
        if (SSL_write_ex(m_tls.get(), bytes.data() + total, bytes.size() - total, &sent) != 1) {
            errno = SSL_get_error(m_tls.get(), 0) == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
            return total;
        }
        total += sent;
    }
    while (total < bytes.size()) {
        const ssize_t sent = ::send(m_descriptor, bytes.data() + total, bytes.size() - total, MSG_NOSIGNAL);
        if (sent <= 0)
            break;
        total += size_t(sent);
    }
    return total;
}

bool RawConnection::receive(const Deadline &deadline)
{
    if (m_atEnd || !isOpen() || !waitFor(m_descriptor, POLLIN, deadline))
        return false;
    if (m_tls) {
        const size_t before = m_buffer.size();
        receiveSecure();
        return !m_atEnd || m_buffer.size() > before;
    }
    char chunk[65536];
    const ssize_t got = ::recv(m_descriptor, chunk, sizeof chunk, 0);
    if (got > 0) {
        m_buffer.append(chunk, size_t(got));
        return true;
    }
    m_atEnd = got == 0 || errno != EAGAIN;
    return false;
}

/// One record, if it is whole.
void RawConnection::receiveSecure()
{
    char chunk[65536];
    size_t got = 0;
    const int result = SSL_read_ex(m_tls.get(), chunk, sizeof chunk, &got);
    m_buffer.append(chunk, got);
    const int error = SSL_get_error(m_tls.get(), result);
    m_sawCloseNotify = error == SSL_ERROR_ZERO_RETURN;
    m_atEnd = result != 1 && error != SSL_ERROR_WANT_READ;
}

std::string RawConnection::certificateSerial() const
{
    return m_tls ? peerSerial(*m_tls) : std::string();
}

std::string RawConnection::take(size_t count)
{
    count = std::min(count, m_buffer.size());
    std::string taken = m_buffer.substr(0, count);
    m_buffer.erase(0, count);
    return taken;
}

std::string RawConnection::readUntil(std::string_view mark, std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    size_t at = m_buffer.find(mark);
    while (at == std::string::npos && receive(deadline))
        at = m_buffer.find(mark);
    return take(at == std::string::npos ? m_buffer.size() : at + mark.size());
}

std::string RawConnection::read(size_t count, std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    while (m_buffer.size() < count && receive(deadline)) {
    }
    return take(count);
}

std::string RawConnection::readToEnd(std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    while (receive(deadline)) {
    }
    return take(m_buffer.size());
}

bool RawConnection::waitForEnd(std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    while (receive(deadline)) {
    }
    return m_atEnd;
}

bool RawConnection::waitForData(std::chrono::milliseconds wait)
{
    return !m_buffer.empty() || receive(Deadline(wait)) || m_atEnd;
}

std::pair<int, std::string> RawConnection::release()
{
    return {std::exchange(m_descriptor, -1), std::exchange(m_buffer, {})};
}

void RawConnection::shutdownWrite()
{
    if (m_tls)
        SSL_shutdown(m_tls.get());
    ::shutdown(m_descriptor, SHUT_WR);
}

void RawConnection::reset()
{
    const linger abort{1, 0};
    ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    close();
}

void RawConnection::close()
{
    if (isOpen())
        ::close(std::exchange(m_descriptor, -1));
    m_tls.reset();
}

} // namespace mws::test
