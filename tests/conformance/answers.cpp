#include "conformance/answers.h"

#include "conformance/escapes.h"

#include <algorithm>

namespace mws::test {

namespace {

std::optional<std::string_view> takeLine(std::string_view &bytes)
{
    const size_t end = bytes.find("\r\n");
    if (end == bytes.npos)
        return std::nullopt;
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 2);
    return line.find_first_of(std::string_view("\r\n\0", 3)) == line.npos ? std::optional(line)
                                                                          : std::nullopt;
}

bool takeHead(std::string_view &bytes, HttpAnswer &answer)
{
    const auto statusLine = takeLine(bytes);
    constexpr size_t beforeReason = 13;
    if (!statusLine || !statusLine->starts_with("HTTP/1.1 ") || statusLine->size() < beforeReason)
        return false;
    answer.status = int(parseNumber(statusLine->substr(9, 3), 10).value_or(0));
    for (auto line = takeLine(bytes); line; line = takeLine(bytes)) {
        if (line->empty())
            return answer.status >= 100;
        const size_t colon = line->find(':');
        if (colon == line->npos || colon == 0 || line->find(' ') < colon)
            return false;
        const size_t value = std::min(line->find_first_not_of(' ', colon + 1), line->size());
        answer.headers.emplace_back(line->substr(0, colon), line->substr(value));
    }
    return false;
}

bool takeCounted(std::string_view &bytes, std::optional<size_t> size, HttpAnswer &answer)
{
    if (!size || *size > bytes.size())
        return false;
    answer.body += bytes.substr(0, *size);
    bytes.remove_prefix(*size);
    return true;
}

bool takeChunks(std::string_view &bytes, HttpAnswer &answer)
{
    while (const auto line = takeLine(bytes)) {
        const auto size = parseNumber(*line, 16);
        if (!takeCounted(bytes, size, answer) || takeLine(bytes) != std::string_view())
            return false;
        if (*size == 0)
            return true;
    }
    return false;
}

} // namespace

std::optional<HttpAnswer> takeAnswer(std::string_view &bytes, bool headOnly)
{
    HttpAnswer answer;
    if (!takeHead(bytes, answer))
        return std::nullopt;
    const bool hasLength = answer.hasHeader("Content-Length");
    const bool hasCoding = answer.hasHeader("Transfer-Encoding");
    const bool noContent = answer.status < 200 || answer.status == 204;
    if (hasLength && hasCoding)
        return std::nullopt;
    if (headOnly || noContent || answer.status == 304)
        return answer;
    const bool whole = hasCoding
                           ? takeChunks(bytes, answer)
                           : takeCounted(bytes, parseNumber(answer.header("Content-Length"), 10), answer);
    return whole ? std::optional(answer) : std::nullopt;
}

} // namespace mws::test
