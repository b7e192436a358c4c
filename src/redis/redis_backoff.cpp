#include "redis/redis_backoff.h"

#include <algorithm>

namespace mws {

std::chrono::milliseconds RedisBackoff::next()
{
    const std::chrono::milliseconds wait(int64_t(m_random(uint64_t(m_bound.count()) + 1)));
    m_bound = std::min(m_bound * 2, most);
    return wait;
}

} // namespace mws
