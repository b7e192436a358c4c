#include "api/query.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

TEST(Query, FindsTheFirstValueDecoded)
{
    EXPECT_EQ(**queryValue("a=1&b=2&b=3", "b"), "2");
    EXPECT_EQ(**queryValue("&&b=x%20y+z%2B", "b"), "x y z+");
    EXPECT_EQ(**queryValue("a%62=1", "ab"), "1");
    EXPECT_EQ(**queryValue("b=a=b", "b"), "a=b");
    EXPECT_FALSE(queryValue("", "b")->has_value());
    EXPECT_FALSE(queryValue("bb=1", "b")->has_value());
    for (const char *bad : {"b", "b=", "b=&b=1", "b=%ff"}) {
        const auto value = queryValue(bad, "b");
        ASSERT_FALSE(value) << bad;
        EXPECT_EQ(value.error().property, "b");
    }
}

TEST(Query, ReadsNumbersWithinTheirBounds)
{
    EXPECT_EQ(**queryNumber("n=5", "n", 1, 5), 5u);
    for (const char *bad : {"n=0", "n=6", "n=-1", "n=1.0", "n=1x", "n=99999999999999999999"})
        EXPECT_FALSE(queryNumber(bad, "n", 1, 5)) << bad;
}

TEST(Query, ReadsTimes)
{
    const WallTime newYear{std::chrono::seconds(1767225600)};
    for (const char *same :
         {"t=2026-01-01T00:00:00Z", "t=2026-01-01T00:00:00.000Z", "t=2026-01-01T00:00:00",
          "t=2026-01-01T02:00:00%2B02:00", "t=2026-01-01T02:00:00+02:00", "t=1767225600"}) {
        const auto time = queryTime(same, "t");
        ASSERT_TRUE(time) << same;
        EXPECT_EQ(*time, newYear) << same;
    }
    for (const char *bad :
         {"t=", "t=now", "t=2026-13-01T00:00:00Z", "t=-5", "t=2026-01-01", "t=99999999999999"})
        EXPECT_FALSE(queryTime(bad, "t")) << bad;
}

TEST(Query, WritesTimesWithMilliseconds)
{
    EXPECT_EQ(isoTime(WallTime(std::chrono::milliseconds(1767225600007))), "2026-01-01T00:00:00.007Z");
    EXPECT_EQ(isoTimeInSeconds(WallTime(std::chrono::milliseconds(1767225600007))), "2026-01-01T00:00:00Z");
}

// Found by fuzz_query: the first day that a WallTime reaches into begins before its first nanosecond.
TEST(Query, WritesTheEarliestAndTheLatestTime)
{
    EXPECT_EQ(isoTime(WallTime::min()), "1677-09-21T00:12:43.145Z");
    EXPECT_EQ(isoTime(WallTime::max()), "2262-04-11T23:47:16.854Z");
    EXPECT_EQ(isoTime(**queryTime("t=0001-01-01T00:00:00Z", "t")), "1677-09-21T00:12:43.146Z");
}

} // namespace
} // namespace mws
