#pragma once

#include <chrono>
#include <functional>

namespace mws::client {

struct BackoffSettings
{
    std::chrono::milliseconds initial{1000};
    double factor = 2;
    std::chrono::milliseconds max{30000};
    std::chrono::milliseconds stableAfter{10000};
};

/// Pauses between attempts: exponential with full jitter, so that clients that lost their server at the same
/// moment do not come back at the same moment. Thread: one at a time.
class Backoff
{
public:
    /// Gives numbers from 0 up to, not including, 1.
    using Random = std::function<double()>;
    using TimePoint = std::chrono::steady_clock::time_point;

    /// No function: the system's random numbers.
    explicit Backoff(Random random = {});

    /// An attempt has failed: the pause before the next one, `atLeast` and the jitter on top of it.
    std::chrono::milliseconds failed(const BackoffSettings &settings, std::chrono::milliseconds atLeast = {});
    void opened(TimePoint now) { m_openedAt = now; }
    /// The connection is gone. One that held for `stableAfter` begins the count anew.
    std::chrono::milliseconds lost(const BackoffSettings &settings, TimePoint now);
    void reset() { m_failures = 0; }
    /// In a row, the last one included.
    int failures() const { return m_failures; }

private:
    Random m_random;
    TimePoint m_openedAt;
    int m_failures = 0;
};

} // namespace mws::client
