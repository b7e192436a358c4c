#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace mws {

/// How long to wait before the next attempt: anything up to a bound that doubles from attempt to attempt
/// (full jitter), so that nodes that lost the same server do not come back all at once.
class RedisBackoff
{
public:
    static constexpr std::chrono::milliseconds first{100};
    /// With the connect timeout of 2 s after it, a server that is back is found within 4 s.
    static constexpr std::chrono::milliseconds most{2000};

    /// `random` is uniform in [0, bound).
    explicit RedisBackoff(std::function<uint64_t(uint64_t)> random) : m_random(std::move(random)) {}

    std::chrono::milliseconds next();
    void reset() { m_bound = first; }

private:
    std::function<uint64_t(uint64_t)> m_random;
    std::chrono::milliseconds m_bound = first;
};

} // namespace mws
