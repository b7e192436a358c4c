#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mws {

/// RFC 6455 §5.2.
enum class Opcode : uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

/// The close codes that the gateway uses itself; close_codes.h says when, and what a client then does.
enum class CloseCode : uint16_t {
    Normal = 1000,        ///< closed by the backend
    GoingAway = 1001,     ///< the server is going away
    ProtocolError = 1002, ///< a frame that RFC 6455 does not allow
    UnsupportedData = 1003,
    NoStatus = 1005,       ///< never on the wire: a Close without a code
    Abnormal = 1006,       ///< never on the wire: the connection was lost
    InvalidPayload = 1007, ///< text that is not UTF-8
    PolicyViolation = 1008,
    MessageTooBig = 1009,
    InternalError = 1011,
    ServiceRestart = 1012, ///< this node missed messages: fetch anew
    TryAgainLater = 1013,  ///< the client reads too slowly
};

/// A whole unfragmented server frame (no mask), ready to write.
std::string makeFrame(Opcode opcode, std::string_view payload);

/// How many bytes of payload a frame of makeFrame() has.
inline size_t payloadBytes(std::string_view frame)
{
    const size_t length = frame.size() < 2 ? 0 : uint8_t(frame[1]);
    return frame.size() - (length < 126 ? 2 : length == 126 ? 4 : 10);
}

/// The same as a client would send it with an all-zero masking key, which is what QWebSocket is fed: the mask
/// bit is there and the payload is in clear.
std::string makeMaskedFrame(Opcode opcode, std::string_view payload);

/// A Close frame; `reason` is cut at 123 bytes, at the end of a character. NoStatus: an empty Close.
std::string makeCloseFrame(CloseCode code, std::string_view reason);
/// `reason` cut at 123 bytes, at the end of a character.
std::string_view closeReason(std::string_view reason);

} // namespace mws
