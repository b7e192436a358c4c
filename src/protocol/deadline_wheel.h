#pragma once

#include "mws/base/clock.h"

#include <cstddef>
#include <cstdint>
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
    /// Most often expired() follows soon: a moment to fetch what it needs into the processor's caches. Must
    /// do nothing else.
    virtual void approaching() const {}

private:
    friend class DeadlineWheel;
    DeadlineWheel *m_wheel = nullptr;
    SteadyTime m_when{};
    uint32_t m_list = 0; ///< of the wheel's lists
    uint32_t m_position = 0;
};

/// A hashed timing wheel: arming, re-arming and disarming in constant time (amortised), for any number of
/// deadlines and any distance (what lies beyond one turn waits in its slot for its turn). What is due
/// together is known beforehand, unlike in a linked list: each is fetched while others are worked on, which
/// is most of what idle sockets cost. Pure: told the time by its owner.
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
    using List = std::vector<Deadline *>;
    size_t slotOf(SteadyTime when) const { return tickOf(when) % m_slots; }
    void push(size_t list, Deadline &deadline);
    void remove(Deadline &deadline);
    void takeDue(uint64_t tick);
    void fire();
    uint64_t earliestTick() const;

    std::chrono::milliseconds m_tick;
    SteadyTime m_start;
    SteadyTime m_now;
    uint64_t m_currentTick = 0;
    size_t m_size = 0;
    const size_t m_slots;
    const size_t m_late;   ///< the list of those that were armed for a past time
    const size_t m_firing; ///< the list of those that were taken off their slot, about to be fired
    std::vector<List> m_lists;
};

} // namespace mws
