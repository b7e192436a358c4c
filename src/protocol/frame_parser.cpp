#include "protocol/frame_parser.h"

#include "protocol/close_codes.h"
#include "protocol/message_buffer.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace mws {
namespace {

constexpr std::string_view notUtf8 = "text is not UTF-8";
constexpr size_t maxHeader = 14;
constexpr size_t maxControlPayload = 125;

using Key = std::array<char, 4>;

constexpr uint8_t byteAt(std::string_view bytes, size_t at)
{
    return static_cast<uint8_t>(bytes[at]);
}

constexpr bool isControl(Opcode opcode)
{
    return static_cast<uint8_t>(opcode) >= 8;
}

constexpr bool isKnown(uint8_t opcode)
{
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

/// RFC 6455 §5.3; a word at a time.
void unmask(std::span<char> bytes, const Key &key)
{
    uint64_t wide;
    std::memcpy(&wide, key.data(), 4);
    std::memcpy(reinterpret_cast<char *>(&wide) + 4, key.data(), 4);
    if (wide == 0)
        return;
    char *at = bytes.data();
    char *const end = at + bytes.size();
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        word ^= wide;
        std::memcpy(at, &word, 8);
    }
    for (size_t i = 0; at != end; ++at, ++i)
        *at = static_cast<char>(*at ^ key[i % key.size()]);
}

/// The key as it is `bytes` further on.
Key turned(const Key &key, size_t bytes)
{
    Key next;
    for (size_t i = 0; i < next.size(); ++i)
        next[i] = key[(i + bytes) % key.size()];
    return next;
}

} // namespace

struct FrameParser::Header
{
    uint64_t length = 0;
    Key key{};
    Opcode opcode = Opcode::Text;
    bool fin = false;
    uint8_t size = 0; ///< of the header itself
};

/// What a header comes to.
struct FrameParser::Verdict
{
    enum Kind : uint8_t { NeedMore, Whole, Refused };
    Kind kind = NeedMore;
    CloseCode code = CloseCode::ProtocolError;
    std::string_view why = {};
};

struct FrameParser::Partial
{
    MessageBuffer message;
    uint64_t left = 0; ///< of the frame's payload
    uint32_t fragments = 0;
    Key key{}; ///< turned to the next byte's place
    Opcode frameOpcode = Opcode::Text;
    Opcode messageOpcode = Opcode::Text;
    bool fin = false;
    bool inFrame = false;   ///< the header is read, the payload not yet
    bool inMessage = false; ///< `message` is not whole
    Utf8Validator utf8;
    uint8_t headerSize = 0;
    uint8_t controlSize = 0;
    std::array<char, maxHeader> header{};
    std::array<char, maxControlPayload> control{};
};

FrameParser::FrameParser(const FrameLimits &limits)
    : m_messageBytes(limits.messageBytes), m_fragments(limits.fragments)
{}

FrameParser::~FrameParser() = default;
FrameParser::FrameParser(FrameParser &&) noexcept = default;
FrameParser &FrameParser::operator=(FrameParser &&) noexcept = default;

FrameParser::Partial &FrameParser::partial()
{
    if (!m_partial)
        m_partial = std::make_unique<Partial>();
    return *m_partial;
}

bool FrameParser::midMessage() const
{
    return m_partial && (m_partial->inFrame || m_partial->inMessage || m_partial->headerSize > 0);
}

size_t FrameParser::bufferedBytes() const
{
    if (!midMessage())
        return 0;
    const size_t control =
        m_partial->inFrame && isControl(m_partial->frameOpcode) ? m_partial->controlSize : 0;
    return (m_partial->inMessage ? m_partial->message.size() : 0) + control + m_partial->headerSize;
}

void FrameParser::dropFinished()
{
    if (m_partial && !midMessage())
        m_partial.reset();
}

FrameParser::Event FrameParser::fail(CloseCode code, std::string_view why)
{
    m_ended = code;
    m_partial.reset();
    return {EventType::Failed, Opcode::Text, why, code};
}

