#pragma once

#include "support/http_client.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mws::test {

/// Opcodes of RFC 6455 §5.2.
enum class Opcode : uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

/// A frame as it is on the wire.
struct WireFrame
{
    Opcode opcode = Opcode::Text;
    std::string payload = {};
    bool fin = true;
    bool masked = true;
    uint8_t reserved = 0; ///< the three reserved bits

    /// Of a Close frame: its code, 1005 if it has none.
    int closeCode() const;
    std::string closeReason() const { return payload.size() > 2 ? payload.substr(2) : std::string(); }
};

/// The frame's bytes; masked with a fixed key.
std::string frameText(const WireFrame &frame);
/// The payload of a Close frame.
std::string closePayload(int code, std::string_view reason = {});

/// `ws://host/path?query` without its scheme and host: what goes into the request line.
std::string targetOf(const std::string &uri);

/// A WebSocket client for exact frames. Thread: one at a time.
class RawWebSocket
{
public:
    RawWebSocket() = default;
    /// Connects and makes the handshake; answer() tells how it went. `early` is sent in the same segment.
    RawWebSocket(const Endpoint &endpoint, const std::string &target, HttpHeaders headers = {},
                 std::string_view early = {});
    /// Goes on with a connection over which a handshake was sent.
    explicit RawWebSocket(RawConnection connection);

    const HttpAnswer &answer() const { return m_answer; }
    bool isOpen() const { return m_answer.status == 101; }

    bool send(const WireFrame &frame) { return m_connection.send(frameText(frame)); }
    bool sendText(std::string_view text) { return send({Opcode::Text, std::string(text)}); }
    bool sendClose(int code, std::string_view reason = {})
    {
        return send({Opcode::Close, closePayload(code, reason)});
    }

    /// The next frame; nothing if the server closes or time is up.
    std::optional<WireFrame> readAnyFrame(std::chrono::milliseconds wait = patience);
    /// The next frame that is no ping, which may come at any time after the handshake and is answered.
    std::optional<WireFrame> readFrame(std::chrono::milliseconds wait = patience);
    /// The next data message's payload; pings are answered on the way. Nothing on Close, end, or no time
    /// left.
    std::optional<std::string> readMessage(std::chrono::milliseconds wait = patience);
    /// The code of the server's Close, which is answered; data before it is skipped. 0: none came, 1006: the
    /// connection ended without one.
    int readClose(std::chrono::milliseconds wait = patience);
    /// True if the server closes the connection within `wait`.
    bool waitForEnd(std::chrono::milliseconds wait = patience) { return m_connection.waitForEnd(wait); }

    RawConnection &connection() { return m_connection; }

private:
    RawConnection m_connection;
    HttpAnswer m_answer;
};

} // namespace mws::test
