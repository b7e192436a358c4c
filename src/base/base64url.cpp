#include "base/base64url.h"

#include <array>
#include <cstdint>

namespace mws {

namespace {

/// RFC 4648 §5.
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t notOfAlphabet = 0x80;

constexpr std::array<uint8_t, 256> values = [] {
    std::array<uint8_t, 256> table{};
    table.fill(notOfAlphabet);
    for (size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = uint8_t(i);
    return table;
}();

} // namespace

std::optional<std::string> decodeBase64Url(std::string_view text)
{
    std::string bytes(text.size() * 3 / 4, '\0');
    char *out = bytes.data();
    uint32_t seen = 0; // of all values, for what is not of the alphabet
    const auto valueAt = [&text](size_t at) -> uint32_t {
        return values[static_cast<unsigned char>(text[at])];
    };
    size_t at = 0;
    for (; at + 4 <= text.size(); at += 4) {
        const uint32_t a = valueAt(at), b = valueAt(at + 1), c = valueAt(at + 2), d = valueAt(at + 3);
        seen |= a | b | c | d;
        const uint32_t three = a << 18 | b << 12 | c << 6 | d;
        *out++ = char(three >> 16);
        *out++ = char(three >> 8);
        *out++ = char(three);
    }
    uint32_t bits = 0;
    int held = 0; // how many bits of `bits` are not written yet
    for (; at < text.size(); ++at) {
        const uint32_t value = valueAt(at);
        seen |= value;
        bits = (bits << 6 | (value & 63)) & 0xfff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *out++ = char(bits >> held);
        }
    }
    const bool canonical = held < 6 && (bits & ((1u << held) - 1)) == 0;
    return canonical && (seen & notOfAlphabet) == 0 ? std::optional(std::move(bytes)) : std::nullopt;
}

std::string encodeBase64Url(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    uint32_t bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xffff;
        for (held += 8; held >= 6; held -= 6)
            text.push_back(alphabet[bits >> (held - 6) & 63]);
    }
    if (held > 0)
        text.push_back(alphabet[bits << (6 - held) & 63]);
    return text;
}

} // namespace mws
