#include "support/socket_swarm.h"

#include <array>
#include <cerrno>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mws::test {

namespace {

constexpr int longestWaitMs = 20;

struct FrameHead
{
    Opcode opcode;
    size_t size;      ///< of the head
    uint64_t payload; ///< its size
};

/// The head of a server's frame: whole messages, not masked. Nothing if it has not all come.
std::optional<FrameHead> frameHead(std::string_view bytes)
{
    const auto at = [bytes](size_t i) { return uint64_t(uint8_t(bytes[i])); };
    if (bytes.size() < 2)
        return std::nullopt;
    FrameHead head{Opcode(at(0) & 0x0f), 2, at(1) & 0x7f};
    const size_t lengthBytes = head.payload == 126 ? 2 : head.payload == 127 ? 8 : 0;
    if (bytes.size() < 2 + lengthBytes)
        return std::nullopt;
    if (lengthBytes > 0)
        head.payload = 0;
    for (; head.size < 2 + lengthBytes; ++head.size)
        head.payload = head.payload << 8 | at(head.size);
    return head;
}

} // namespace

SocketSwarm::SocketSwarm(Receive receive)
    : m_receive(std::move(receive)), m_epoll(::epoll_create1(EPOLL_CLOEXEC)), m_buffer(1 << 17)
{}

SocketSwarm::~SocketSwarm()
{
    for (const auto &socket : m_sockets)
        if (socket->descriptor >= 0)
            ::close(socket->descriptor);
    ::close(m_epoll);
}

size_t SocketSwarm::add(RawWebSocket &&socket)
{
    auto entry = std::make_unique<Socket>();
    entry->number = m_sockets.size();
    std::tie(entry->descriptor, entry->input) = socket.connection().release();
    Socket &added = *m_sockets.emplace_back(std::move(entry));
    ++m_open;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &added;
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, added.descriptor, &event);
    takeFrames(added);
    return added.number;
}

bool SocketSwarm::run(const std::function<bool()> &done, std::chrono::milliseconds wait)
{
    const Deadline deadline(wait);
    std::array<epoll_event, 256> events;
    while (!done()) {
        const int left = deadline.left();
        if (left == 0)
            return false;
        const int count =
            ::epoll_wait(m_epoll, events.data(), int(events.size()), std::min(left, longestWaitMs));
        for (int i = 0; i < count; ++i)
            readable(*static_cast<Socket *>(events[size_t(i)].data.ptr));
    }
    return true;
}

void SocketSwarm::readable(Socket &socket)
{
    if (socket.descriptor < 0)
        return;
    const ssize_t got = ::recv(socket.descriptor, m_buffer.data(), m_buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
        socket.input.append(m_buffer.data(), size_t(got));
        takeFrames(socket);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        finish(socket);
    }
}

void SocketSwarm::takeFrames(Socket &socket)
{
    size_t used = 0;
    while (socket.descriptor >= 0) {
        const std::string_view rest = std::string_view(socket.input).substr(used);
        const std::optional<FrameHead> head = frameHead(rest);
        if (!head || rest.size() < head->size + head->payload)
            break;
        frame(socket, head->opcode, rest.substr(head->size, head->payload));
        used += head->size + head->payload;
    }
    socket.input.erase(0, used);
}

void SocketSwarm::frame(Socket &socket, Opcode opcode, std::string_view payload)
{
    switch (opcode) {
    case Opcode::Text:
    case Opcode::Binary:
        EXPECT_EQ(socket.end.code, 0) << "data after a Close";
        m_receive(socket.number, payload);
        break;
    case Opcode::Ping:
        send(socket.number, {Opcode::Pong, std::string(payload)});
        break;
    case Opcode::Close:
        socket.end = {WireFrame{opcode, std::string(payload)}.closeCode(), std::chrono::steady_clock::now()};
        send(socket.number, {Opcode::Close, std::string(payload)});
        break;
    case Opcode::Pong:
    case Opcode::Continuation:
        break;
    }
}

void SocketSwarm::send(size_t socket, const WireFrame &frame)
{
    const std::string bytes = frameText(frame);
    // A client whose frame does not fit into the kernel's buffer has a peer that does not read any more.
    [[maybe_unused]] const ssize_t sent =
        ::send(m_sockets[socket]->descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void SocketSwarm::close(size_t socket, bool politely)
{
    if (m_sockets[socket]->descriptor < 0)
        return;
    if (politely)
        send(socket, {Opcode::Close, closePayload(1000)});
    finish(*m_sockets[socket]);
}

void SocketSwarm::finish(Socket &socket)
{
    ::close(std::exchange(socket.descriptor, -1));
    socket.input = {};
    --m_open;
    if (socket.end.code == 0)
        socket.end = {1006, std::chrono::steady_clock::now()};
}

} // namespace mws::test
