#include "protocol/request_parser.h"

#include "protocol/request_line.h"

#include <algorithm>
#include <array>
#include <span>

namespace mws {
namespace {

enum class Known : uint8_t {
    Host,
    Expect,
    Origin,
    Upgrade,
    Connection,
    ContentType,
    Authorization,
    ContentLength,
    ContentEncoding,
    TransferEncoding,
    WebSocketKey,
    WebSocketVersion,
    Other
};

struct KnownField
{
    std::string_view name;
    bool once; ///< a second one is refused
};

// In the order of Known.
constexpr std::array<KnownField, 12> knownFields{{{"Host", true},
                                                  {"Expect", false},
                                                  {"Origin", true},
                                                  {"Upgrade", false},
                                                  {"Connection", false},
                                                  {"Content-Type", true},
                                                  {"Authorization", true},
                                                  {"Content-Length", true},
                                                  {"Content-Encoding", false},
                                                  {"Transfer-Encoding", true},
                                                  {"Sec-WebSocket-Key", true},
                                                  {"Sec-WebSocket-Version", true}}};

constexpr uint32_t bitOf(size_t position)
{
    return uint32_t(1) << position;
}

constexpr uint32_t lengthsOf(std::span<const KnownField> all)
{
    uint32_t lengths = 0;
    for (const KnownField &field : all)
        lengths |= bitOf(field.name.size());
    return lengths;
}

constexpr uint32_t knownLengths = lengthsOf(knownFields);

Known classify(std::string_view name)
{
    if (name.size() >= 32 || (knownLengths & bitOf(name.size())) == 0)
        return Known::Other;
    for (size_t i = 0; i < knownFields.size(); ++i) {
        if (knownFields[i].name.size() == name.size() && equalsIgnoringCase(knownFields[i].name, name))
            return static_cast<Known>(i);
    }
    return Known::Other;
}

/// What a Transfer-Encoding says about the body.
enum class Coding : uint8_t {
    Chunked,
    UnknownChunked, ///< the length is that of the chunks, but what is in them cannot be read
    WithoutLength   ///< chunked does not come last, or not only there: RFC 9112 §6.3 item 4
};

Coding codingOf(std::string_view list)
{
    if (equalsIgnoringCase(list, "chunked"))
        return Coding::Chunked;
    if (list.empty() || list.ends_with(','))
        return Coding::WithoutLength;
    while (!list.empty()) {
        const std::string_view coding = takeListElement(list);
        const std::string_view name = trimOws(coding.substr(0, coding.find(';')));
        const bool last = list.empty();
        const bool parameters = name.size() != coding.size();
        if (!isHttpToken(name) || equalsIgnoringCase(name, "chunked") != last || (last && parameters))
            return Coding::WithoutLength;
    }
    return Coding::UnknownChunked;
}

/// One parse of one head.
class HeadReader
{
public:
    HeadReader(std::string_view bytes, const RequestLimits &limits, RequestHead &head)
        : m_bytes(bytes.substr(0, limits.headBytes)),
          m_full(bytes.size() >= limits.headBytes),
          m_limits(limits),
          m_head(head)
    {}

    RequestParser::Outcome read();

private:
    enum class Line { Whole, Partial, Malformed };

    Line takeLine(std::string_view &line);
    bool refuse(ErrorCode code, std::string detail);
    bool refuseRequestLine(std::string_view line, const Error &error);
    bool checkLimits(std::string_view line);
    bool takeRequestLine(std::string_view line);
    bool takeField(std::string_view line);
    bool takeKnown(Known known, std::string_view value);
    bool takeTransferEncoding(std::string_view value);
    bool finish();
    void settleConnection();
    bool seen(Known known) const { return (m_seen & bitOf(static_cast<size_t>(known))) != 0; }
    RequestParser::Outcome partial(std::string_view line);
    RequestParser::Outcome refused();

