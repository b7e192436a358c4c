#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mws::test {

/// The bytes that a text of the corpus stands for: `\r \n \t \s \\ \xHH`, and `\{COUNT*TEXT}` for a text that
/// is repeated (TEXT may have escapes but no repetition; `}` in it is `\x7d`). Nothing if it is malformed.
std::optional<std::string> unescaped(std::string_view text);

} // namespace mws::test
