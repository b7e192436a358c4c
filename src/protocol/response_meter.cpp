#include "protocol/response_meter.h"

#include "protocol/http_text.h"

#include <algorithm>
#include <utility>

namespace mws {
namespace {

constexpr size_t maxHead = 65536;
constexpr std::string_view crlf = "\r\n";
constexpr std::string_view headEnd = "\r\n\r\n";

/// Where `mark` ends in `held` and `bytes` put together, counted from the start of `bytes`; npos: nowhere.
/// It is known not to be in `held` alone.
size_t endOfMark(std::string_view held, std::string_view bytes, std::string_view mark)
{
    for (size_t before = std::min(held.size(), mark.size() - 1); before > 0; --before) {
        const size_t after = mark.size() - before;
        if (held.ends_with(mark.substr(0, before)) && bytes.starts_with(mark.substr(before)))
            return after;
    }
    const size_t at = bytes.find(mark);
    return at == std::string_view::npos ? at : at + mark.size();
}

/// Of `HTTP/1.1 200 OK`; 0 if it is no status line.
int statusOf(std::string_view line)
{
    constexpr size_t codeAt = 9;
    if (!line.starts_with("HTTP/1.") || line.size() < codeAt + 3 || line[codeAt - 1] != ' ')
        return 0;
    int status = 0;
    for (char c : line.substr(codeAt, 3)) {
        if (!isDigit(c))
            return 0;
        status = status * 10 + (c - '0');
    }
    return status >= 100 ? status : 0;
}

struct Framing
{
    int64_t length = -1;
    bool lengthBad = false;
    bool chunked = false;
    bool coded = false; ///< has a transfer coding that does not end with chunked
};

void takeField(std::string_view line, Framing &framing)
{
    const size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimOws(line.substr(std::min(colon + 1, line.size())));
    if (equalsIgnoringCase(name, "Content-Length")) {
        const int64_t before = framing.length;
        framing.lengthBad |=
            !parseDecimal(value, framing.length) || (before >= 0 && before != framing.length);
    } else if (equalsIgnoringCase(name, "Transfer-Encoding")) {
        framing.chunked = equalsIgnoringCase(value, "chunked");
        framing.coded = !framing.chunked;
    }
}

Framing framingOf(std::string_view head)
{
    Framing framing;
    for (size_t at = head.find(crlf); at != std::string_view::npos;) {
        const size_t start = at + crlf.size();
        at = head.find(crlf, start);
        takeField(head.substr(start, at == std::string_view::npos ? at : at - start), framing);
    }
    return framing;
}

} // namespace

void ResponseMeter::start(bool headOnly)
{
    reset();
    m_headOnly = headOnly;
    m_state = State::Head;
}

void ResponseMeter::reset()
{
    enter(State::Idle);
    m_left = 0;
    m_status = 0;
    m_headOnly = false;
}

void ResponseMeter::enter(State state)
{
    m_state = state;
    m_line = {};
}

size_t ResponseMeter::feed(std::string_view bytes)
{
    size_t used = 0;
    while (used < bytes.size() && m_state != State::Idle && m_state != State::Done) {
        const std::string_view rest = bytes.substr(used);
        switch (m_state) {
        case State::Head:
            used += takeHead(rest);
            break;
        case State::Body:
            used += skip(rest, State::Done);
            break;
        case State::ChunkData:
            used += skip(rest, State::ChunkSize);
            break;
        case State::ChunkSize:
        case State::Trailer:
            used += takeLine(rest);
            break;
        case State::UntilClose:
        case State::Idle:
        case State::Done:
            return bytes.size();
        }
    }
    return used;
}

size_t ResponseMeter::skip(std::string_view bytes, State next)
{
    const size_t size = static_cast<size_t>(std::min<uint64_t>(m_left, bytes.size()));
    m_left -= size;
    if (m_left == 0)
        enter(next);
    return size;
}

size_t ResponseMeter::takeHead(std::string_view bytes)
{
    const size_t end = endOfMark(m_line, bytes, headEnd);
    const size_t size = std::min(end, bytes.size());
    if (m_line.size() + size > maxHead) {
        enter(State::UntilClose);
        return size;
    }
    if (end != std::string_view::npos && m_line.empty()) {
        headComplete(bytes.substr(0, size));
        return size;
    }
    m_line.append(bytes, 0, size);
    if (end != std::string_view::npos)
        headComplete(std::exchange(m_line, {}));
    return size;
}

void ResponseMeter::headComplete(std::string_view head)
{
    head.remove_suffix(headEnd.size());
    const int status = statusOf(head.substr(0, head.find(crlf)));
    if (status >= 100 && status < 200 && status != 101)
        return enter(State::Head);
    m_status = status;
    if (status == 0)
        return enter(State::UntilClose);
    if (m_headOnly || status == 101 || status == 204 || status == 304)
        return enter(State::Done);
    const Framing framing = framingOf(head);
    if (framing.chunked)
        return enter(State::ChunkSize);
    if (framing.coded || framing.lengthBad || framing.length < 0)
        return enter(State::UntilClose);
    m_left = static_cast<uint64_t>(framing.length);
    enter(m_left == 0 ? State::Done : State::Body);
}

size_t ResponseMeter::takeLine(std::string_view bytes)
{
    const size_t end = endOfMark(m_line, bytes, crlf);
    const size_t size = std::min(end, bytes.size());
    if (m_line.size() + size > maxHead) {
        enter(State::UntilClose);
        return size;
    }
    m_line.append(bytes, 0, size);
    if (end != std::string_view::npos)
        lineComplete(std::exchange(m_line, {}));
    return size;
}

void ResponseMeter::lineComplete(std::string_view line)
{
    line.remove_suffix(crlf.size());
    if (m_state == State::Trailer)
        return enter(line.empty() ? State::Done : State::Trailer);
    const std::string_view digits = trimOws(line.substr(0, line.find(';')));
    constexpr size_t maxDigits = 15;
    if (digits.empty() || digits.size() > maxDigits || !consistsOf(HexChar, digits))
        return enter(State::UntilClose);
    uint64_t size = 0;
    for (char c : digits)
        size = size << 4 | hexValue(c);
    m_left = size + crlf.size();
    enter(size == 0 ? State::Trailer : State::ChunkData);
}

} // namespace mws
