#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace mws {

/// The number that the whole of `text` is, as std::from_chars reads it: no sign `+`, no spaces, nothing
/// behind it, and not more than a Number holds.
template <typename Number>
std::optional<Number> numberOf(std::string_view text, int base = 10)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace mws
