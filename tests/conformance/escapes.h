#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mws::test {

/// The bytes that a text of the corpus stands for: `\r \n \t \s \\ \xHH`, and `\{COUNT*TEXT}` for a text that
/// is repeated (TEXT may have escapes but no repetition; `}` in it is `\x7d`). Nothing if it is malformed.
std::optional<std::string> unescaped(std::string_view text);

/// A number that is all of `text`, without a sign; nothing if it is none.
std::optional<uint64_t> parseNumber(std::string_view text, int base = 10);

} // namespace mws::test
