#include "events/retry_schedule.h"

#include <gtest/gtest.h>

namespace mws {

using std::chrono::milliseconds;

TEST(RetrySchedule, DoublesUpToAnHour)
{
    const RetrySchedule schedule(milliseconds(5000));
    constexpr double middle = 0.5;
    EXPECT_EQ(schedule.pause(1, middle), milliseconds(5000));
    EXPECT_EQ(schedule.pause(2, middle), milliseconds(10000));
    EXPECT_EQ(schedule.pause(5, middle), milliseconds(80000));
    EXPECT_EQ(schedule.pause(10, middle), milliseconds(2560000));
    EXPECT_EQ(schedule.pause(11, middle), milliseconds(3600000));
    EXPECT_EQ(schedule.pause(4000000000u, middle), milliseconds(3600000));
}

TEST(RetrySchedule, JittersByTwentyPerCent)
{
    const RetrySchedule schedule(milliseconds(1000));
    EXPECT_EQ(schedule.pause(1, 0.0), milliseconds(800));
    EXPECT_EQ(schedule.pause(1, 1.0), milliseconds(1200));
    EXPECT_EQ(schedule.pause(1, 0.25), milliseconds(900));
}

} // namespace mws
