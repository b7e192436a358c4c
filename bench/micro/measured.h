#pragma once

#include <string_view>

namespace mws::micro {

/// Ends the program with `what` on standard error: a refusal is quick, and measuring it would look like a
/// success.
[[noreturn]] void refuse(std::string_view what);

/// refuse() unless `good`.
inline void require(bool good, std::string_view what)
{
    if (!good)
        refuse(what);
}

/// Makes the optimiser believe that all of `value` is looked at.
template <typename T>
inline void keep(const T &value)
{
    asm volatile("" : : "g"(&value) : "memory");
}

} // namespace mws::micro
