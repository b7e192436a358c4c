#pragma once

#include "mws/base/clock.h"

namespace mws::test {

/// A clock whose hands only a test turns. Starts at 2026-01-01T00:00:00Z.
class FakeClock final : public Clock
{
public:
    SteadyTime now() const override { return m_now; }
    WallTime wall() const override { return m_wall; }
    void advance(std::chrono::milliseconds by)
    {
        m_now += by;
        m_wall += by;
    }

private:
    SteadyTime m_now{std::chrono::hours(1)};
    WallTime m_wall{std::chrono::seconds(1767225600)};
};

} // namespace mws::test
