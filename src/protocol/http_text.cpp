#include "protocol/http_text.h"

#include <algorithm>
#include <cstring>

namespace mws {
namespace {

constexpr unsigned char lower(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 'A' && byte <= 'Z' ? static_cast<unsigned char>(byte | 0x20u) : byte;
}

constexpr bool isOws(char c)
{
    return c == ' ' || c == '\t';
}

/// Where the quoted string that begins at `at` ends; the end of the text if it does not.
size_t endOfQuoted(std::string_view text, size_t at)
{
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return at + 1;
    }
    return text.size();
}

} // namespace

bool consistsOf(CharClass charClass, std::string_view text)
{
    uint8_t common = charClass;
    for (char c : text)
        common &= charClasses[static_cast<unsigned char>(c)];
    return common != 0;
}

bool isFieldValue(std::string_view text)
{
    constexpr uint64_t ones = 0x0101010101010101;
    constexpr uint64_t high = 0x8080808080808080;
    const char *at = text.data();
    size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        // A high bit where a byte may be below 0x20 or be 0x7F; borrows can only add false alarms.
        const uint64_t below = (word - ones * 0x20) & ~word;
        const uint64_t deleted = ((word ^ ones * 0x7F) - ones) & ~(word ^ ones * 0x7F);
        if (((below | deleted) & high) != 0 && !consistsOf(ValueChar, {at, 8}))
            return false;
    }
    return consistsOf(ValueChar, {at, left});
}

bool parseDecimal(std::string_view text, int64_t &number)
{
    constexpr size_t maxDigits = 18;
    if (text.empty() || text.size() > maxDigits)
        return false;
    int64_t value = 0;
    for (char c : text) {
        if (!isDigit(c))
            return false;
        value = value * 10 + (c - '0');
    }
    number = value;
    return true;
}

std::string_view trimOws(std::string_view text)
{
    while (!text.empty() && isOws(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isOws(text.back()))
        text.remove_suffix(1);
    return text;
}

bool isHttpToken(std::string_view text)
{
    return !text.empty() && consistsOf(TokenChar, text);
}

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    if (a.size() != b.size())
        return false;
    if (a == b) // most write names as everybody does
        return true;
    for (size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

std::string_view takeListElement(std::string_view &list)
{
    size_t at = 0;
    while (at < list.size() && list[at] != ',')
        at = list[at] == '"' ? endOfQuoted(list, at) : at + 1;
    const std::string_view element = trimOws(list.substr(0, at));
    list.remove_prefix(at < list.size() ? at + 1 : at);
    return element;
}

bool listHasToken(std::string_view value, std::string_view token)
{
    if (token.empty())
        return false;
    while (!value.empty()) {
        if (equalsIgnoringCase(takeListElement(value), token))
            return true;
    }
    return false;
}

std::string withoutFields(std::string_view head, std::string_view prefix)
{
    std::string result;
    result.reserve(head.size());
    while (!head.empty()) {
        const std::string_view line = head.substr(0, std::min(head.size(), head.find('\n')) + 1);
        head.remove_prefix(line.size());
        if (!equalsIgnoringCase(line.substr(0, prefix.size()), prefix))
            result += line;
    }
    return result;
}

std::string_view reasonPhrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 409:
        return "Conflict";
    case 417:
        return "Expectation Failed";
    case 422:
        return "Unprocessable Content";
    case 426:
        return "Upgrade Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}

bool isRequestId(std::string_view text)
{
    constexpr size_t most = 128;
    return !text.empty() && text.size() <= most &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

} // namespace mws
