#pragma once

#include <string_view>

namespace mws::test {

/// What a plain parser of RFC 8259 makes of a text.
struct JsonReading
{
    bool valid = false;  ///< one value of valid UTF-8, with space around it
    bool object = false; ///< and it is an object
    int depth = 0;       ///< of arrays and objects
    bool plain = true;   ///< no number that other parsers refuse for its size, no NUL in a name
};

/// By recursive descent, as plain as can be; more than 200 levels are not valid.
JsonReading readJson(std::string_view text);

} // namespace mws::test
