#include "base/log_allowance.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

namespace mws {

TEST(LogAllowance, LetsTenLinesThroughInTenSecondsAndSaysHowManyItHeldBack)
{
    test::FakeClock clock;
    LogAllowance allowance;
    for (uint32_t i = 0; i < LogAllowance::lines; ++i)
        EXPECT_EQ(allowance.take(clock.now()), 0u);
    for (int i = 0; i < 7; ++i)
        EXPECT_FALSE(allowance.take(clock.now()));
    clock.advance(std::chrono::seconds(9));
    EXPECT_FALSE(allowance.take(clock.now()));
    clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(allowance.take(clock.now()), 8u);
    EXPECT_EQ(allowance.take(clock.now()), 0u);
}

} // namespace mws
