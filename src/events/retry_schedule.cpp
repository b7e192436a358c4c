#include "events/retry_schedule.h"

#include <algorithm>

namespace mws {

std::chrono::milliseconds RetrySchedule::pause(uint32_t failures, double random) const
{
    constexpr uint32_t enough = 30; // doublings of a millisecond make more than an hour
    std::chrono::milliseconds pause = std::min(m_first, longest);
    for (uint32_t i = 1; i < std::min(failures, enough) && pause < longest; ++i)
        pause *= 2;
    const double factor = 0.8 + 0.4 * std::clamp(random, 0.0, 1.0);
    return std::chrono::milliseconds(int64_t(double(std::min(pause, longest).count()) * factor));
}

} // namespace mws
