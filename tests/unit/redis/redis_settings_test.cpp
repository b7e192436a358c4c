#include "redis/redis_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(RedisUrl, ReadsItsParts)
{
    const auto plain = parseRedisUrl("redis://localhost");
    ASSERT_TRUE(plain);
    RedisSettings expected;
    expected.nodes = {{"localhost", 6379}};
    EXPECT_EQ(*plain, expected);

    const auto full = parseRedisUrl("rediss://us%40er:pa%3Ass%2F%25@redis.example.com:6380/12");
    ASSERT_TRUE(full);
    EXPECT_TRUE(full->tls);
    EXPECT_EQ(full->user, "us@er");
    EXPECT_EQ(full->password, "pa:ss/%");
    EXPECT_THAT(full->nodes, ElementsAre(RedisNode{"redis.example.com", 6380}));
    EXPECT_EQ(full->database, 12u);

    const auto noUser = parseRedisUrl("REDIS://:p@ss@10.0.0.1:1/");
    ASSERT_TRUE(noUser);
    EXPECT_EQ(noUser->user, "");
    EXPECT_EQ(noUser->password, "p@ss");
    EXPECT_THAT(noUser->nodes, ElementsAre(RedisNode{"10.0.0.1", 1}));
    EXPECT_EQ(noUser->database, 0u);
}

TEST(RedisUrl, TakesIpv6AndSeveralServers)
{
    const auto several = parseRedisUrl("redis://:x@a:1,[::1],[fe80::2%eth0]:65535,b");
    ASSERT_TRUE(several);
    EXPECT_THAT(several->nodes, ElementsAre(RedisNode{"a", 1}, RedisNode{"::1", 6379},
                                            RedisNode{"fe80::2%eth0", 65535}, RedisNode{"b", 6379}));
    EXPECT_EQ(several->nodes[1].text(), "[::1]:6379");
    EXPECT_EQ(several->nodes[3].text(), "b:6379");
}

TEST(RedisUrl, RefusesWhatIsNoneAndNeverRepeatsIt)
{
    for (const char *url : {"",
                            "hunter2",
                            "http://hunter2@a",
                            "redis:/a",
                            "redis://",
                            "redis://hunter2@a",
                            "redis://:@a",
                            "redis://u:hunter2%2@a",
                            "redis://u:hunter2%zz@a",
                            "redis://u:hunter2@",
                            "redis://u:hunter2@a:",
                            "redis://u:hunter2@a:0",
                            "redis://u:hunter2@a:65536",
                            "redis://u:hunter2@a:1x",
                            "redis://u:hunter2@a,",
                            "redis://u:hunter2@a,,b",
                            "redis://u:hunter2@::1",
                            "redis://u:hunter2@[::1",
                            "redis://u:hunter2@[hunter2]",
                            "redis://u:hunter2@[::1]x",
                            "redis://u:hunter2@a/x",
                            "redis://u:hunter2@a/-1",
                            "redis://u:hunter2@a/1/2",
                            "redis://u:hunter2@a?db=1",
                            "redis://u:hunter2@a#b",
                            "redis://u:hunter2@a b",
                            "redis://u:hunt/er2",
                            "redis://u:hunter2@a/99999999999"}) {
        const auto settings = parseRedisUrl(url);
        ASSERT_FALSE(settings) << url;
        EXPECT_EQ(settings.error().code, ErrorCode::InvalidData) << url;
        EXPECT_THAT(settings.error().detail, Not(HasSubstr("hunt"))) << url;
        EXPECT_FALSE(settings.error().detail.empty()) << url;
    }
}

} // namespace mws
