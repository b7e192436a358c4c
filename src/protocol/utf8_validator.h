#pragma once

#include <cstdint>
#include <string_view>

namespace mws {

/// Checks UTF-8 (RFC 3629) as it arrives, however it is split. Refuses overlong forms, surrogates and what is
/// above U+10FFFF at the first byte that makes them so.
class Utf8Validator
{
public:
    /// False as soon as the text so far cannot be the start of valid UTF-8; it stays false then.
    bool feed(std::string_view bytes);
    /// True if the text so far is whole: it does not end inside a character.
    bool complete() const { return m_state == 0; }
    void reset() { m_state = 0; }

    static bool isValid(std::string_view text);

private:
    uint8_t m_state = 0; ///< 0: between characters
};

} // namespace mws
