#pragma once

#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace mws::test {

/// What decides in a simulation; the same seed decides the same.
class Chance
{
public:
    explicit Chance(uint64_t seed) : m_random(seed) {}
    uint64_t below(uint64_t limit) { return m_random() % limit; }
    bool oneIn(uint64_t count) { return below(count) == 0; }
    /// A nonce: never 0.
    uint64_t nonce() { return m_random() | 1; }

private:
    std::mt19937_64 m_random;
};

/// Runs `simulate` with the seeds below `seeds`, until one fails, which is printed.
inline void forEachSeed(uint64_t seeds, const std::function<void(uint64_t seed)> &simulate)
{
    for (uint64_t seed = 0; seed < seeds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        simulate(seed);
    }
}

} // namespace mws::test
