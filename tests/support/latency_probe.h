#pragma once

#include "support/raw_connection.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace mws::test {

/// How long requests took.
struct Latencies
{
    size_t requests = 0;
    size_t failures = 0; ///< not answered well within 5 s
    std::chrono::microseconds median{0};
    std::chrono::microseconds p99{0};
    std::chrono::microseconds longest{0};
};

/// A healthy client: on a thread of its own it asks the same again and again. Thread: one at a time.
class LatencyProbe
{
public:
    /// True if the answer was the right one.
    using Question = std::function<bool()>;
    explicit LatencyProbe(Question question, std::chrono::milliseconds every = std::chrono::milliseconds(2));
    ~LatencyProbe();

    /// Ends it and tells what it saw.
    Latencies stop();

private:
    void run(const Question &question, std::chrono::milliseconds every);

    std::atomic<bool> m_stop{false};
    std::vector<std::chrono::microseconds> m_times; // of the thread until it has ended
    size_t m_failures = 0;                          // likewise
    std::thread m_thread;
};

/// `GET /` on open connections, which the kernel spreads over the workers, one after the other.
LatencyProbe::Question healthyGets(const Endpoint &endpoint);

} // namespace mws::test
