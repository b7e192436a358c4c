#include "backoff.h"

#include <gtest/gtest.h>

namespace mws::client {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const BackoffSettings settings{milliseconds(100), 2, milliseconds(1000), seconds(10)};
constexpr Backoff::TimePoint start{seconds(1000)};

/// A source of random numbers that always gives the same.
Backoff::Random always(double number)
{
    return [number] { return number; };
}

} // namespace

TEST(Backoff, GrowsByTheFactorUpToTheMaximum)
{
    Backoff backoff(always(1));
    for (const int expected : {100, 200, 400, 800, 1000, 1000})
        EXPECT_EQ(backoff.failed(settings), milliseconds(expected));
    EXPECT_EQ(backoff.failures(), 6);
}

TEST(Backoff, PausesAreSpreadFromNothingToTheWholeSpan)
{
    Backoff least(always(0));
    Backoff half(always(0.5));
    EXPECT_EQ(least.failed(settings), milliseconds(0));
    EXPECT_EQ(half.failed(settings), milliseconds(50));
    EXPECT_EQ(half.failed(settings), milliseconds(100));
}

TEST(Backoff, WhatTheServerAskedForComesBeforeTheJitter)
{
    Backoff backoff(always(0.5));
    EXPECT_EQ(backoff.failed(settings, seconds(7)), milliseconds(7050));
    EXPECT_EQ(backoff.failed(settings), milliseconds(100));
}

TEST(Backoff, ConnectionThatHeldMakesTheNextFailureTheFirst)
{
    Backoff backoff(always(1));
    for (int i = 0; i < 4; ++i)
        backoff.failed(settings);
    backoff.opened(start);
    EXPECT_EQ(backoff.lost(settings, start + seconds(10)), milliseconds(100));
    EXPECT_EQ(backoff.failures(), 1);
}

TEST(Backoff, ConnectionThatDidNotHoldCountsAsAFailure)
{
    Backoff backoff(always(1));
    backoff.failed(settings);
    backoff.opened(start);
    EXPECT_EQ(backoff.lost(settings, start + milliseconds(9999)), milliseconds(200));
    EXPECT_EQ(backoff.failures(), 2);
}

TEST(Backoff, CountsOnWithoutOverflow)
{
    Backoff backoff(always(1));
    for (int i = 0; i < 5000; ++i)
        EXPECT_LE(backoff.failed(settings), settings.max);
    EXPECT_EQ(backoff.failed(settings), settings.max);
    backoff.reset();
    EXPECT_EQ(backoff.failed(settings), settings.initial);
}

TEST(Backoff, SystemsRandomNumbersStayWithinTheSpanAndDiffer)
{
    Backoff backoff;
    milliseconds least = settings.max;
    milliseconds most{0};
    for (int i = 0; i < 1000; ++i) {
        const milliseconds pause = backoff.failed(settings);
        least = std::min(least, pause);
        most = std::max(most, pause);
    }
    EXPECT_LT(least, milliseconds(200));
    EXPECT_GT(most, milliseconds(800));
    EXPECT_LE(most, settings.max);
}

} // namespace mws::client
