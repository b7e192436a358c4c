#include "protocol/deadline_wheel.h"

#include <algorithm>

namespace mws {

Deadline::~Deadline()
{
    if (m_wheel)
        m_wheel->disarm(*this);
}

DeadlineWheel::DeadlineWheel(SteadyTime start, std::chrono::milliseconds tick, size_t slots)
    : m_tick(std::max(tick, std::chrono::milliseconds(1))),
      m_start(start),
      m_now(start),
      m_slots(std::max<size_t>(slots, 1), nullptr)
{}

DeadlineWheel::~DeadlineWheel()
{
    while (m_late)
        disarm(*m_late);
    while (m_firing)
        disarm(*m_firing);
    for (Deadline *&slot : m_slots) {
        while (slot)
            disarm(*slot);
    }
}

uint64_t DeadlineWheel::tickOf(SteadyTime when) const
{
    return when <= m_start ? 0 : static_cast<uint64_t>((when - m_start) / m_tick);
}

void DeadlineWheel::push(Deadline *&head, Deadline &deadline)
{
    deadline.m_next = head;
    deadline.m_link = &head;
    if (head)
        head->m_link = &deadline.m_next;
    head = &deadline;
}

void DeadlineWheel::unlink(Deadline &deadline)
{
    *deadline.m_link = deadline.m_next;
    if (deadline.m_next)
        deadline.m_next->m_link = deadline.m_link;
    deadline.m_link = nullptr;
    deadline.m_next = nullptr;
}

void DeadlineWheel::arm(Deadline &deadline, SteadyTime when)
{
    if (deadline.m_wheel)
        deadline.m_wheel->disarm(deadline);
    deadline.m_wheel = this;
    deadline.m_when = when;
    push(when <= m_now ? m_late : m_slots[tickOf(when) % m_slots.size()], deadline);
    ++m_size;
}

void DeadlineWheel::disarm(Deadline &deadline)
{
    if (deadline.m_wheel != this)
        return;
    unlink(deadline);
    deadline.m_wheel = nullptr;
    --m_size;
}

void DeadlineWheel::advance(SteadyTime now)
{
    m_now = std::max(m_now, now);
    while (m_late) {
        Deadline &late = *m_late;
        unlink(late);
        push(m_firing, late);
    }
    fire();
    const uint64_t last = tickOf(m_now);
    for (uint64_t stepped = 0; m_size > 0; ++stepped) {
        // A long gap: one look for the next that is due is cheaper than many empty turns.
        if (stepped % m_slots.size() == 0 && last - m_currentTick > m_slots.size())
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
    Deadline *at = m_slots[tick % m_slots.size()];
    while (at) {
        Deadline &deadline = *at;
        at = at->m_next;
        if (deadline.m_when <= m_now && tickOf(deadline.m_when) <= tick) {
            unlink(deadline);
            push(m_firing, deadline);
        }
    }
}

// One at a time off the list's front: a handler may take any other off it, or destroy it.
void DeadlineWheel::fire()
{
    while (m_firing) {
        Deadline &deadline = *m_firing;
        disarm(deadline);
        deadline.expired(m_now);
    }
}

uint64_t DeadlineWheel::earliestTick() const
{
    SteadyTime earliest = SteadyTime::max();
    for (const Deadline *slot : m_slots) {
        for (; slot; slot = slot->m_next)
            earliest = std::min(earliest, slot->m_when);
    }
    return tickOf(earliest);
}

} // namespace mws
