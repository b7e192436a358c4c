#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mws::test {

/// Streams of numbered messages, each to a fixed set of sockets that read: every one of these must get each
/// number once and in order. A message's text holds `<STREAM NUMBER>`. Thread: sent() from the one that sends
/// a stream; the rest from the one that reads.
class Streams
{
public:
    explicit Streams(size_t sockets) : m_sockets(sockets) {}

    /// Before anything is sent; answers the stream.
    size_t add(std::vector<size_t> members);
    /// The mark of a stream's next message; counts it.
    std::string next(size_t stream);
    /// Failures are told for what is not the next number.
    void received(size_t socket, std::string_view payload);
    bool complete() const { return m_received == expectedDeliveries(); }
    uint64_t receivedCount() const { return m_received; }
    uint64_t expectedDeliveries() const;

private:
    struct Stream
    {
        std::vector<size_t> members;
        std::vector<uint64_t> next; ///< by socket
        std::atomic<uint64_t> sent{0};
    };

    size_t m_sockets;
    std::vector<std::unique_ptr<Stream>> m_streams;
    uint64_t m_received = 0;
};

} // namespace mws::test
