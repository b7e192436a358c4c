#include "limit/token_bucket.h"

#include <algorithm>

namespace mws {

namespace {

using std::chrono::nanoseconds;

nanoseconds timeOf(uint64_t tokens, uint64_t perSecond)
{
    constexpr uint64_t second = 1000000000;
    constexpr uint64_t most = 1000000000; // so that the product fits
    return nanoseconds(std::min(tokens, most) * second / perSecond);
}

} // namespace

Refused TokenBucket::take(uint64_t count, SteadyTime now, const Rate &rate)
{
    if (!rate.limited())
        return std::nullopt;
    nanoseconds taken =
        std::max(m_full, now) - now; // what is missing in the bucket, as the time to refill it
    if (m_perSecond != rate.perSecond && m_perSecond != 0)
        taken = nanoseconds(int64_t(double(taken.count()) * double(m_perSecond) / double(rate.perSecond)));
    const nanoseconds capacity = std::max(nanoseconds(rate.burst), timeOf(1, rate.perSecond));
    const nanoseconds cost = timeOf(count, rate.perSecond);
    const nanoseconds missing = taken + std::min(cost, capacity) - capacity;
    const bool enough = missing <= nanoseconds(0);
    m_full = now + taken + (enough ? cost : nanoseconds(0));
    m_perSecond = rate.perSecond;
    if (enough)
        return std::nullopt;
    return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(missing));
}

void TokenBucket::owe(nanoseconds time, uint64_t tokens, SteadyTime now)
{
    if (m_perSecond != 0)
        m_full = std::max(m_full, now + time + timeOf(tokens, m_perSecond));
}

} // namespace mws
