#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mws::test {

/// What a plain decoder of RFC 3629 makes of a text.
struct Utf8Reading
{
    size_t refusedAt = std::string_view::npos; ///< the first byte after which no text can be valid
    bool whole = true;                         ///< false inside a character
    bool valid() const { return refusedAt == std::string_view::npos && whole; }
};

/// True if some character of `size` bytes begins with these, by decoding the least and the greatest that do.
inline bool canBegin(std::string_view bytes, size_t size)
{
    constexpr std::array<uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    constexpr std::array<uint32_t, 5> largest{0, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
    const auto lead = static_cast<uint8_t>(bytes[0]);
    uint32_t least = size == 1 ? lead : lead & (0x7Fu >> size);
    uint32_t greatest = least;
    for (size_t i = 1; i < size; ++i) {
        const bool come = i < bytes.size();
        const uint32_t bits = come ? static_cast<uint8_t>(bytes[i]) & 0x3F : 0;
        if (come && static_cast<uint8_t>(bytes[i]) >> 6 != 2)
            return false;
        least = least << 6 | bits;
        greatest = greatest << 6 | (come ? bits : 0x3F);
    }
    if (greatest < smallest[size] || least > largest[size])
        return false;
    return !(least >= 0xD800 && greatest <= 0xDFFF);
}

/// RFC 3629 by decoding, as plain as can be.
inline Utf8Reading readUtf8(std::string_view text)
{
    for (size_t at = 0; at < text.size();) {
        const auto lead = static_cast<uint8_t>(text[at]);
        const size_t size = lead < 0x80       ? 1
                            : lead >> 5 == 6  ? 2
                            : lead >> 4 == 14 ? 3
                            : lead >> 3 == 30 ? 4
                                              : 0;
        if (size == 0)
            return {at, false};
        for (size_t come = 1; come <= size; ++come) {
            if (at + come > text.size())
                return {std::string_view::npos, false};
            if (!canBegin(text.substr(at, come), size))
                return {at + come - 1, false};
        }
        at += size;
    }
    return {};
}

} // namespace mws::test
