#include "protocol/utf8_validator.h"

#include <array>
#include <cstring>

namespace mws {
namespace {

// What may come next. Whole must be 0: complete() says so.
enum State : uint8_t {
    Whole,
    OneMore,
    TwoMore,
    ThreeMore,
    AfterE0, // not below A0: overlong
    AfterEd, // not above 9F: surrogates
    AfterF0, // not below 90: overlong
    AfterF4, // not above 8F: beyond U+10FFFF
    Invalid,
    StateCount
};

// Bytes that act alike.
enum Class : uint8_t {
    Ascii,
    Low,
    Middle,
    High,
    Lead2,
    LeadE0,
    Lead3,
    LeadEd,
    LeadF0,
    Lead4,
    LeadF4,
    Never,
    ClassCount
};

constexpr Class classOf(unsigned byte)
{
    if (byte < 0x80)
        return Ascii;
    if (byte < 0xC0)
        return byte < 0x90 ? Low : byte < 0xA0 ? Middle : High;
    if (byte < 0xE0)
        return byte < 0xC2 ? Never : Lead2;
    if (byte < 0xF0)
        return byte == 0xE0 ? LeadE0 : byte == 0xED ? LeadEd : Lead3;
    if (byte > 0xF4)
        return Never;
    return byte == 0xF0 ? LeadF0 : byte == 0xF4 ? LeadF4 : Lead4;
}

constexpr std::array<uint8_t, 256> makeClasses()
{
    std::array<uint8_t, 256> classes{};
    for (unsigned byte = 0; byte < 256; ++byte)
        classes[byte] = classOf(byte);
    return classes;
}

constexpr std::array<uint8_t, 256> byteClasses = makeClasses();

constexpr uint8_t X = Invalid;
constexpr uint8_t transitions[StateCount][ClassCount] = {
    //          Ascii  Low        Middle     High       Lead2    LeadE0   Lead3    LeadEd   LeadF0   Lead4
    //          LeadF4   Never
    /* Whole */ {Whole, X, X, X, OneMore, AfterE0, TwoMore, AfterEd, AfterF0, ThreeMore, AfterF4, X},
    /* One */ {X, Whole, Whole, Whole, X, X, X, X, X, X, X, X},
    /* Two */ {X, OneMore, OneMore, OneMore, X, X, X, X, X, X, X, X},
    /* Three */ {X, TwoMore, TwoMore, TwoMore, X, X, X, X, X, X, X, X},
    /* E0 */ {X, X, X, OneMore, X, X, X, X, X, X, X, X},
    /* ED */ {X, OneMore, OneMore, X, X, X, X, X, X, X, X, X},
    /* F0 */ {X, X, TwoMore, TwoMore, X, X, X, X, X, X, X, X},
    /* F4 */ {X, TwoMore, X, X, X, X, X, X, X, X, X, X},
    /* X */ {X, X, X, X, X, X, X, X, X, X, X, X},
};

/// Skips blocks of ASCII; stops before the first block that has something else.
const char *skipAscii(const char *at, const char *end)
{
    while (end - at >= 16) {
        uint64_t words[2];
        std::memcpy(words, at, sizeof words);
        if (((words[0] | words[1]) & 0x8080808080808080u) != 0)
            break;
        at += 16;
    }
    return at;
}

} // namespace

bool Utf8Validator::feed(std::string_view bytes)
{
    const char *at = bytes.data();
    const char *const end = at + bytes.size();
    uint8_t state = m_state;
    while (at != end && state != Invalid) {
        if (state == Whole)
            at = skipAscii(at, end);
        // One block's worth at a time, so that ASCII after it is skipped again.
        const char *const stop = end - at > 16 ? at + 16 : end;
        for (; at != stop; ++at)
            state = transitions[state][byteClasses[static_cast<uint8_t>(*at)]];
    }
    m_state = state;
    return state != Invalid;
}

bool Utf8Validator::isValid(std::string_view text)
{
    Utf8Validator validator;
    return validator.feed(text) && validator.complete();
}

} // namespace mws
