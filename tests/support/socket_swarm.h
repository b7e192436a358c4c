#pragma once

#include "support/raw_web_socket.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mws::test {

/// Many WebSocket clients that read as fast as they can, on the thread that calls run(). Pings and Closes are
/// answered. Thread: one at a time.
class SocketSwarm
{
public:
    /// How a socket ended: the code of the server's Close, 1006 if the connection ended without one.
    struct End
    {
        int code = 0; ///< 0: it is open
        std::chrono::steady_clock::time_point at{};
    };
    using Receive = std::function<void(size_t socket, std::string_view payload)>;

    explicit SocketSwarm(Receive receive);
    ~SocketSwarm();
    SocketSwarm(const SocketSwarm &) = delete;
    SocketSwarm &operator=(const SocketSwarm &) = delete;

    /// Takes over an open socket; sockets are numbered in their order, from 0.
    size_t add(RawWebSocket &&socket);
    /// Reads and answers until `done` says so, which is asked after each batch of events and at least every
    /// 20 ms; false if it did not within `wait`.
    bool run(const std::function<bool()> &done, std::chrono::milliseconds wait);
    /// Closes a socket from this side, with a Close frame or without a word. Its end is then 1006.
    void close(size_t socket, bool politely);
    void send(size_t socket, const WireFrame &frame);

    size_t size() const { return m_sockets.size(); }
    size_t openCount() const { return m_open; }
    const End &end(size_t socket) const { return m_sockets[socket]->end; }

private:
    struct Socket
    {
        size_t number = 0;
        int descriptor = -1;
        std::string input;
        End end;
    };

    void readable(Socket &socket);
    void takeFrames(Socket &socket);
    void frame(Socket &socket, Opcode opcode, std::string_view payload);
    void finish(Socket &socket);

    Receive m_receive;
    int m_epoll;
    size_t m_open = 0;
    std::vector<std::unique_ptr<Socket>> m_sockets;
    std::vector<char> m_buffer;
};

} // namespace mws::test
