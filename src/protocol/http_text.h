#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mws {

/// What a byte may be part of; bits of charClasses.
enum CharClass : uint8_t {
    TokenChar = 1,   ///< tchar, RFC 9110 §5.6.2
    ValueChar = 2,   ///< of a field value: visible, SP, HTAB, obs-text (RFC 9110 §5.5)
    TargetChar = 4,  ///< of a request target: visible ASCII but `#`
    HexChar = 8,     ///< HEXDIG
    RegNameChar = 16 ///< of a host name: unreserved or sub-delims (RFC 3986 §3.2.2), without `,` and `%`
};

constexpr bool isOneOf(unsigned char c, std::string_view set)
{
    return set.find(static_cast<char>(c)) != std::string_view::npos;
}

constexpr uint8_t classifyChar(unsigned char c)
{
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool token = digit || letter || (c != 0 && isOneOf(c, "!#$%&'*+-.^_`|~"));
    const bool regName = digit || letter || (c != 0 && isOneOf(c, "-._~!$&'()*+;="));
    const bool value = (c >= 0x20 && c != 0x7F) || c == '\t';
    const bool target = c > 0x20 && c < 0x7F && c != '#';
    return static_cast<uint8_t>((token ? TokenChar : 0) | (value ? ValueChar : 0) |
                                (target ? TargetChar : 0) | (hex ? HexChar : 0) |
                                (regName ? RegNameChar : 0));
}

constexpr std::array<uint8_t, 256> makeCharClasses()
{
    std::array<uint8_t, 256> classes{};
    for (unsigned c = 0; c < 256; ++c)
        classes[c] = classifyChar(static_cast<unsigned char>(c));
    return classes;
}

inline constexpr std::array<uint8_t, 256> charClasses = makeCharClasses();

constexpr bool isChar(CharClass charClass, char c)
{
    return (charClasses[static_cast<unsigned char>(c)] & charClass) != 0;
}

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Of a HexChar.
constexpr unsigned hexValue(char c)
{
    return isDigit(c) ? static_cast<unsigned>(c - '0') : (static_cast<unsigned>(c) | 0x20u) - 'a' + 10;
}

/// True if `text` has only characters of that class; so is the empty text.
bool consistsOf(CharClass charClass, std::string_view text);
/// The same for ValueChar; many at a time.
bool isFieldValue(std::string_view text);
/// True if `text` is 1 to 18 digits; `number` is their value.
bool parseDecimal(std::string_view text, int64_t &number);
/// Without spaces and tabs at both ends.
std::string_view trimOws(std::string_view text);

/// True for a token of RFC 9110 §5.6.2.
bool isHttpToken(std::string_view text);
bool equalsIgnoringCase(std::string_view a, std::string_view b);
/// Takes the first element off the comma-separated `list` (RFC 9110 §5.6.1), without the space around it; a
/// comma inside a quoted string separates nothing.
std::string_view takeListElement(std::string_view &list);
/// True if the comma-separated list `value` has the token `token` (RFC 9110 §5.6.1), without regard to case.
bool listHasToken(std::string_view value, std::string_view token);

/// A head (or whole lines of one) without the lines that begin with `prefix`, without regard to case.
std::string withoutFields(std::string_view head, std::string_view prefix);

/// RFC 9110 §15: of the statuses that the gateway answers; `Error` for others.
std::string_view reasonPhrase(int status);

/// True if `text` may be taken over as a request's id: 1 to 128 visible ASCII characters.
bool isRequestId(std::string_view text);

} // namespace mws
