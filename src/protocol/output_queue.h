#pragma once

#include "mws/base/clock.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>

namespace mws {

/// Bytes that many sockets send alike: framed once, never changed.
using SharedBytes = std::shared_ptr<const std::string>;

/// What waits to be written to one connection: shared frames by reference, other bytes by value, in order.
/// Pure: it hands out iovecs and is told how much of them went. Small while empty (keep sizeof at 64 bytes or
/// less, no heap).
class OutputQueue
{
public:
    /// What kind of bytes a chunk holds decides what may be dropped: only whole Data frames that have not
    /// begun.
    enum class Kind : uint8_t { Control, Data };

    size_t bytes() const { return m_bytes; }
    bool empty() const { return bytes() == 0; }
    /// How many frames and other chunks wait.
    size_t frames() const;
    /// Memory that one of them holds beside its bytes, if nobody shares it; see QueueMemory.
    static constexpr size_t frameOverhead = 160;
    /// What it holds, if nobody shared it.
    size_t heldBytes() const { return bytes() + frames() * frameOverhead; }

    OutputQueue();
    ~OutputQueue();
    OutputQueue(OutputQueue &&other) noexcept;
    OutputQueue &operator=(OutputQueue &&other) noexcept;

    /// Adds `frame` by reference; an empty one is nothing. A default `expires` never expires.
    void pushShared(SharedBytes frame, Kind kind, SteadyTime expires = {});
    /// Copies bytes; small Control ones are gathered into the previous own chunk if that is still last and
    /// has not begun. Data is one frame a call.
    void pushCopy(std::string_view bytes, Kind kind);

    /// Fills `vectors` from the front and returns how many it used. Data that has expired by `now` and has
    /// not begun is dropped first and counted in `expired`.
    size_t gather(std::span<iovec> vectors, SteadyTime now, uint64_t &expired);
    /// Tells that `written` bytes of what gather() gave have gone.
    void consume(size_t written);

    /// Drops Data that has not begun, oldest first, until `bytes() + frames() * overhead <= limit` or none is
    /// left; the number of frames dropped. Control bytes and a frame that has begun stay.
    size_t dropOldest(size_t limit, size_t overhead = 0);
    /// Drops all that has not begun; afterwards a Close can follow whole.
    void dropUnsent();
    void clear();

private:
    struct Chunk
    {
        SharedBytes bytes;
        SteadyTime expires{};
        Kind kind = Kind::Control;
        bool own = false; ///< made by pushCopy
    };
    struct Rest;

    void push(Chunk chunk);
    Chunk &last();
    void removeFirst();
    static bool expiredBy(const Chunk &chunk, SteadyTime now);
    void dropExpired(SteadyTime now, uint64_t &expired);
    bool begun() const { return m_offset > 0; }

    Chunk m_first;                ///< while there are bytes; most often the only one
    std::unique_ptr<Rest> m_rest; ///< what follows it; kept until the queue is empty
    size_t m_bytes = 0;
    size_t m_offset = 0; ///< what has gone of the first chunk
};

} // namespace mws
