#include "protocol/deadline_wheel.h"

#include <algorithm>
#include <utility>

namespace mws {

namespace {

/// So many before its turn a deadline is fetched: when the due ones are looked for, and when they are fired.
constexpr size_t lookAhead = 16;
constexpr size_t fireAhead = 6;

} // namespace

Deadline::~Deadline()
{
    if (m_wheel)
        m_wheel->disarm(*this);
}

DeadlineWheel::DeadlineWheel(SteadyTime start, std::chrono::milliseconds tick, size_t slots)
    : m_tick(std::max(tick, std::chrono::milliseconds(1))),
      m_start(start),
      m_now(start),
      m_slots(std::max<size_t>(slots, 1)),
      m_late(m_slots),
      m_firing(m_slots + 1),
      m_lists(m_slots + 2)
{}

DeadlineWheel::~DeadlineWheel()
{
    for (const List &list : m_lists)
        for (Deadline *deadline : list)
            deadline->m_wheel = nullptr;
}

uint64_t DeadlineWheel::tickOf(SteadyTime when) const
{
    return when <= m_start ? 0 : static_cast<uint64_t>((when - m_start) / m_tick);
}

void DeadlineWheel::push(size_t list, Deadline &deadline)
{
    deadline.m_list = static_cast<uint32_t>(list);
    deadline.m_position = static_cast<uint32_t>(m_lists[list].size());
    m_lists[list].push_back(&deadline);
}

void DeadlineWheel::remove(Deadline &deadline)
{
    List &list = m_lists[deadline.m_list];
    Deadline *const last = list.back();
    list[deadline.m_position] = last;
    last->m_position = deadline.m_position;
    list.pop_back();
}

void DeadlineWheel::arm(Deadline &deadline, SteadyTime when)
{
    if (deadline.m_wheel)
        deadline.m_wheel->disarm(deadline);
    deadline.m_wheel = this;
    deadline.m_when = when;
    push(when <= m_now ? m_late : slotOf(when), deadline);
    ++m_size;
}

void DeadlineWheel::disarm(Deadline &deadline)
{
    if (deadline.m_wheel != this)
        return;
    remove(deadline);
    deadline.m_wheel = nullptr;
    --m_size;
}

void DeadlineWheel::advance(SteadyTime now)
{
    m_now = std::max(m_now, now);
    const List late = std::exchange(m_lists[m_late], {});
    std::for_each(late.rbegin(), late.rend(), [this](Deadline *each) { push(m_firing, *each); });
    fire();
    const uint64_t last = tickOf(m_now);
    for (uint64_t stepped = 0; m_size > 0; ++stepped) {
        // A long gap: one look for the next that is due is cheaper than many empty turns.
        if (stepped % m_slots == 0 && last - m_currentTick > m_slots)
            m_currentTick = std::clamp(earliestTick(), m_currentTick, last);
        takeDue(m_currentTick);
        fire();
        if (m_currentTick == last)
            return;
        ++m_currentTick;
    }
    m_currentTick = last;
}

void DeadlineWheel::takeDue(uint64_t tick)
{
    const size_t at = tick % m_slots;
    const List slot = std::exchange(m_lists[at], {}); // its memory is given back
    List left;
    for (size_t i = slot.size(); i-- > 0;) { // from behind, as fire() does
        if (i >= lookAhead)
            __builtin_prefetch(slot[i - lookAhead]);
        Deadline &deadline = *slot[i];
        if (deadline.m_when <= m_now && tickOf(deadline.m_when) <= tick)
            push(m_firing, deadline);
        else
            left.push_back(&deadline);
    }
    for (Deadline *deadline : left)
        push(at, *deadline);
}

// One at a time off the list's end, where the first one is: a handler may take any other off it, or destroy
// it.
void DeadlineWheel::fire()
{
    List &firing = m_lists[m_firing];
    for (size_t i = 1; i <= std::min(fireAhead, firing.size()); ++i)
        firing[firing.size() - i]->approaching();
    while (!firing.empty()) {
        Deadline &deadline = *firing.back();
        if (firing.size() > fireAhead)
            firing[firing.size() - 1 - fireAhead]->approaching();
        disarm(deadline);
        deadline.expired(m_now);
    }
    if (firing.capacity() > 0)
        List().swap(firing);
}

uint64_t DeadlineWheel::earliestTick() const
{
    SteadyTime earliest = SteadyTime::max();
    for (size_t slot = 0; slot < m_slots; ++slot)
        for (const Deadline *deadline : m_lists[slot])
            earliest = std::min(earliest, deadline->m_when);
    return tickOf(earliest);
}

} // namespace mws
