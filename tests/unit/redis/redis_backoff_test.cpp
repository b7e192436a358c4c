#include "redis/redis_backoff.h"

#include <gtest/gtest.h>

namespace mws {

using std::chrono::milliseconds;

TEST(RedisBackoff, DoublesItsBoundUpToTwoSeconds)
{
    RedisBackoff backoff([](uint64_t bound) { return bound - 1; }); // the worst case
    for (const int wait : {100, 200, 400, 800, 1600, 2000, 2000, 2000})
        EXPECT_EQ(backoff.next(), milliseconds(wait));
    backoff.reset();
    EXPECT_EQ(backoff.next(), milliseconds(100));
}

TEST(RedisBackoff, TakesAnyPartOfTheBound)
{
    RedisBackoff backoff([](uint64_t) { return 0; });
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(backoff.next(), milliseconds(0));
    RedisBackoff half([](uint64_t bound) { return bound / 2; });
    EXPECT_EQ(half.next(), milliseconds(50));
    EXPECT_EQ(half.next(), milliseconds(100));
}

} // namespace mws
