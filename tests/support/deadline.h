#pragma once

#include <algorithm>
#include <chrono>

namespace mws::test {

/// How long a call of a test client may take unless it is told otherwise.
inline constexpr std::chrono::milliseconds patience{5000};

/// The same for what takes a while on a busy machine: only ends a hang.
inline constexpr std::chrono::milliseconds longPatience{30000};

/// A moment that a blocking call must not wait past.
class Deadline
{
public:
    explicit Deadline(std::chrono::milliseconds wait) : m_end(std::chrono::steady_clock::now() + wait) {}

    /// Milliseconds left, for poll(): never negative.
    int left() const
    {
        const auto rest =
            std::chrono::ceil<std::chrono::milliseconds>(m_end - std::chrono::steady_clock::now());
        return int(std::max<int64_t>(0, rest.count()));
    }
    std::chrono::steady_clock::time_point end() const { return m_end; }

private:
    std::chrono::steady_clock::time_point m_end;
};

} // namespace mws::test
