#pragma once

#include "protocol/output_queue.h"

#include <cstddef>
#include <memory>
#include <utility>

namespace mws {

/// What the queues of one worker hold: a frame that many of them share counts once, for as long as any of
/// them has it, and each queue's references to frames count for themselves. Thread: the worker's, on which
/// the last reference to what share() gave must go, too; outlives all of those.
class QueueMemory
{
public:
    /// Of a frame beside its bytes: this record and the string's head.
    static constexpr size_t frameOverhead = 128;
    /// Of a reference in a queue.
    static constexpr size_t referenceBytes = 32;

    /// `frame`, to be queued: counted until the last queue has let go of it.
    SharedBytes share(const SharedBytes &frame)
    {
        const auto held = std::make_shared<const Held>(frame, *this);
        return SharedBytes(held, frame.get());
    }
    void addReferences(size_t count) { m_bytes += count * referenceBytes; }
    void removeReferences(size_t count) { m_bytes -= count * referenceBytes; }

    size_t bytes() const { return m_bytes; }

private:
    struct Held
    {
        Held(SharedBytes bytes, QueueMemory &owner) : frame(std::move(bytes)), memory(owner)
        {
            memory.m_bytes += frame->size() + frameOverhead;
        }
        ~Held() { memory.m_bytes -= frame->size() + frameOverhead; }
        Held(const Held &) = delete;
        Held &operator=(const Held &) = delete;

        SharedBytes frame;
        QueueMemory &memory;
    };

    size_t m_bytes = 0;
    static_assert(frameOverhead + referenceBytes == OutputQueue::frameOverhead);
};

} // namespace mws
