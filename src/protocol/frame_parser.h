#pragma once

#include "protocol/frame.h"
#include "protocol/utf8_validator.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace mws {

struct FrameLimits
{
    size_t messageBytes = 1 << 20;
    uint32_t fragments = 1024;
};

/// Reads what a client sends after the handshake (RFC 6455 §5): unmasks, reassembles, checks everything. One
/// pass, however the bytes are split; holds a few bytes while nothing is half read.
class FrameParser
{
public:
    enum class EventType : uint8_t {
        None,    ///< all bytes are taken, nothing is whole
        Message, ///< a whole data message
        Ping,
        Pong,
        Close,  ///< valid; code is NoStatus if it carried none
        Failed, ///< close with `code` and read no more
    };
    struct Event
    {
        EventType type = EventType::None;
        Opcode opcode = Opcode::Text; ///< of a Message
        std::string_view
            payload; ///< of Message, Ping, Pong; the reason of Close and Failed; valid until the next call
        CloseCode code = CloseCode::NoStatus;
    };

    explicit FrameParser(const FrameLimits &limits);

    /// Takes bytes from the front of `bytes` (which it may change: it unmasks in place) until one event is
    /// whole, and tells how many it took. Call again with the rest until it answers None.
    Event next(std::span<char> bytes, size_t &consumed);

    /// True inside a frame or between the fragments of a message: a deadline for its rest applies.
    bool midMessage() const;
    /// Bytes held for a message that is not whole yet.
    size_t bufferedBytes() const;

private:
    // Implementation's business; keep sizeof(FrameParser) at 64 bytes or less and allocate `Partial` only
    // while a frame or message is half read.
    struct Partial;
    FrameLimits m_limits;
    std::unique_ptr<Partial> m_partial;

public:
    ~FrameParser();
    FrameParser(FrameParser &&) noexcept;
    FrameParser &operator=(FrameParser &&) noexcept;
};

} // namespace mws
