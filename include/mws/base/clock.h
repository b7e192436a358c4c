#pragma once

#include <chrono>

namespace mws {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Where the time comes from, so that tests can turn the hands.
/// Thread: any.
class Clock
{
public:
    virtual ~Clock() = default;
    /// Never goes back; for deadlines.
    virtual SteadyTime now() const = 0;
    /// The time of day in UTC; for what is shown, signed or stored.
    virtual WallTime wall() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock
{
public:
    SteadyTime now() const override { return std::chrono::steady_clock::now(); }
    WallTime wall() const override { return std::chrono::system_clock::now(); }
};

} // namespace mws
