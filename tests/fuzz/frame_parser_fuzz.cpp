#include "fuzz/fuzz_input.h"
#include "fuzz/reference_utf8.h"
#include "protocol/frame_parser.h"

#include <optional>
#include <string>

using namespace mws;
using namespace mws::test;

namespace {

using Type = FrameParser::EventType;
constexpr FrameLimits limits{4096, 8};

struct Heard
{
    Type type;
    Opcode opcode;
    std::string payload; ///< not of Failed: that is only a sentence
    CloseCode code;
    friend bool operator==(const Heard &, const Heard &) = default;
};

std::vector<Heard> hear(const std::vector<std::string_view> &pieces)
{
    FrameParser parser(limits);
    std::vector<Heard> all;
    for (const std::string_view piece : pieces) {
        std::string copy(piece);
        std::span<char> rest(copy);
        while (true) {
            size_t consumed = 0;
            const FrameParser::Event event = parser.next(rest, consumed);
            require(consumed <= rest.size());
            rest = rest.subspan(consumed);
            require(parser.bufferedBytes() <= limits.messageBytes + 125 + 14);
            if (event.type == Type::None)
                break;
            const bool failed = event.type == Type::Failed;
            all.push_back({event.type, failed ? Opcode::Text : event.opcode,
                           failed ? std::string() : std::string(event.payload), event.code});
            if (failed)
                return all;
        }
        require(rest.empty());
    }
    return all;
}

/// RFC 6455 §5 over bytes that are all there, a frame at a time.
class Reference
{
public:
    explicit Reference(std::string_view bytes) : m_bytes(bytes) {}

    std::vector<Heard> read()
    {
        while (!m_ended)
            frame();
        return std::move(m_heard);
    }

private:
    struct Frame
    {
        bool fin = false;
        Opcode opcode = Opcode::Text;
        uint64_t length = 0;
        std::string payload; ///< what has come of it
        bool whole() const { return payload.size() == length; }
    };

    void say(Type type, Opcode opcode, std::string payload, CloseCode code = CloseCode::NoStatus)
    {
        m_heard.push_back({type, opcode, std::move(payload), code});
    }

    void fail(CloseCode code)
    {
        if (!m_ended)
            say(Type::Failed, Opcode::Text, {}, code);
        m_ended = true;
    }

    void failUnless(bool holds, CloseCode code = CloseCode::ProtocolError)
    {
        if (!holds)
            fail(code);
    }

    unsigned byte()
    {
        if (m_ended || m_bytes.empty()) {
            m_ended = true;
            return 0;
        }
        const auto value = static_cast<uint8_t>(m_bytes.front());
        m_bytes.remove_prefix(1);
        return value;
    }

    Frame header()
    {
        Frame frame;
        const unsigned first = byte();
        frame.fin = first >= 128;
        frame.opcode = static_cast<Opcode>(first % 16);
        const unsigned kind = first % 16;
        if (m_ended)
            return frame;
        failUnless(first / 16 % 8 == 0 && (kind <= 2 || (kind >= 8 && kind <= 10)));
        if (kind >= 8)
            failUnless(frame.fin);
        else
            failUnless((kind == 0) == m_message.has_value());
        if (kind == 0)
            failUnless(m_fragments < limits.fragments, CloseCode::PolicyViolation);
        const unsigned second = byte();
        if (m_ended)
            return frame;
        failUnless(second >= 128);
        frame.length = second % 128;
        failUnless(kind < 8 || frame.length <= 125);
        failUnless(kind != 8 || frame.length != 1);
        if (!m_ended && frame.length >= 126)
            readLongLength(frame);
        const uint64_t room = limits.messageBytes - (m_message ? m_message->size() : 0);
        if (!m_ended)
            failUnless(kind >= 8 || frame.length <= room, CloseCode::MessageTooBig);
        return frame;
    }

    void readLongLength(Frame &frame)
    {
        const bool wide = frame.length == 127;
        frame.length = 0;
        for (int i = 0; i < (wide ? 8 : 2); ++i)
            frame.length = frame.length * 256 + byte();
        if (!m_ended)
            failUnless(frame.length >= (wide ? 65536u : 126u) && frame.length < uint64_t(1) << 63);
    }

    void frame()
    {
        Frame frame = header();
        unsigned key[4];
        for (unsigned &part : key)
            part = byte();
        if (m_ended)
            return;
        while (!frame.whole() && !m_bytes.empty())
            frame.payload.push_back(char(byte() ^ key[frame.payload.size() % 4]));
        if (frame.opcode == Opcode::Text || frame.opcode == Opcode::Binary ||
            frame.opcode == Opcode::Continuation)
            data(frame);
        else
            control(frame);
        m_ended = m_ended || !frame.whole();
    }

    void data(const Frame &frame)
    {
        if (frame.opcode != Opcode::Continuation) {
            m_message.emplace();
            m_opcode = frame.opcode;
            m_fragments = 0;
        }
        ++m_fragments;
        m_message->append(frame.payload);
        const bool done = frame.whole() && frame.fin;
        if (m_opcode == Opcode::Text) {
            const Utf8Reading reading = readUtf8(*m_message);
            failUnless(done ? reading.valid() : reading.refusedAt == std::string::npos,
                       CloseCode::InvalidPayload);
        }
        if (!done || m_ended)
            return;
        say(Type::Message, m_opcode, *m_message);
        m_message.reset();
    }

    void control(const Frame &frame)
    {
        if (!frame.whole())
            return;
        if (frame.opcode != Opcode::Close)
            return say(frame.opcode == Opcode::Ping ? Type::Ping : Type::Pong, frame.opcode, frame.payload);
        if (frame.payload.empty()) {
            say(Type::Close, Opcode::Close, {});
        } else {
            const unsigned code =
                static_cast<uint8_t>(frame.payload[0]) * 256u + static_cast<uint8_t>(frame.payload[1]);
            failUnless((code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                       (code >= 3000 && code <= 4999));
            failUnless(readUtf8(frame.payload.substr(2)).valid(), CloseCode::InvalidPayload);
            if (!m_ended)
                say(Type::Close, Opcode::Close, frame.payload.substr(2), static_cast<CloseCode>(code));
        }
        m_ended = true;
    }

    std::string_view m_bytes;
    std::vector<Heard> m_heard;
    bool m_ended = false;
    std::optional<std::string> m_message;
    Opcode m_opcode = Opcode::Text;
    unsigned m_fragments = 0;
};

} // namespace

/// What is heard is what a plain reader of RFC 6455 hears, however the bytes are split.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const FuzzInput input(data, size);
    const std::vector<Heard> whole = hear({input.bytes()});
    require(whole == hear(input.pieces()));
    require(whole == Reference(input.bytes()).read());
    return 0;
}
