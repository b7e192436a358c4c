#include "identity/base64url.h"

#include <cstdint>

namespace mws {

namespace {

/// Nothing for a character that is none of the alphabet's (RFC 4648 §5).
std::optional<uint32_t> valueOf(char c)
{
    if (c >= 'A' && c <= 'Z')
        return uint32_t(c - 'A');
    if (c >= 'a' && c <= 'z')
        return uint32_t(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return uint32_t(c - '0' + 52);
    if (c == '-' || c == '_')
        return c == '-' ? 62u : 63u;
    return std::nullopt;
}

} // namespace

std::optional<std::string> decodeBase64Url(std::string_view text)
{
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    uint32_t bits = 0;
    int held = 0; // how many bits of `bits` are not written yet
    for (const char c : text) {
        const std::optional<uint32_t> value = valueOf(c);
        if (!value)
            return std::nullopt;
        bits = (bits << 6 | *value) & 0xfff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(char(bits >> held & 0xff));
        }
    }
    const bool canonical = held < 6 && (bits & ((1u << held) - 1)) == 0;
    return canonical ? std::optional(std::move(bytes)) : std::nullopt;
}

} // namespace mws
