#pragma once

#include "mws/base/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace mws {

/// How often something may happen.
struct Rate
{
    uint64_t perSecond = 0; ///< 0: no limit
    std::chrono::milliseconds burst{
        1000}; ///< how much of it may come at once: this long's worth, at least one
    bool limited() const { return perSecond != 0; }
};

/// What a caller that is over a limit is told: whole seconds, at least one. Nothing: it may go on.
using Refused = std::optional<std::chrono::seconds>;

/// Tokens come in at a steady rate, up to a burst; what is to be limited takes them out. Kept as the one
/// moment at which it will be full again (the generic cell rate algorithm), so that nothing has to refill it,
/// and a fresh one is full. Pure. Thread: one at a time.
class TokenBucket
{
public:
    /// Takes `count` tokens, or none and says when they will be there. More than fit into the bucket are
    /// given when it is full, and owed: the average keeps to the rate, and a large batch is not refused for
    /// ever. Another rate than before takes over what is owed, in tokens.
    Refused take(uint64_t count, SteadyTime now, const Rate &rate);
    /// At least so much is missing: what comes in within `time`, and `tokens` beside it. It may be more than
    /// the bucket holds: then that is owed. Nothing of a bucket that was never asked.
    void owe(std::chrono::nanoseconds time, uint64_t tokens, SteadyTime now);
    bool isFull(SteadyTime now) const { return m_full <= now; }

private:
    SteadyTime m_full{};
    uint64_t m_perSecond = 0; ///< the rate that m_full was reckoned with
};

} // namespace mws
