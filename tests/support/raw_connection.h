#pragma once

#include "support/deadline.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mws::test {

/// Where a connection goes to, and where it comes from.
struct Endpoint
{
    uint16_t port = 0;
    std::string host = "127.0.0.1"; ///< an IPv4 or IPv6 address
    std::string source = {};        ///< local address to come from, e.g. `127.0.0.7`; empty: any
    int receiveBuffer = 0;          ///< SO_RCVBUF in bytes; 0: the system's
};

/// A TCP connection for exact bytes. Every call ends by its deadline, by poll() and never by sleeping.
/// Thread: one at a time.
class RawConnection
{
public:
    RawConnection() = default;
    /// Connects; isOpen() tells whether that worked.
    explicit RawConnection(const Endpoint &endpoint);
    RawConnection(RawConnection &&other) noexcept;
    RawConnection &operator=(RawConnection &&other) noexcept;
    ~RawConnection();

    bool isOpen() const { return m_descriptor >= 0; }
    /// False if the peer would not take all of it in time.
    bool send(std::string_view bytes, std::chrono::milliseconds wait = patience);
    /// As much as the peer's buffers take at once; how many bytes that were.
    size_t sendAvailable(std::string_view bytes);

    /// Up to and including `mark`; less if the peer closes or time is up.
    std::string readUntil(std::string_view mark, std::chrono::milliseconds wait = patience);
    /// `count` bytes; less if the peer closes or time is up.
    std::string read(size_t count, std::chrono::milliseconds wait = patience);
    /// All until the peer closes or time is up; atEnd() tells which.
    std::string readToEnd(std::chrono::milliseconds wait = patience);
    /// True if the peer closes within `wait`; what it still sends stays readable.
    bool waitForEnd(std::chrono::milliseconds wait = patience);
    /// True if there is something to read, or the end, within `wait`.
    bool waitForData(std::chrono::milliseconds wait = patience);
    bool atEnd() const { return m_atEnd && m_buffer.empty(); }

    void shutdownWrite(); ///< sends FIN and reads on
    void reset();         ///< closes with RST
    void close();
    /// Gives the descriptor away; what was read of it and not taken comes with it.
    std::pair<int, std::string> release();

private:
    bool receive(const Deadline &deadline);
    std::string take(size_t count);

    int m_descriptor = -1;
    std::string m_buffer;
    bool m_atEnd = false;
};

} // namespace mws::test
