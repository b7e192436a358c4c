#pragma once

#include "support/deadline.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct ssl_st;

namespace mws::test {

/// How a TLS client behaves.
struct TlsClient
{
    std::string authorities;      ///< file with who signs the server's certificate
    std::string certificate = {}; ///< file with its own; empty: it has none
    std::string key = {};
};

/// Where a connection goes to, and where it comes from.
struct Endpoint
{
    uint16_t port = 0;
    std::string host = "127.0.0.1";            ///< an IPv4 or IPv6 address
    std::string source = {};                   ///< local address to come from, e.g. `127.0.0.7`; empty: any
    int receiveBuffer = 0;                     ///< SO_RCVBUF in bytes; 0: the system's
    std::shared_ptr<const TlsClient> tls = {}; ///< null: plain
};

/// A TCP or TLS connection for exact bytes; through TLS each send() is a record, or more. Every call ends by
/// its deadline, by poll() and never by sleeping. Thread: one at a time.
class RawConnection
{
public:
    RawConnection() = default;
    /// Connects, and makes the TLS handshake if there is one; isOpen() tells whether that worked.
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
    /// True if TLS's close_notify has come.
    bool sawCloseNotify() const { return m_sawCloseNotify; }
    /// Of the server, hexadecimal.
    std::string certificateSerial() const;

    void shutdownWrite(); ///< sends FIN, through TLS close_notify before it, and reads on
    void reset();         ///< closes with RST
    void close();
    /// Gives the descriptor of a connection without TLS away; what was read of it and not taken comes with
    /// it.
    std::pair<int, std::string> release();

private:
    bool receive(const Deadline &deadline);
    std::string take(size_t count);
    void receiveSecure();

    std::shared_ptr<ssl_st> m_tls;
    bool m_sawCloseNotify = false;
    int m_descriptor = -1;
    std::string m_buffer;
    bool m_atEnd = false;
};

} // namespace mws::test