    std::string_view m_bytes;
    bool m_full; ///< no byte more may belong to the head
    const RequestLimits &m_limits;
    RequestHead &m_head;
    size_t m_at = 0;
    uint32_t m_seen = 0;
    bool m_close = false;
    bool m_keepAlive = false;
    bool m_connectionUpgrade = false;
    bool m_webSocket = false;
    bool m_encoded = false;
    Error m_error;
};

bool HeadReader::refuse(ErrorCode code, std::string detail)
{
    m_error = Error{code, std::move(detail), {}};
    return false;
}

/// Keeps the method if it matters: an answer to HEAD has no content, also when it is a refusal.
bool HeadReader::refuseRequestLine(std::string_view line, const Error &error)
{
    constexpr std::string_view head = "HEAD";
    if (line.starts_with(head) && line.substr(head.size()).starts_with(' '))
        m_head.method = line.substr(0, head.size());
    m_error = error;
    return false;
}

RequestParser::Outcome HeadReader::refused()
{
    return {RequestParser::Status::Refused, 0, std::move(m_error)};
}

HeadReader::Line HeadReader::takeLine(std::string_view &line)
{
    const size_t end = m_bytes.find('\n', m_at);
    if (end == std::string_view::npos) {
        line = m_bytes.substr(m_at);
        return Line::Partial;
    }
    line = m_bytes.substr(m_at, end - m_at);
    m_at = end + 1;
    if (!line.ends_with('\r')) {
        if (checkLimits(line))
            refuse(ErrorCode::BadRequest, "a line does not end with CRLF");
        return Line::Malformed;
    }
    line.remove_suffix(1);
    return Line::Whole;
}

// Before all other checks of the request line, since it is the only one that is made before the line is
// whole.
bool HeadReader::checkLimits(std::string_view line)
{
    if (!m_head.method.empty())
        return true;
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    const Result<void> limits = checkRequestLineLimits(line, m_limits.targetBytes);
    if (!limits)
        refuseRequestLine(line, limits.error());
    return limits.has_value();
}

RequestParser::Outcome HeadReader::partial(std::string_view line)
{
    if (!checkLimits(line))
        return refused();
    if (!m_full)
        return {};
    refuse(ErrorCode::HeadTooLarge, {});
    return refused();
}

RequestParser::Outcome HeadReader::read()
{
    if (m_bytes.starts_with("\r\n"))
        m_at = 2;
    std::string_view line;
    while (true) {
        const Line state = takeLine(line);
        if (state == Line::Partial)
            return partial(line);
        if (state == Line::Malformed)
            return refused();
        if (m_head.method.empty()) {
            if (!takeRequestLine(line))
                return refused();
        } else if (line.empty()) {
            break;
        } else if (!takeField(line)) {
            return refused();
        }
    }
    if (!finish())
        return refused();
    return {RequestParser::Status::Complete, m_at, {}};
}

bool HeadReader::takeRequestLine(std::string_view line)
{
    const Result<RequestLine> parsed = parseRequestLine(line, m_limits.targetBytes);
    if (!parsed)
        return refuseRequestLine(line, parsed.error());
    m_head.method = parsed->method;
    m_head.target = parsed->target;
    m_head.host = parsed->authority;
    m_head.minorVersion = parsed->minorVersion;
    return true;
}

bool HeadReader::takeField(std::string_view line)
{
    if (line.front() == ' ' || line.front() == '\t')
        return refuse(ErrorCode::BadRequest, "a header field is folded over two lines");
    const size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !isHttpToken(name))
        return refuse(ErrorCode::BadRequest, "a header field's name is not a token followed by a colon");
    const std::string_view value = trimOws(line.substr(colon + 1));
    if (!isFieldValue(value)) {
        constexpr size_t shownName = 64;
        return refuse(ErrorCode::BadRequest,
                      "a control character in the header field " + std::string(name.substr(0, shownName)));
    }
    if (m_head.fields.size() >= m_limits.fields)
        return refuse(ErrorCode::HeadTooLarge,
                      "more than " + std::to_string(m_limits.fields) + " header fields");
    m_head.fields.push_back({name, value});
    const Known known = classify(name);
    return known == Known::Other || takeKnown(known, value);
}

bool HeadReader::takeKnown(Known known, std::string_view value)
{
    const KnownField &field = knownFields[static_cast<size_t>(known)];
    if (field.once && seen(known))
        return refuse(ErrorCode::BadRequest, "more than one " + std::string(field.name));
    m_seen |= bitOf(static_cast<size_t>(known));
    switch (known) {
    case Known::Host:
        if (!value.empty() && !isAuthority(value))
            return refuse(ErrorCode::BadRequest, "malformed Host");
        if (m_head.host.empty()) // the target's comes first
            m_head.host = value;
        return true;
    case Known::Connection:
        m_close = m_close || listHasToken(value, "close");
        m_keepAlive = m_keepAlive || listHasToken(value, "keep-alive");
        m_connectionUpgrade = m_connectionUpgrade || listHasToken(value, "upgrade");
        return true;
    case Known::Upgrade:
        m_webSocket = m_webSocket || listHasToken(value, "websocket");
        return true;
    case Known::ContentLength:
        return parseDecimal(value, m_head.contentLength) ||
               refuse(ErrorCode::BadRequest, "Content-Length is not a number of at most 18 digits");
    case Known::TransferEncoding:
        return takeTransferEncoding(value);
    case Known::ContentEncoding:
        m_encoded = m_encoded || !equalsIgnoringCase(value, "identity");
        return true;
    case Known::Expect:
        if (m_head.minorVersion == 0)
            return true;
        m_head.expectContinue = true;
        return equalsIgnoringCase(value, "100-continue") || refuse(ErrorCode::ExpectationFailed, {});
    default:
        return true;
    }
}

bool HeadReader::takeTransferEncoding(std::string_view value)
{
    if (m_head.minorVersion == 0)
        return refuse(ErrorCode::BadRequest, "Transfer-Encoding in HTTP/1.0");
    switch (codingOf(value)) {
    case Coding::Chunked:
        break;
    case Coding::UnknownChunked:
        return refuse(ErrorCode::NotImplemented, "a Transfer-Encoding other than chunked");
    case Coding::WithoutLength:
        return refuse(ErrorCode::BadRequest, "a Transfer-Encoding that does not end with chunked");
    }
    m_head.chunked = true;
    return true;
}

bool HeadReader::finish()
{
    if (m_head.minorVersion == 1 && !seen(Known::Host))
        return refuse(ErrorCode::BadRequest, "no Host");
    if (m_head.chunked && seen(Known::ContentLength))
        return refuse(ErrorCode::BadRequest, "both Content-Length and Transfer-Encoding");
    if (m_head.contentLength > 0 && static_cast<uint64_t>(m_head.contentLength) > m_limits.bodyBytes)
        return refuse(ErrorCode::PayloadTooLarge, {});
    const bool body = m_head.chunked || m_head.contentLength > 0;
    if (body && m_encoded)
        return refuse(ErrorCode::UnsupportedEncoding, "a Content-Encoding other than identity");
    m_head.expectContinue = m_head.expectContinue && body;
    settleConnection();
    return true;
}

void HeadReader::settleConnection()
{
    m_head.keepAlive = !m_close && (m_head.minorVersion == 1 || m_keepAlive);
    m_head.upgradeWebSocket = m_connectionUpgrade && m_webSocket;
}

void clear(RequestHead &head)
{
    auto fields = std::move(head.fields);
    fields.clear();
    head = RequestHead{};
    head.fields = std::move(fields);
}

} // namespace

RequestParser::Outcome RequestParser::parse(std::string_view bytes, RequestHead &head) const
{
    constexpr size_t typicalFields = 16;
    clear(head);
    head.fields.reserve(typicalFields);
    return HeadReader(bytes, m_limits, head).read();
}

std::string_view RequestHead::field(std::string_view name) const
{
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field &field) { return equalsIgnoringCase(field.name, name); });
    return found == fields.end() ? std::string_view() : found->value;
}

std::string_view RequestHead::lastField(std::string_view name) const
{
    const auto found = std::find_if(fields.rbegin(), fields.rend(),
                                    [&](const Field &field) { return equalsIgnoringCase(field.name, name); });
    return found == fields.rend() ? std::string_view() : found->value;
}

size_t RequestHead::fieldCount(std::string_view name) const
{
    return static_cast<size_t>(std::count_if(fields.begin(), fields.end(), [&](const Field &field) {
        return equalsIgnoringCase(field.name, name);
    }));
}

std::string_view RequestHead::path() const
{
    return target.substr(0, target.find('?'));
}

std::string_view RequestHead::query() const
{
    const size_t mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

} // namespace mws
