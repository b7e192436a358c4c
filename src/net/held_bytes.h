#pragma once

#include "mws/base/clock.h"

#include <cstddef>

namespace mws {

/// One part of a sum: what its owner holds of something that has not arrived whole. Thread: the owner's.
class HeldBytes
{
public:
    /// `sum` outlives it.
    explicit HeldBytes(size_t &sum) : m_sum(sum) {}
    ~HeldBytes() { set(0); }
    HeldBytes(const HeldBytes &) = delete;
    HeldBytes &operator=(const HeldBytes &) = delete;

    void set(size_t bytes)
    {
        m_sum += bytes - m_bytes;
        m_bytes = bytes;
    }

private:
    size_t &m_sum;
    size_t m_bytes = 0;
};

/// Of a message that is not whole.
struct HeldMessage
{
    HeldMessage(size_t &sum, SteadyTime now) : bytes(sum), begun(now) {}

    HeldBytes bytes;
    SteadyTime begun;
};

} // namespace mws
