#include "token/idempotency_table.h"

#include "support/fake_clock.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace mws {

using namespace std::chrono_literals;

struct IdempotencyTableTest : testing::Test
{
    test::FakeClock clock;
    IdempotencyTable table{clock, 5min, 3};

    bool isNew(std::string_view id, std::string_view body = "body", const GatewayId &gateway = "default")
    {
        const auto entered = table.enter(gateway, id, body);
        EXPECT_TRUE(entered);
        return entered && !entered->has_value();
    }
};

TEST_F(IdempotencyTableTest, GivesTheOutcomeOfTheFirstTime)
{
    EXPECT_TRUE(isNew("a"));
    auto again = table.enter("default", "a", "body");
    ASSERT_TRUE(again && again->has_value());
    EXPECT_EQ((*again)->matched, 0u); // not yet complete
    table.complete("default", "a", {7, 1});
    again = table.enter("default", "a", "body");
    ASSERT_TRUE(again && again->has_value());
    EXPECT_EQ((*again)->matched, 7u);
    EXPECT_EQ((*again)->dropped, 1u);
}

TEST_F(IdempotencyTableTest, RefusesAKnownIdWithAnotherBody)
{
    EXPECT_TRUE(isNew("a"));
    const auto other = table.enter("default", "a", "another body");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(other.error().property, "id");
    EXPECT_FALSE(isNew("a"));
}

TEST_F(IdempotencyTableTest, ForgetsAnIdAfterItsLife)
{
    EXPECT_TRUE(isNew("a"));
    clock.advance(5min - 1ms);
    EXPECT_FALSE(isNew("a")); // does not begin a new life
    clock.advance(1ms);
    EXPECT_TRUE(isNew("a", "another body"));
}

TEST_F(IdempotencyTableTest, KnowsTheNewestIds)
{
    for (const char *id : {"a", "b", "c", "d"})
        EXPECT_TRUE(isNew(id));
    EXPECT_EQ(table.size("default"), 3u);
    EXPECT_FALSE(isNew("b"));
    EXPECT_TRUE(isNew("a"));
    table.complete("default", "b", {}); // was dropped meanwhile
    EXPECT_EQ(table.size("default"), 3u);
}

TEST_F(IdempotencyTableTest, KeepsGatewaysApart)
{
    EXPECT_TRUE(isNew("a"));
    EXPECT_TRUE(isNew("a", "another body", "other"));
    table.forget("other");
    EXPECT_FALSE(isNew("a"));
    EXPECT_EQ(table.size("other"), 0u);
}

TEST_F(IdempotencyTableTest, DropsWhatIsOldOfIdleGateways)
{
    EXPECT_TRUE(isNew("a"));
    clock.advance(3min);
    EXPECT_TRUE(isNew("b"));
    clock.advance(2min);
    table.expire();
    EXPECT_EQ(table.size("default"), 1u);
}

TEST(IdempotencyTable, LetsExactlyOneOfManyThreadsDeliver)
{
    const test::FakeClock clock;
    IdempotencyTable table(clock);
    constexpr int ids = 2000;
    std::atomic<int> deliveries{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < ids; ++i) {
                const std::string id = std::to_string(i);
                const auto entered = table.enter("default", id, "body");
                if (entered && !entered->has_value()) {
                    ++deliveries;
                    table.complete("default", id, {1, 0});
                }
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    EXPECT_EQ(deliveries, ids);
}

} // namespace mws
