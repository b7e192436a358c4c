#pragma once

#include "mws/base/metrics.h"
#include "protocol/output_queue.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace mws {

/// What the queues of one worker hold: a frame that many of them share counts once, for as long as any of
/// them has it, and each queue's references to frames count for themselves. When the last one lets go of it,
/// it has been written to all: so this also measures how long that took. Thread: the worker's, on which the
/// last reference to what share() gave must go, too; outlives all of those.
class QueueMemory
{
public:
    /// Of a frame beside its bytes: this record and the string's head.
    static constexpr size_t frameOverhead = 128;
    /// Of a reference in a queue.
    static constexpr size_t referenceBytes = 32;

    /// Both outlive this. Null: no times are taken.
    explicit QueueMemory(const Clock *clock = nullptr, Histogram *writtenAfter = nullptr)
        : m_clock(clock), m_writtenAfter(writtenAfter)
    {}

    /// `frame`, to be queued: counted until the last queue has let go of it. `since`: from when its time is
    /// taken; a default one: not at all.
    SharedBytes share(const SharedBytes &frame, SteadyTime since = {})
    {
        const auto held = std::make_shared<const Held>(frame, *this, since);
        return SharedBytes(held, frame.get());
    }

    /// While it lives, what queues let go of is not written but dropped, and no time is taken.
    class Dropping
    {
    public:
        explicit Dropping(QueueMemory &memory) : m_memory(memory) { ++m_memory.m_dropping; }
        ~Dropping() { --m_memory.m_dropping; }
        Dropping(const Dropping &) = delete;
        Dropping &operator=(const Dropping &) = delete;

    private:
        QueueMemory &m_memory;
    };

    void addReferences(size_t count) { m_bytes += count * referenceBytes; }
    void removeReferences(size_t count) { m_bytes -= count * referenceBytes; }

    size_t bytes() const { return m_bytes; }

private:
    struct Held
    {
        Held(SharedBytes bytes, QueueMemory &owner, SteadyTime began)
            : frame(std::move(bytes)), memory(owner), since(began)
        {
            memory.m_bytes += frame->size() + frameOverhead;
        }
        ~Held()
        {
            memory.m_bytes -= frame->size() + frameOverhead;
            if (since != SteadyTime{} && memory.m_dropping == 0)
                memory.written(since);
        }
        Held(const Held &) = delete;
        Held &operator=(const Held &) = delete;

        SharedBytes frame;
        QueueMemory &memory;
        const SteadyTime since;
    };

    void written(SteadyTime since) const
    {
        if (m_writtenAfter)
            m_writtenAfter->add(
                std::chrono::duration_cast<std::chrono::microseconds>(m_clock->now() - since));
    }

    const Clock *const m_clock;
    Histogram *const m_writtenAfter;
    size_t m_bytes = 0;
    unsigned m_dropping = 0; ///< how many Droppings there are
    static_assert(frameOverhead + referenceBytes == OutputQueue::frameOverhead);
};

} // namespace mws
