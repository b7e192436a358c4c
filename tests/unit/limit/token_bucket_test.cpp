#include "limit/token_bucket.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

using namespace std::chrono_literals;

class TokenBucketTest : public ::testing::Test
{
protected:
    Refused take(uint64_t count, const Rate &rate) { return bucket.take(count, clock.now(), rate); }
    uint64_t takeAll(const Rate &rate)
    {
        uint64_t taken = 0;
        while (!take(1, rate))
            ++taken;
        return taken;
    }

    test::FakeClock clock;
    TokenBucket bucket;
};

} // namespace

TEST_F(TokenBucketTest, FreshOneGivesItsBurstAndThenItsRate)
{
    const Rate rate{10, 1s};
    EXPECT_EQ(takeAll(rate), 10u);
    clock.advance(99ms);
    EXPECT_TRUE(take(1, rate));
    clock.advance(1ms);
    EXPECT_FALSE(take(1, rate));
    EXPECT_TRUE(take(1, rate));
    clock.advance(500ms);
    EXPECT_EQ(takeAll(rate), 5u);
}

TEST_F(TokenBucketTest, FillsUpToTheBurstOnly)
{
    const Rate rate{10, 3s};
    EXPECT_EQ(takeAll(rate), 30u);
    EXPECT_FALSE(bucket.isFull(clock.now()));
    clock.advance(1h);
    EXPECT_TRUE(bucket.isFull(clock.now()));
    EXPECT_EQ(takeAll(rate), 30u);
}

TEST_F(TokenBucketTest, SaysInWholeSecondsWhenToComeBack)
{
    const Rate rate{2, 10s};
    EXPECT_FALSE(take(20, rate));
    EXPECT_EQ(take(1, rate), 1s) << "half a second";
    EXPECT_EQ(take(2, rate), 1s);
    EXPECT_EQ(take(3, rate), 2s) << "one and a half";
    EXPECT_EQ(take(20, rate), 10s);
    clock.advance(10s);
    EXPECT_FALSE(take(20, rate));
}

TEST_F(TokenBucketTest, WhatIsRefusedTakesNothing)
{
    const Rate rate{10, 1s};
    EXPECT_FALSE(take(5, rate));
    EXPECT_TRUE(take(6, rate));
    EXPECT_FALSE(take(5, rate));
}

TEST_F(TokenBucketTest, ABatchLargerThanTheBurstNeedsAFullBucketAndIsOwed)
{
    const Rate rate{10, 1s};
    EXPECT_FALSE(take(50, rate));
    EXPECT_EQ(take(1, rate), 5s) << "40 are owed, and then one must come";
    clock.advance(4s);
    EXPECT_TRUE(take(1, rate));
    clock.advance(1s);
    EXPECT_EQ(takeAll(rate), 10u);
    EXPECT_EQ(take(50, rate), 1s);
}

TEST_F(TokenBucketTest, KeepsToItsRateWhateverIsAskedFor)
{
    const Rate rate{100, 1s};
    uint64_t taken = 0;
    for (int step = 0; step < 1000; ++step) { // 10 s
        const auto count = uint64_t(1 + step * 7 % 23);
        if (!take(count, rate))
            taken += count;
        clock.advance(10ms);
    }
    EXPECT_LE(taken, 1100u);
    EXPECT_GE(taken, 1000u);
}

TEST_F(TokenBucketTest, AnotherRateIsInForceAtOnce)
{
    EXPECT_FALSE(take(1000, Rate{1, 1s}));
    EXPECT_EQ(take(1, Rate{1, 1s}), 1000s);
    EXPECT_EQ(take(1, Rate{1000, 1s}), 1s) << "what is owed stays 999 tokens, which come in a second now";
    clock.advance(1s);
    EXPECT_FALSE(take(1, Rate{1000, 1s}));
    EXPECT_FALSE(take(1000000, Rate{0, 1s})) << "no limit";
}

TEST_F(TokenBucketTest, ARateBelowOneForEachBurstStillGivesOne)
{
    const Rate rate{1, 500ms};
    EXPECT_FALSE(take(1, rate));
    EXPECT_EQ(take(1, rate), 1s);
    clock.advance(1s);
    EXPECT_FALSE(take(1, rate));
}

} // namespace mws
