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
    size_t size = 0;
    uint32_t bits = 0;
    uint32_t seen = 0; // of all values, for what is not of the alphabet
    int held = 0;      // how many bits of `bits` are not written yet
    for (const char c : text) {
        const uint32_t value = values[static_cast<unsigned char>(c)];
        seen |= value;
        bits = (bits << 6 | (value & 63)) & 0xfff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[size++] = char(bits >> held & 0xff);
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
