#pragma once

#include <cstddef>
#include <string_view>

namespace mws::test {

/// How often `part`, which is not empty, is in `text`.
inline size_t timesIn(std::string_view text, std::string_view part)
{
    size_t times = 0;
    for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++times;
    return times;
}

} // namespace mws::test