FrameParser::Event FrameParser::next(std::span<char> bytes, size_t &consumed)
{
    consumed = 0;
    dropFinished();
    while (m_ended == CloseCode::NoStatus) {
        if (!m_partial || !m_partial->inFrame) {
            Header header;
            const std::span<char> rest = bytes.subspan(consumed);
            const Verdict verdict = takeHeader({rest.data(), rest.size()}, consumed, header);
            if (verdict.kind == Verdict::NeedMore)
                return {};
            if (verdict.kind == Verdict::Refused)
                return fail(verdict.code, verdict.why);
            const std::span<char> payload = bytes.subspan(consumed);
            const bool alone =
                isControl(header.opcode) || (header.fin && header.opcode != Opcode::Continuation);
            if (alone && payload.size() >= header.length) {
                consumed += static_cast<size_t>(header.length);
                return takeWhole(header, payload.first(static_cast<size_t>(header.length)));
            }
            begin(header);
        }
        const size_t size = static_cast<size_t>(std::min<uint64_t>(m_partial->left, bytes.size() - consumed));
        const bool valid = takePayload(bytes.subspan(consumed, size));
        consumed += size;
        if (!valid)
            return fail(CloseCode::InvalidPayload, notUtf8);
        if (m_partial->left > 0)
            return {};
        m_partial->inFrame = false;
        if (isControl(m_partial->frameOpcode))
            return finishControl(m_partial->frameOpcode, {m_partial->control.data(), m_partial->controlSize});
        if (m_partial->fin)
            return finishMessage();
    }
    consumed = bytes.size();
    return m_ended == CloseCode::Normal ? Event{} : Event{EventType::Failed, Opcode::Text, {}, m_ended};
}

FrameParser::Verdict FrameParser::takeHeader(std::string_view bytes, size_t &taken, Header &header)
{
    const size_t held = m_partial ? m_partial->headerSize : 0;
    if (held == 0) {
        const Verdict verdict = readHeader(bytes, header);
        if (verdict.kind == Verdict::Whole) {
            taken += header.size;
        } else if (verdict.kind == Verdict::NeedMore && !bytes.empty()) {
            taken += bytes.size();
            partial().headerSize = static_cast<uint8_t>(bytes.size());
            std::copy(bytes.begin(), bytes.end(), m_partial->header.begin());
        }
        return verdict;
    }
    bytes = bytes.substr(0, maxHeader - held);
    std::copy(bytes.begin(), bytes.end(), m_partial->header.begin() + held);
    const Verdict verdict = readHeader({m_partial->header.data(), held + bytes.size()}, header);
    if (verdict.kind == Verdict::Whole) {
        taken += header.size - held;
        m_partial->headerSize = 0;
    } else {
        taken += bytes.size();
        m_partial->headerSize = static_cast<uint8_t>(held + bytes.size());
    }
    return verdict;
}

FrameParser::Verdict FrameParser::protocolError(std::string_view why)
{
    return {Verdict::Refused, CloseCode::ProtocolError, why};
}

FrameParser::Verdict FrameParser::checkFirst(uint8_t first) const
{
    const auto opcode = static_cast<Opcode>(first & 0x0F);
    if ((first & 0x70) != 0)
        return protocolError("a reserved bit is set");
    if (!isKnown(first & 0x0F))
        return protocolError("unknown opcode");
    if (isControl(opcode))
        return (first & 0x80) != 0 ? Verdict{Verdict::Whole} : protocolError("a control frame is fragmented");
    const bool inMessage = m_partial && m_partial->inMessage;
    if ((opcode == Opcode::Continuation) != inMessage)
        return protocolError(inMessage ? "a message begins inside another" : "a continuation of nothing");
    if (inMessage && m_partial->fragments >= m_fragments)
        return {Verdict::Refused, CloseCode::PolicyViolation, "too many fragments"};
    return {Verdict::Whole};
}

