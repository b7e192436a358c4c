#pragma once

#include "support/raw_connection.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mws::test {

class Swarm;

/// One connection of a Swarm. Thread: the swarm's.
class SwarmPeer
{
public:
    using Time = std::chrono::steady_clock::time_point;
    enum class State : uint8_t { Connecting, Open, Ended };
    enum class End : uint8_t {
        None,
        Closed,   ///< the gateway said FIN
        Reset,    ///< the gateway sent RST, while or after it connected
        Timeout,  ///< the kernel gave up, e.g. on the handshake of TCP
        Ourselves ///< close() or reset() of this side
    };

    size_t index() const { return m_index; }
    State state() const { return m_state; }
    End end() const { return m_end; }
    uint64_t sent() const { return m_sent; }
    uint64_t received() const { return m_received; }
    /// What came first, up to 16 KiB.
    const std::string &beginning() const { return m_beginning; }
    Time started() const { return m_started; }
    Time connected() const { return m_connected; }
    Time ended() const { return m_ended; }

    /// Sends as the gateway takes it.
    void send(std::string_view bytes);
    /// Sends `block` again and again for as long as the gateway takes it.
    void flood(std::shared_ptr<const std::string> block);
    void stopFlood() { m_block.reset(); }
    /// Reads no more: what comes stays in the kernel, until that is full. The end is not noticed either.
    void stopReading();
    void readAgain();
    void close(); ///< FIN, or RST if something was not read
    void reset(); ///< RST

private:
    friend class Swarm;
    void write();
    void watch();
    void finish(End end);

    Swarm *m_swarm = nullptr;
    size_t m_index = 0;
    int m_descriptor = -1;
    uint32_t m_interest = 0;
    State m_state = State::Connecting;
    End m_end = End::None;
    bool m_reads = true;
    uint64_t m_sent = 0;
    uint64_t m_received = 0;
    size_t m_blockAt = 0;
    std::string m_pending;
    std::shared_ptr<const std::string> m_block;
    std::string m_beginning;
    Time m_started;
    Time m_connected;
    Time m_ended;
};

/// What the connections of a Swarm do; unset: nothing.
struct SwarmScript
{
    std::function<void(SwarmPeer &)> connected;
    std::function<void(SwarmPeer &, std::string_view bytes)> received;
    std::function<void(SwarmPeer &)> ticked; ///< while open, once per `tick`
    std::function<void(SwarmPeer &)> ended;
    std::chrono::milliseconds tick{100};
};

/// Thousands of connections to one gateway, driven by one thread with epoll, and only inside of its calls.
/// Their sources are spread over 127.0.0.0/8, because an address has only some 28,000 ports. What is open at
/// the end is closed. Thread: one at a time.
class Swarm
{
public:
    Swarm(Endpoint endpoint, SwarmScript script);
    ~Swarm();
    Swarm(const Swarm &) = delete;
    Swarm &operator=(const Swarm &) = delete;

    /// Begins `count` more connections at once; nothing of their script runs before run().
    void connect(size_t count);
    /// Drives them until `done`, which is asked again after each turn, is true; false if time is up first.
    bool runUntil(const std::function<bool()> &done, std::chrono::milliseconds wait);
    void runFor(std::chrono::milliseconds time);
    /// Forgets those that have ended, so that a swarm may go on for ever.
    void forgetEnded();
    void closeAll();

    const std::vector<std::unique_ptr<SwarmPeer>> &peers() const { return m_peers; }
    size_t begun() const { return m_begun; } ///< those that are forgotten included
    size_t open() const { return m_open; }
    size_t ended() const { return m_ended; }
    size_t connecting() const { return m_begun - m_open - m_ended; }
    /// How many ended so, those that are forgotten included.
    size_t endedBy(SwarmPeer::End end) const { return m_endedBy[size_t(end)]; }
    uint64_t sent() const;
    uint64_t received() const;
    /// Peers that were answered so in the first 16 KiB that came.
    size_t answered(int status) const;

private:
    friend class SwarmPeer;
    void begin(SwarmPeer &peer);
    void turn(int timeout);
    void event(SwarmPeer &peer, uint32_t events);
    void read(SwarmPeer &peer);
    void tick();

    Endpoint m_endpoint;
    SwarmScript m_script;
    int m_epoll = -1;
    std::vector<std::unique_ptr<SwarmPeer>> m_peers;
    std::vector<char> m_buffer;
    std::chrono::steady_clock::time_point m_nextTick;
    size_t m_begun = 0;
    size_t m_open = 0;
    size_t m_ended = 0;
    size_t m_endedBy[5] = {};
};

} // namespace mws::test
