#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// A message that arrives in parts. It grows by segments and moves nothing, so that it holds little more
/// than what has come: many half-sent messages at once are what a flood is made of, and a string that
/// doubles leaves as much again in freed blocks. Thread: the owner's.
class MessageBuffer
{
public:
    /// Cost: one copy of `bytes`.
    void append(std::string_view bytes);
    size_t size() const { return m_size; }
    /// All of it, valid until the next call. Cost: one copy, if it is longer than one segment.
    std::string_view whole();

private:
    std::vector<std::string> m_segments; ///< all but the last are full
    size_t m_size = 0;
};

} // namespace mws
