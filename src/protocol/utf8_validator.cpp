#include "protocol/utf8_validator.h"

#include <array>
#include <cstddef>
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

// A byte's row has for each state the next, as the shift that finds it in the next byte's row: a step is one
// load that depends on no other, and one shift.
constexpr unsigned stateBits = 6;
static_assert(StateCount * stateBits <= 64);

constexpr std::array<uint64_t, 256> makeRows()
{
    std::array<uint64_t, 256> rows{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        for (unsigned state = 0; state < StateCount; ++state)
            rows[byte] |= uint64_t(transitions[state][classOf(byte)] * stateBits) << (state * stateBits);
    }
    return rows;
}

constexpr std::array<uint64_t, 256> rows = makeRows();
constexpr uint64_t stateMask = 63;
constexpr uint64_t invalidShift = Invalid * stateBits;

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
    constexpr std::ptrdiff_t block = 64;
    const char *at = bytes.data();
    const char *const end = at + bytes.size();
    uint64_t state = m_state;
    while (at != end && state != invalidShift) {
        if (state == Whole)
            at = skipAscii(at, end);
        // A block at a time, so that ASCII after it is skipped again.
        const char *const stop = end - at > block ? at + block : end;
        for (; at != stop; ++at)
            state = rows[static_cast<uint8_t>(*at)] >> (state & stateMask);
        state &= stateMask;
    }
    m_state = static_cast<uint8_t>(state);
    return state != invalidShift;
}

bool Utf8Validator::isValid(std::string_view text)
{
    Utf8Validator validator;
    return validator.feed(text) && validator.complete();
}

} // namespace mws
