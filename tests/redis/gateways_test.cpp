#include "cluster/redis_gateways.h"

#include "cluster/gateway_fields.h"
#include "redis/redis_client.h"
#include "redis_test.h"

namespace mws::test {

namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Written = GatewayFieldsWritten;

class RedisGatewaysTest : public RedisTest
{
protected:
    RedisGatewaysTest() : client(settings(server.url()), surroundings())
    {
        client.start();
        EXPECT_TRUE(until([&] { return client.state() == RedisState::Up; })) << m_log.text();
    }
    Written write(GatewayFieldsWrite write)
    {
        std::optional<Written> result;
        gateways.write(std::move(write), [&](Written told) { result = told; });
        EXPECT_TRUE(until([&] { return result.has_value(); }));
        return result.value_or(Written::Unknown);
    }
    std::optional<std::string> head()
    {
        std::optional<std::optional<std::string>> result;
        gateways.readHead([&](std::optional<std::string> told) { result = std::move(told); });
        EXPECT_TRUE(until([&] { return result.has_value(); }));
        return result.value_or(std::nullopt);
    }
    std::optional<GatewayFields> all()
    {
        std::optional<std::optional<GatewayFields>> result;
        gateways.readAll([&](std::optional<GatewayFields> told) { result = std::move(told); });
        EXPECT_TRUE(until([&] { return result.has_value(); }));
        return result.value_or(std::nullopt);
    }

    RedisServer server;
    RedisClient client;
    RedisGateways gateways{client, "test"};
};

} // namespace

TEST_F(RedisGatewaysTest, WritesOnlyOnTheHeadThatIsExpected)
{
    EXPECT_EQ(head(), "");
    EXPECT_EQ(write({"", true, {{"head", "1"}, {"g:a", "x"}, {"g:b", "y"}}, {}}), Written::Written);
    EXPECT_EQ(write({"", true, {{"head", "other"}}, {}}), Written::Outdated);
    EXPECT_EQ(write({"0", false, {{"head", "other"}}, {}}), Written::Outdated);
    EXPECT_EQ(head(), "1");
    EXPECT_EQ(write({"1", false, {{"head", "2"}, {"g:c", "z"}}, {"g:a", "g:none"}}), Written::Written);
    EXPECT_THAT(*all(), ElementsAre(Pair("g:b", "y"), Pair("g:c", "z"), Pair("head", "2")));
    EXPECT_EQ(write({"2", true, {{"head", "3"}, {"g:d", "w"}}, {}}), Written::Written);
    EXPECT_THAT(*all(), ElementsAre(Pair("g:d", "w"), Pair("head", "3")));
}

TEST_F(RedisGatewaysTest, TakesManyGateways)
{
    GatewayFields many{{"head", "1"}};
    for (int i = 0; i < 10000; ++i)
        many.emplace("g:" + std::to_string(i), std::string(300, 'x'));
    EXPECT_EQ(write({"", true, many, {}}), Written::Written);
    EXPECT_EQ(*all(), many);
}

TEST_F(RedisGatewaysTest, KeyOfAnotherKindIsSaidOnceAndLeft)
{
    server.ask({"SET", gateways.key(), "a string"});
    EXPECT_EQ(head(), std::nullopt);
    EXPECT_EQ(all(), std::nullopt);
    EXPECT_EQ(write({"", true, {{"head", "1"}}, {}}), Written::Unknown);
    EXPECT_EQ(server.ask({"GET", gateways.key()}), "a string");
    EXPECT_GE(m_log.count("Redis does not let gateways be read or written"), 1u);
}

TEST_F(RedisGatewaysTest, ServerThatIsAwayIsNoAnswer)
{
    EXPECT_EQ(write({"", true, {{"head", "1"}}, {}}), Written::Written);
    server.kill();
    ASSERT_TRUE(until([&] { return client.state() == RedisState::Down; }));
    EXPECT_EQ(head(), std::nullopt);
    EXPECT_EQ(write({"1", false, {{"head", "2"}}, {}}), Written::Refused);
}

} // namespace mws::test
