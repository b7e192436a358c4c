#pragma once

#include "mws/base/clock.h"

#include <cstddef>
#include <vector>

namespace mws {

class DeadlineWheel;

/// Something that wants to be called at a time. Lives in at most one wheel, leaves it when it dies.
class Deadline
{
public:
    Deadline() = default;
    Deadline(const Deadline &) = delete;
    Deadline &operator=(const Deadline &) = delete;
    bool armed() const { return m_wheel != nullptr; }
    SteadyTime when() const { return m_when; }

protected:
    virtual ~Deadline(); ///< disarms
    /// The time has come (never before it, at most one tick after it while the wheel is turned). Already
    /// disarmed; may arm again, may delete itself or others.
    virtual void expired(SteadyTime now) = 0;

private:
    friend class DeadlineWheel;
    DeadlineWheel *m_wheel = nullptr;
    Deadline **m_link = nullptr; ///< what points to this one
    Deadline *m_next = nullptr;
    SteadyTime m_when{};
};

/// A hashed timing wheel: arming, re-arming and disarming in constant time, no allocation, for any number of
/// deadlines and any distance (what lies beyond one turn waits in its slot for its turn). Pure: told the time
/// by its owner.
class DeadlineWheel
{
public:
    DeadlineWheel(SteadyTime start, std::chrono::milliseconds tick = std::chrono::milliseconds(100),
                  size_t slots = 1024);
    ~DeadlineWheel(); ///< disarms all
    DeadlineWheel(const DeadlineWheel &) = delete;
    DeadlineWheel &operator=(const DeadlineWheel &) = delete;

    void arm(Deadline &deadline,
             SteadyTime when); ///< replaces an earlier time; a past time fires at the next advance
    void disarm(Deadline &deadline);
    /// Fires all that is due at `now`, in order of their ticks. What a handler arms for a past time waits for
    /// the next advance.
    /// Cost: linear in the ticks since the last advance plus what stands in their slots.
    void advance(SteadyTime now);
    size_t size() const { return m_size; }
    std::chrono::milliseconds tick() const { return m_tick; }

private:
    uint64_t tickOf(SteadyTime when) const;
    static void push(Deadline *&head, Deadline &deadline);
    static void unlink(Deadline &deadline);
    void takeDue(uint64_t tick);
    void fire();
    uint64_t earliestTick() const;

    std::chrono::milliseconds m_tick;
    SteadyTime m_start;
    SteadyTime m_now;
    uint64_t m_currentTick = 0;
    size_t m_size = 0;
    std::vector<Deadline *> m_slots;
    Deadline *m_late = nullptr;   ///< armed for a past time
    Deadline *m_firing = nullptr; ///< taken off their slot, about to be fired
};

} // namespace mws
