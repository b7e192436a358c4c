#include "conformance/escapes.h"

#include <charconv>

namespace mws::test {

namespace {

/// Reads a number of that base off the front of `text`.
std::optional<size_t> takeNumber(std::string_view &text, int base, size_t digits)
{
    size_t number = 0;
    const char *const end = text.data() + std::min(digits, text.size());
    const auto [at, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc() || at == text.data())
        return std::nullopt;
    text.remove_prefix(size_t(at - text.data()));
    return number;
}

/// What follows `\{`, up to and with the brace that ends it.
bool takeRepeated(std::string_view &text, std::string &bytes)
{
    const size_t end = text.find('}');
    std::string_view inside = text.substr(0, end);
    const auto count = takeNumber(inside, 10, 9);
    if (end == text.npos || !count || !inside.starts_with('*') || inside.find("\\{") != inside.npos)
        return false;
    const auto piece = unescaped(inside.substr(1));
    if (!piece)
        return false;
    for (size_t i = 0; i < *count; ++i)
        bytes += *piece;
    text.remove_prefix(end + 1);
    return true;
}

/// What follows a backslash.
bool takeEscape(std::string_view &text, std::string &bytes)
{
    if (text.empty())
        return false;
    const char kind = text.front();
    text.remove_prefix(1);
    switch (kind) {
    case 'r':
        bytes += '\r';
        return true;
    case 'n':
        bytes += '\n';
        return true;
    case 't':
        bytes += '\t';
        return true;
    case 's':
        bytes += ' ';
        return true;
    case '\\':
        bytes += '\\';
        return true;
    case '{':
        return takeRepeated(text, bytes);
    case 'x': {
        const size_t before = text.size();
        const auto byte = takeNumber(text, 16, 2);
        if (!byte || before - text.size() != 2)
            return false;
        bytes += char(*byte);
        return true;
    }
    default:
        return false;
    }
}

} // namespace

std::optional<uint64_t> parseNumber(std::string_view text, int base)
{
    uint64_t value = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || at != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<std::string> unescaped(std::string_view text)
{
    std::string bytes;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c != '\\')
            bytes += c;
        else if (!takeEscape(text, bytes))
            return std::nullopt;
    }
    return bytes;
}

} // namespace mws::test
