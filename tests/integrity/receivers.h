#pragma once

#include "plan.h"

#include <atomic>

namespace mws::test {

/// Checks what the plan's sockets get: the next message of each publisher must be the one that is due, so
/// that a lost, doubled or reordered one is told at once; at the end count and hash. Thread: the swarm's;
/// received() from any.
class Receivers
{
public:
    explicit Receivers(const Plan &plan);

    void take(size_t socket, std::string_view payload);
    bool complete() const { return m_taken == m_plan.deliveries(); }
    size_t taken() const { return m_taken; }
    /// Deliveries that are known to others; published in steps.
    std::atomic<uint64_t> received{0};
    void publish();
    /// Nobody need wait any more.
    void release();
    /// Fails for each socket and publisher with a wrong count or hash.
    void checkEnd() const;

private:
    struct Track
    {
        size_t next = 0; ///< position in Plan::expected()
        RunningHash hash;
    };

    const Plan &m_plan;
    std::vector<Track> m_tracks; ///< socket by socket, publisher by publisher
    size_t m_taken = 0;
    size_t m_failures = 0;
};

} // namespace mws::test
