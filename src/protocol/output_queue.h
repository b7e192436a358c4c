#pragma once

#include "mws/base/clock.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>
#include <vector>

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

    size_t bytes() const;
    bool empty() const { return bytes() == 0; }

    /// Adds `frame` by reference. A default `expires` never expires.
    void pushShared(SharedBytes frame, Kind kind, SteadyTime expires = {});
    /// Copies bytes; small ones are gathered into the previous own chunk if that is still last and has not
    /// begun.
    void pushCopy(std::string_view bytes, Kind kind);

    /// Fills `vectors` from the front and returns how many it used. Data that has expired by `now` and has
    /// not begun is dropped first and counted in `expired`.
    size_t gather(std::span<iovec> vectors, SteadyTime now, uint64_t &expired);
    /// Tells that `written` bytes of what gather() gave have gone.
    void consume(size_t written);

    /// Drops Data that has not begun, oldest first, until `bytes() <= limit` or none is left; the number of
    /// frames dropped. Control bytes and a frame that has begun stay.
    size_t dropOldest(size_t limit);
    /// Drops all that has not begun; afterwards a Close can follow whole.
    void dropUnsent();
    void clear();

private:
    // Implementation's business.
    struct Chunk
    {
        SharedBytes shared;
        std::string own;
        SteadyTime expires;
        Kind kind;
    };
    std::vector<Chunk> m_chunks; // choose what measures well; a ring if erase at the front costs
    size_t m_bytes = 0;
    size_t m_offset = 0; // into the first chunk
};

} // namespace mws
