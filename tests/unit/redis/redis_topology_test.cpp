#include "redis/redis_topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

const RedisNode asked{"seed", 7000};

RedisReply text(const char *bytes)
{
    return RedisReply::ofText(RedisReply::Kind::String, bytes);
}

RedisReply server(RedisReply host, int64_t port)
{
    return RedisReply::ofArray({std::move(host), RedisReply::ofInteger(port), text("id")});
}

RedisReply range(int64_t first, int64_t last, std::vector<RedisReply> servers)
{
    std::vector<RedisReply> all{RedisReply::ofInteger(first), RedisReply::ofInteger(last)};
    all.insert(all.end(), servers.begin(), servers.end());
    return RedisReply::ofArray(std::move(all));
}

RedisReply error(const char *bytes)
{
    return RedisReply::ofText(RedisReply::Kind::Error, bytes);
}

} // namespace

TEST(RedisSlot, IsTheSpecifications)
{
    EXPECT_EQ(redisCrc16("123456789"), 0x31C3); // Redis Cluster specification, appendix A
    EXPECT_EQ(redisCrc16(""), 0);
    // What CLUSTER KEYSLOT of Redis 7.0 says.
    EXPECT_EQ(redisSlot("foo"), 12182);
    EXPECT_EQ(redisSlot("bar"), 5061);
    EXPECT_EQ(redisSlot("somekey"), 11058);
    EXPECT_EQ(redisSlot("\xff\xfe"), redisCrc16("\xff\xfe") % 16384);
}

TEST(RedisSlot, LooksOnlyAtTheHashTag)
{
    // The specification's examples.
    EXPECT_EQ(redisSlot("{user1000}.following"), redisSlot("{user1000}.followers"));
    EXPECT_EQ(redisSlot("{user1000}.following"), redisSlot("user1000"));
    EXPECT_EQ(redisSlot("foo{}{bar}"), redisCrc16("foo{}{bar}") % 16384);
    EXPECT_EQ(redisSlot("foo{{bar}}zap"), redisSlot("{bar"));
    EXPECT_EQ(redisSlot("foo{bar}{zap}"), redisSlot("bar"));
    EXPECT_EQ(redisSlot("foo{somekey"), redisCrc16("foo{somekey") % 16384);
    EXPECT_EQ(redisSlot("foo}{bar"), redisCrc16("foo}{bar") % 16384);
}

TEST(RedisTopology, ReadsClusterSlots)
{
    const auto topology = RedisTopology::fromClusterSlots(
        RedisReply::ofArray({range(0, 5460, {server(text("a"), 1), server(text("b"), 2)}),
                             range(5461, 16383, {server(text(""), 3), server(RedisReply{}, 4)})}),
        asked);
    ASSERT_TRUE(topology);
    EXPECT_TRUE(topology->isComplete());
    EXPECT_EQ(*topology->primary(0), (RedisNode{"a", 1}));
    EXPECT_EQ(*topology->primary(5460), (RedisNode{"a", 1}));
    EXPECT_EQ(*topology->primary(5461), (RedisNode{"seed", 3}));
    EXPECT_EQ(*topology->primary(16383), (RedisNode{"seed", 3}));
    EXPECT_THAT(topology->primaries(), UnorderedElementsAre(RedisNode{"a", 1}, RedisNode{"seed", 3}));
    EXPECT_EQ(topology->servers().size(), 4u);
}

TEST(RedisTopology, KnowsGapsAndMoves)
{
    auto topology = RedisTopology::fromClusterSlots(
        RedisReply::ofArray({range(1, 16383, {server(text("a"), 1)})}), asked);
    ASSERT_TRUE(topology);
    EXPECT_FALSE(topology->isComplete());
    EXPECT_EQ(topology->primary(0), nullptr);
    topology->move(0, {"b", 2});
    EXPECT_TRUE(topology->isComplete());
    EXPECT_EQ(*topology->primary(0), (RedisNode{"b", 2}));
    EXPECT_THAT(topology->primaries(), ElementsAre(RedisNode{"a", 1}, RedisNode{"b", 2}));
}

TEST(RedisTopology, RefusesWhatIsNoTopology)
{
    const auto refused = [](RedisReply reply) { return !RedisTopology::fromClusterSlots(reply, asked); };
    EXPECT_TRUE(refused(RedisReply{}));
    EXPECT_TRUE(refused(error("ERR This instance has cluster support disabled")));
    EXPECT_TRUE(refused(RedisReply::ofArray({})));
    EXPECT_TRUE(refused(RedisReply::ofArray({RedisReply::ofInteger(1)})));
    EXPECT_TRUE(refused(RedisReply::ofArray({range(0, 16384, {server(text("a"), 1)})})));
    EXPECT_TRUE(refused(RedisReply::ofArray({range(-1, 1, {server(text("a"), 1)})})));
    EXPECT_TRUE(refused(RedisReply::ofArray({range(5, 4, {server(text("a"), 1)})})));
    EXPECT_TRUE(refused(RedisReply::ofArray({range(0, 16383, {})})));
    EXPECT_TRUE(refused(RedisReply::ofArray({range(0, 16383, {server(text("?"), 1)})})));
    EXPECT_TRUE(refused(RedisReply::ofArray({range(0, 16383, {server(text("a"), 65536)})})));
}

TEST(RedisRedirection, ReadsMovedAndAsk)
{
    const auto moved = parseRedirection(error("MOVED 3999 127.0.0.1:6381"), asked);
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->slot, 3999);
    EXPECT_EQ(moved->node, (RedisNode{"127.0.0.1", 6381}));
    EXPECT_EQ(parseRedirection(error("ASK 1 ::1:6381"), asked)->node, (RedisNode{"::1", 6381}));
    EXPECT_EQ(parseRedirection(error("MOVED 1 :6381"), asked)->node, (RedisNode{"seed", 6381}));
    for (const char *bad : {"MOVED", "MOVED 1", "MOVED 16384 a:1", "MOVED x a:1", "MOVED 1 a:0",
                            "MOVED 1 a:65536", "MOVED 1 a", "MOVED 1:2 a", "MOVED 1 ?:1", "ERR 1 a:1", ""})
        EXPECT_FALSE(parseRedirection(error(bad), asked)) << bad;
}

} // namespace mws