// Each check is made as soon as its bytes are there, and in their order, so that the answer does not hang on
// how they were split.
FrameParser::Verdict FrameParser::readHeader(std::string_view bytes, Header &header) const
{
    if (bytes.empty())
        return {};
    const uint8_t first = byteAt(bytes, 0);
    if (const Verdict verdict = checkFirst(first); verdict.kind == Verdict::Refused)
        return verdict;
    header.fin = (first & 0x80) != 0;
    header.opcode = static_cast<Opcode>(first & 0x0F);
    if (bytes.size() < 2)
        return {};
    const uint8_t second = byteAt(bytes, 1);
    if ((second & 0x80) == 0)
        return protocolError("a frame is not masked");
    header.length = second & 0x7F;
    if (isControl(header.opcode) && header.length > maxControlPayload)
        return protocolError("a control frame is longer than 125 bytes");
    if (header.opcode == Opcode::Close && header.length == 1)
        return protocolError("a close code of one byte");
    const size_t lengthBytes = header.length == 127 ? 8 : header.length == 126 ? 2 : 0;
    if (bytes.size() < 2 + lengthBytes)
        return {};
    if (lengthBytes > 0) {
        header.length = 0;
        for (size_t i = 0; i < lengthBytes; ++i)
            header.length = header.length << 8 | byteAt(bytes, 2 + i);
        if (header.length <= (lengthBytes == 2 ? 125 : 0xFFFF) || header.length >> 63 != 0)
            return protocolError("a length is not in its shortest form");
    }
    header.size = static_cast<uint8_t>(2 + lengthBytes + header.key.size());
    if (const Verdict verdict = checkLength(header); verdict.kind == Verdict::Refused)
        return verdict;
    if (bytes.size() < header.size)
        return {};
    std::copy_n(bytes.begin() + 2 + lengthBytes, header.key.size(), header.key.begin());
    return {Verdict::Whole};
}

FrameParser::Verdict FrameParser::checkLength(const Header &header) const
{
    const size_t held = m_partial && m_partial->inMessage ? m_partial->message.size() : 0;
    if (!isControl(header.opcode) && header.length > m_messageBytes - held)
        return {Verdict::Refused, CloseCode::MessageTooBig, "the message is too big"};
    return {Verdict::Whole};
}

void FrameParser::begin(const Header &header)
{
    Partial &now = partial();
    now.inFrame = true;
    now.left = header.length;
    now.key = header.key;
    now.frameOpcode = header.opcode;
    now.controlSize = 0;
    if (isControl(header.opcode))
        return;
    now.fin = header.fin;
    if (header.opcode == Opcode::Continuation) {
        ++now.fragments;
        return;
    }
    now.inMessage = true;
    now.messageOpcode = header.opcode;
    now.fragments = 1;
}

FrameParser::Event FrameParser::takeWhole(const Header &header, std::span<char> payload)
{
    unmask(payload, header.key);
    const std::string_view text{payload.data(), payload.size()};
    if (isControl(header.opcode))
        return finishControl(header.opcode, text);
    if (header.opcode == Opcode::Text && !Utf8Validator::isValid(text))
        return fail(CloseCode::InvalidPayload, notUtf8);
    return {EventType::Message, header.opcode, text, CloseCode::NoStatus};
}

bool FrameParser::takePayload(std::span<char> bytes)
{
    Partial &now = *m_partial;
    unmask(bytes, now.key);
    now.key = turned(now.key, bytes.size());
    now.left -= bytes.size();
    const std::string_view text{bytes.data(), bytes.size()};
    if (isControl(now.frameOpcode)) {
        std::copy(text.begin(), text.end(), now.control.begin() + now.controlSize);
        now.controlSize = static_cast<uint8_t>(now.controlSize + text.size());
        return true;
    }
    if (now.messageOpcode == Opcode::Text && !now.utf8.feed(text))
        return false;
    now.message.append(text);
    return true;
}

FrameParser::Event FrameParser::finishMessage()
{
    if (m_partial->messageOpcode == Opcode::Text && !m_partial->utf8.complete())
        return fail(CloseCode::InvalidPayload, notUtf8);
    m_partial->inMessage = false;
    return {EventType::Message, m_partial->messageOpcode, m_partial->message.whole(), CloseCode::NoStatus};
}

FrameParser::Event FrameParser::finishControl(Opcode opcode, std::string_view payload)
{
    if (opcode == Opcode::Ping)
        return {EventType::Ping, opcode, payload, CloseCode::NoStatus};
    if (opcode == Opcode::Pong)
        return {EventType::Pong, opcode, payload, CloseCode::NoStatus};
    CloseCode code = CloseCode::NoStatus;
    if (!payload.empty()) {
        const auto number = static_cast<uint16_t>(byteAt(payload, 0) << 8 | byteAt(payload, 1));
        if (!isWireCloseCode(number))
            return fail(CloseCode::ProtocolError, "a close code that may not be sent");
        if (!Utf8Validator::isValid(payload.substr(2)))
            return fail(CloseCode::InvalidPayload, "a close reason is not UTF-8");
        code = static_cast<CloseCode>(number);
        payload.remove_prefix(2);
    }
    m_ended = CloseCode::Normal;
    return {EventType::Close, opcode, payload, code};
}

} // namespace mws
