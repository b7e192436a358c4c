#pragma once

#include "mws/base/clock.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace mws {

/// Keeps a line that many sockets may cause from flooding the log: so many in ten seconds. Thread: one.
class LogAllowance
{
public:
    static constexpr auto window = std::chrono::seconds(10);
    static constexpr uint32_t lines = 10;

    /// Whether a line may be written now, and how many were left out before it.
    std::optional<uint64_t> take(SteadyTime now)
    {
        if (now - m_begun >= window) {
            m_begun = now;
            m_written = 0;
        }
        if (m_written >= lines) {
            ++m_suppressed;
            return std::nullopt;
        }
        ++m_written;
        return std::exchange(m_suppressed, 0);
    }

private:
    SteadyTime m_begun{};
    uint32_t m_written = 0;
    uint64_t m_suppressed = 0;
};

} // namespace mws
