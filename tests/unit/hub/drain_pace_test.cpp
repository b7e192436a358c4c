#include "hub/drain_pace.h"

#include <gtest/gtest.h>
#include <vector>

namespace mws {

namespace {

using std::chrono::milliseconds;

/// How many go in each step when nothing else comes or goes.
std::vector<size_t> batches(size_t open, milliseconds spread)
{
    std::vector<size_t> sizes;
    for (milliseconds left = spread; open > 0; left -= drainStep) {
        sizes.push_back(drainBatch(open, left));
        open -= sizes.back();
    }
    return sizes;
}

} // namespace

TEST(DrainPace, LeavesTimeToAnswerTheLastClose)
{
    EXPECT_EQ(drainSpread(milliseconds(20000), milliseconds(5000)), milliseconds(15000));
    EXPECT_EQ(drainSpread(milliseconds(20000), milliseconds(1000)), milliseconds(19000));
    EXPECT_EQ(drainSpread(milliseconds(4000), milliseconds(5000)), milliseconds(3000));
    EXPECT_EQ(drainSpread(milliseconds(0), milliseconds(5000)), milliseconds(0));
}

TEST(DrainPace, FewSocketsGoAtOnce)
{
    EXPECT_EQ(batches(10, milliseconds(15000)), std::vector<size_t>{10});
    EXPECT_EQ(drainBatch(0, milliseconds(15000)), 0u);
}

TEST(DrainPace, ManySocketsGoEvenlyWithinTheSpread)
{
    const std::vector<size_t> sizes = batches(5000, milliseconds(15000));
    EXPECT_GE(sizes.size(), 140u);
    EXPECT_LE(sizes.size(), 150u);
    for (const size_t size : sizes)
        EXPECT_LE(size, 34u);
}

TEST(DrainPace, WhatIsLateGoesAtOnce)
{
    EXPECT_EQ(drainBatch(5000, milliseconds(0)), 5000u);
    EXPECT_EQ(drainBatch(5000, milliseconds(-300)), 5000u);
}

} // namespace mws
