#pragma once

#include "protocol/frame.h"
#include "protocol/utf8_validator.h"

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
/// pass, however the bytes are split; holds a few bytes while nothing is half read. After Failed it says so
/// again; what follows a Close is taken and dropped (§1.4).
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

    ~FrameParser();
    FrameParser(FrameParser &&) noexcept;
    FrameParser &operator=(FrameParser &&) noexcept;

private:
    struct Header;
    struct Verdict;
    struct Partial;

    static Verdict protocolError(std::string_view why);
    Verdict checkFirst(uint8_t first) const;
    Verdict readHeader(std::string_view bytes, Header &header) const;
    Verdict checkLength(const Header &header) const;
    Verdict takeHeader(std::string_view bytes, size_t &taken, Header &header);
    void begin(const Header &header);
    Event takeWhole(const Header &header, std::span<char> payload);
    bool takePayload(std::span<char> bytes);
    Event finishMessage();
    Event finishControl(Opcode opcode, std::string_view payload);
    Event fail(CloseCode code, std::string_view why);
    Partial &partial();
    void dropFinished();

    size_t m_messageBytes;
    uint32_t m_fragments;
    CloseCode m_ended = CloseCode::NoStatus; ///< of Failed; Normal after a Close
    std::unique_ptr<Partial> m_partial;      ///< only while a frame or message is half read
};

} // namespace mws
