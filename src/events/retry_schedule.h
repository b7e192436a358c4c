#pragma once

#include <chrono>
#include <cstdint>

namespace mws {

/// How long to wait before an attempt is made again: a first pause that doubles with every failure, up to an
/// hour, and 20 % more or less of it, so that what failed together does not come back together.
class RetrySchedule
{
public:
    static constexpr std::chrono::milliseconds longest{3600 * 1000};

    explicit RetrySchedule(std::chrono::milliseconds first) : m_first(first) {}

    /// The pause after that many failures, at least 1. `random` is uniform in 0 to 1.
    std::chrono::milliseconds pause(uint32_t failures, double random) const;

private:
    std::chrono::milliseconds m_first;
};

} // namespace mws
