#include "hub/drain_pace.h"

#include <algorithm>
#include <cstdint>

namespace mws {

namespace {

constexpr size_t smallestBatch = 25;

} // namespace

std::chrono::milliseconds drainSpread(std::chrono::milliseconds drain, std::chrono::milliseconds closeTimeout)
{
    return drain - std::min(closeTimeout, drain / 4);
}

size_t drainBatch(size_t open, std::chrono::milliseconds left)
{
    const auto steps = size_t(std::max<int64_t>(1, left / drainStep));
    return std::min(open, std::max(smallestBatch, (open + steps - 1) / steps));
}

} // namespace mws
