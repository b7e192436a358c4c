#include "net/listener.h"

#include "mws/base/log.h"
#include "net/connection_server.h"

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mws {

namespace {

constexpr int backlog = 4096;
/// Of the kernel for each connection, which inherit it: else it takes some 4 MB for one that never reads.
constexpr int sendBuffer = 256 * 1024;
constexpr int acceptsPerEvent = 64;
/// So long a connection whose handshake is under way may take to reach a listener that stops.
constexpr auto lastHandshakes = std::chrono::milliseconds(100);
constexpr auto pauseWithoutDescriptors = std::chrono::milliseconds(100);
constexpr auto betweenWarnings = std::chrono::seconds(10);

/// True once in 10 s, whatever the number of workers.
bool mayWarn(SteadyTime now)
{
    static std::atomic<SteadyTime> last{SteadyTime{}};
    SteadyTime before = last.load();
    return now - before >= betweenWarnings && last.compare_exchange_strong(before, now);
}

struct Address
{
    sockaddr_storage storage{};
    socklen_t size = 0;

    uint16_t port() const
    {
        return ntohs(storage.ss_family == AF_INET6
                         ? reinterpret_cast<const sockaddr_in6 *>(&storage)->sin6_port
                         : reinterpret_cast<const sockaddr_in *>(&storage)->sin_port);
    }
};

std::optional<Address> parseAddress(const std::string &text, uint16_t port)
{
    Address address;
    auto *v4 = reinterpret_cast<sockaddr_in *>(&address.storage);
    auto *v6 = reinterpret_cast<sockaddr_in6 *>(&address.storage);
    if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        address.size = sizeof *v4;
        return address;
    }
    if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        address.size = sizeof *v6;
        return address;
    }
    return std::nullopt;
}

void setOption(int fd, int level, int option, int value)
{
    ::setsockopt(fd, level, option, &value, sizeof value);
}

/// From now on the kernel drops every SYN to that listening socket, and nothing else.
void dropNewConnections(int fd)
{
    constexpr uint32_t flagsOffset = 13; // in the TCP header, which a filter of a TCP socket sees first
    constexpr uint32_t synAndAck = 0x12;
    constexpr uint32_t syn = 0x02;
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flagsOffset), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, synAndAck),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),  BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    const sock_fprog filter{std::size(program), program};
    ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

/// A bound socket, or -1 with errno.
int bindSocket(const Address &address, bool reusePort)
{
    const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort)
        setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    setOption(fd, SOL_SOCKET, SO_SNDBUF, sendBuffer);
    if (address.storage.ss_family == AF_INET6)
        setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (::bind(fd, reinterpret_cast<const sockaddr *>(&address.storage), address.size) == 0)
        return fd;
    const int reason = errno;
    ::close(fd);
    errno = reason;
    return -1;
}

Unexpected listenFailure(const std::string &address, uint16_t port)
{
    const std::string where =
        (address.find(':') == std::string::npos ? address : '[' + address + ']') + ':' + std::to_string(port);
    return Unexpected(ErrorCode::Unavailable, "cannot listen on " + where + ": " + std::strerror(errno));
}

} // namespace

Result<std::vector<int>> openListeners(const std::string &address, uint16_t &port, size_t count)
{
    std::optional<Address> where = parseAddress(address, port);
    if (!where)
        return Unexpected(ErrorCode::InvalidData, "'" + address + "' is not an IPv4 or IPv6 address",
                          "server.address");
    // A plain bind fails where another program listens, whatever options that one used.
    int probe = bindSocket(*where, false);
    if (probe < 0 && errno == EAFNOSUPPORT && address == "::") {
        where = parseAddress("0.0.0.0", port); // a machine without IPv6
        probe = bindSocket(*where, false);
    }
    if (probe < 0)
        return listenFailure(address, port);
    ::close(probe);
    std::vector<int> sockets;
    for (size_t i = 0; i < count; ++i) {
        const int fd = bindSocket(*where, true);
        if (fd >= 0)
            sockets.push_back(fd);
        if (fd < 0 || ::listen(fd, backlog) != 0) {
            const Unexpected failure = listenFailure(address, port);
            for (const int open : sockets)
                ::close(open);
            return failure;
        }
        if (port == 0) {
            ::getsockname(fd, reinterpret_cast<sockaddr *>(&where->storage), &where->size);
            port = where->port();
        }
    }
    return sockets;
}

Listener::Listener(ConnectionServer &server, int fd) : m_server(server), m_fd(fd)
{
    setMaxPendingConnections(1 << 30);
    if (!setSocketDescriptor(fd)) // QHttpServer insists on a server that listens
        qFatal("QTcpServer refused the listening socket");
    pauseAccepting();
}

Listener::~Listener()
{
    if (m_fd >= 0)
        m_server.dispatcher().watch(m_fd, nullptr, 0);
}

void Listener::start()
{
    m_server.dispatcher().watch(m_fd, this, EPOLLIN);
}

/// What is queued when a listening socket is closed is reset by the kernel, and so is whose handshake is not
/// complete: nothing new may begin, and what has begun is waited for.
void Listener::stop()
{
    if (m_fd < 0 || m_stopping)
        return;
    m_stopping = true;
    dropNewConnections(m_fd);
    m_server.wheel().arm(*this, m_server.now() + lastHandshakes);
    m_server.armed();
}

void Listener::closeForGood()
{
    while (acceptOne() == Accepted::One) {
    }
    m_server.dispatcher().watch(m_fd, nullptr, 0);
    m_server.wheel().disarm(*this);
    m_fd = -1;
    close();
}

void Listener::fdEvent(uint32_t)
{
    for (int i = 0; i < acceptsPerEvent; ++i) {
        switch (acceptOne()) {
        case Accepted::One:
            break;
        case Accepted::None:
            return;
        case Accepted::NoDescriptors:
            pause();
            return;
        }
    }
}

Listener::Accepted Listener::acceptOne()
{
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd = ::accept4(m_fd, reinterpret_cast<sockaddr *>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        m_server.accepted(fd, peer);
        return Accepted::One;
    }
    switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return Accepted::NoDescriptors;
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
        return Accepted::One; // that one has gone; the next may be there
    default:
        return Accepted::None;
    }
}

/// Without a descriptor to accept with, the listener would stay readable and the loop would spin.
void Listener::pause()
{
    if (mayWarn(m_server.now())) {
        log(LogLevel::Warning, "no descriptors left to accept with; raise the limit of open files",
            {{"connections", m_server.channelCount()}});
    }
    m_server.dispatcher().watch(m_fd, this, 0);
    if (m_stopping)
        return; // it ends soon
    m_server.wheel().arm(*this, m_server.now() + pauseWithoutDescriptors);
    m_server.armed();
}

void Listener::expired(SteadyTime)
{
    if (m_stopping)
        closeForGood();
    else if (m_fd >= 0)
        m_server.dispatcher().watch(m_fd, this, EPOLLIN);
}

} // namespace mws
