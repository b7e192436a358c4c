#pragma once

#include <chrono>
#include <cstdint>

namespace mws {

/// What an answer of a server that is not quite trusted may cost.
struct AnswerBounds
{
    std::chrono::milliseconds deadline{2000}; ///< from the request to the answer's last byte
    int64_t bytes = 64 * 1024;
};

} // namespace mws
