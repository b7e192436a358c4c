#include "support/swarm.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mws::test {

namespace {

constexpr size_t beginningBytes = 16384;
constexpr size_t bufferBytes = 65536;

sockaddr_in address(const std::string &host, uint16_t port)
{
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    EXPECT_EQ(::inet_pton(AF_INET, host.c_str(), &result.sin_addr), 1) << host;
    return result;
}

/// 127.1.0.1 to 127.1.199.250, one after the other.
std::string spreadSource(size_t index)
{
    constexpr size_t hosts = 250;
    constexpr size_t nets = 200;
    return "127.1." + std::to_string(index / hosts % nets) + '.' + std::to_string(1 + index % hosts);
}

SwarmPeer::End endOf(int error)
{
    return error == ETIMEDOUT ? SwarmPeer::End::Timeout : SwarmPeer::End::Reset;
}

} // namespace

void SwarmPeer::send(std::string_view bytes)
{
    m_pending += bytes;
    write();
}

void SwarmPeer::flood(std::shared_ptr<const std::string> block)
{
    m_block = std::move(block);
    m_blockAt = 0;
    write();
}

void SwarmPeer::write()
{
    // A flood goes on in the next turn, so that one peer does not keep the others waiting.
    for (int round = 0; m_state == State::Open && round < 4; ++round) {
        const bool flooding = m_pending.empty() && m_block;
        const std::string_view bytes = flooding ? std::string_view(*m_block).substr(m_blockAt) : m_pending;
        if (bytes.empty())
            break;
        const ssize_t taken = ::send(m_descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (taken < 0 && errno == EAGAIN)
            break;
        if (taken < 0) {
            finish(endOf(errno));
            return;
        }
        m_sent += uint64_t(taken);
        if (flooding)
            m_blockAt = (m_blockAt + size_t(taken)) % m_block->size();
        else
            m_pending.erase(0, size_t(taken));
    }
    watch();
}

void SwarmPeer::watch()
{
    if (m_state == State::Ended)
        return;
    uint32_t events = m_reads ? uint32_t(EPOLLIN) : 0;
    if (m_state == State::Connecting || !m_pending.empty() || m_block)
        events |= EPOLLOUT;
    if (events == m_interest)
        return;
    epoll_event event{};
    event.events = events;
    event.data.ptr = this;
    ::epoll_ctl(m_swarm->m_epoll, EPOLL_CTL_MOD, m_descriptor, &event);
    m_interest = events;
}

void SwarmPeer::stopReading()
{
    m_reads = false;
    watch();
}

void SwarmPeer::readAgain()
{
    m_reads = true;
    watch();
}

void SwarmPeer::close()
{
    finish(End::Ourselves);
}

void SwarmPeer::reset()
{
    const linger hard{.l_onoff = 1, .l_linger = 0};
    if (m_descriptor >= 0)
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    finish(End::Ourselves);
}

void SwarmPeer::finish(End end)
{
    if (m_state == State::Ended)
        return;
    m_swarm->m_open -= m_state == State::Open;
    ++m_swarm->m_ended;
    ++m_swarm->m_endedBy[size_t(end)];
    m_state = State::Ended;
    m_end = end;
    m_ended = std::chrono::steady_clock::now();
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    m_descriptor = -1;
    m_block.reset();
    m_pending = {};
    if (m_swarm->m_script.ended)
        m_swarm->m_script.ended(*this);
}

Swarm::Swarm(Endpoint endpoint, SwarmScript script)
    : m_endpoint(std::move(endpoint)),
      m_script(std::move(script)),
      m_epoll(::epoll_create1(EPOLL_CLOEXEC)),
      m_buffer(bufferBytes),
      m_nextTick(std::chrono::steady_clock::now() + m_script.tick)
{}

Swarm::~Swarm()
{
    m_script = {};
    closeAll();
    ::close(m_epoll);
}

void Swarm::closeAll()
{
    for (const auto &peer : m_peers)
        peer->close();
}

void Swarm::connect(size_t count)
{
    m_peers.reserve(m_peers.size() + count);
    for (size_t i = 0; i < count; ++i) {
        SwarmPeer &peer = *m_peers.emplace_back(std::make_unique<SwarmPeer>());
        peer.m_swarm = this;
        peer.m_index = m_begun++;
        peer.m_started = std::chrono::steady_clock::now();
        begin(peer);
    }
}

void Swarm::begin(SwarmPeer &peer)
{
    const int one = 1;
    peer.m_descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (peer.m_descriptor < 0) {
        ADD_FAILURE() << "no descriptor for connection " << peer.m_index << ", errno " << errno;
        peer.finish(SwarmPeer::End::Ourselves);
        return;
    }
    ::setsockopt(peer.m_descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ::setsockopt(peer.m_descriptor, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (m_endpoint.receiveBuffer > 0)
        ::setsockopt(peer.m_descriptor, SOL_SOCKET, SO_RCVBUF, &m_endpoint.receiveBuffer,
                     sizeof m_endpoint.receiveBuffer);
    const sockaddr_in from =
        address(m_endpoint.source.empty() ? spreadSource(peer.m_index) : m_endpoint.source, 0);
    const sockaddr_in to = address(m_endpoint.host, m_endpoint.port);
    epoll_event event{};
    event.events = peer.m_interest = EPOLLIN | EPOLLOUT;
    event.data.ptr = &peer;
    const bool begun =
        ::bind(peer.m_descriptor, reinterpret_cast<const sockaddr *>(&from), sizeof from) == 0 &&
        (::connect(peer.m_descriptor, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0 ||
         errno == EINPROGRESS);
    if (!begun) {
        ADD_FAILURE() << "connection " << peer.m_index << " does not begin, errno " << errno;
        peer.finish(SwarmPeer::End::Ourselves);
    } else {
        ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, peer.m_descriptor, &event);
    }
}

bool Swarm::runUntil(const std::function<bool()> &done, std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    while (!done()) {
        const int left = deadline.left();
        if (left == 0)
            return false;
        turn(std::min(left, 10));
    }
    return true;
}

void Swarm::runFor(std::chrono::milliseconds time)
{
    runUntil([] { return false; }, time);
}

void Swarm::turn(int timeout)
{
    std::array<epoll_event, 512> events;
    const int count = ::epoll_wait(m_epoll, events.data(), int(events.size()), timeout);
    for (int i = 0; i < count; ++i)
        event(*static_cast<SwarmPeer *>(events[size_t(i)].data.ptr), events[size_t(i)].events);
    if (m_script.ticked && std::chrono::steady_clock::now() >= m_nextTick)
        tick();
}

void Swarm::tick()
{
    m_nextTick = std::max(m_nextTick + m_script.tick, std::chrono::steady_clock::now());
    for (const auto &peer : m_peers)
        if (peer->m_state == SwarmPeer::State::Open)
            m_script.ticked(*peer);
}

void Swarm::event(SwarmPeer &peer, uint32_t events)
{
    if (peer.m_state == SwarmPeer::State::Ended)
        return; // earlier in this turn
    if (peer.m_state == SwarmPeer::State::Connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(peer.m_descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            peer.finish(endOf(error));
            return;
        }
        if (!(events & EPOLLOUT))
            return;
        peer.m_state = SwarmPeer::State::Open;
        peer.m_connected = std::chrono::steady_clock::now();
        ++m_open;
        peer.watch();
        if (m_script.connected)
            m_script.connected(peer);
    } else if (events & EPOLLOUT) {
        peer.write();
    }
    if (peer.m_state == SwarmPeer::State::Open && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        read(peer);
}

void Swarm::read(SwarmPeer &peer)
{
    if (!peer.m_reads) { // EPOLLERR or EPOLLHUP came all the same: the gateway sent RST
        peer.finish(SwarmPeer::End::Reset);
        return;
    }
    const ssize_t size = ::recv(peer.m_descriptor, m_buffer.data(), m_buffer.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN)
        return;
    if (size <= 0) {
        peer.finish(size == 0 ? SwarmPeer::End::Closed : endOf(errno));
        return;
    }
    peer.m_received += uint64_t(size);
    const std::string_view bytes(m_buffer.data(), size_t(size));
    if (peer.m_beginning.size() < beginningBytes)
        peer.m_beginning += bytes.substr(0, beginningBytes - peer.m_beginning.size());
    if (m_script.received)
        m_script.received(peer, bytes);
}

void Swarm::forgetEnded()
{
    std::erase_if(m_peers, [](const auto &peer) { return peer->m_state == SwarmPeer::State::Ended; });
}

uint64_t Swarm::sent() const
{
    uint64_t sum = 0;
    for (const auto &peer : m_peers)
        sum += peer->m_sent;
    return sum;
}

uint64_t Swarm::received() const
{
    uint64_t sum = 0;
    for (const auto &peer : m_peers)
        sum += peer->m_received;
    return sum;
}

size_t Swarm::answered(int status) const
{
    const std::string line = "HTTP/1.1 " + std::to_string(status) + ' ';
    return size_t(std::count_if(m_peers.begin(), m_peers.end(), [&](const auto &peer) {
        return peer->beginning().find(line) != std::string::npos;
    }));
}

} // namespace mws::test
