#include "cluster/redis_keys.h"
#include "failure_test.h"
#include "redis/redis_topology.h"

#include <array>
#include <set>

namespace mws::test {

/// Nodes on a Redis Cluster of three primaries with a replica each. It takes seconds to make: one for all
/// tests, and each leaves it whole, with the same servers, if not in the same roles.
class NodesOnRedisCluster : public FailureTest
{
protected:
    static void SetUpTestSuite() { s_redis = std::make_unique<RedisClusterServers>(); }
    static void TearDownTestSuite() { s_redis.reset(); }

    /// A prefix of its own for each test: other keys, and other slots.
    static std::string prefix() { return ::testing::UnitTest::GetInstance()->current_test_info()->name(); }
    static Environment environment(Environment more = {})
    {
        more.insert({{"MWS_CLUSTER_PREFIX", prefix()}});
        return more;
    }
    std::unique_ptr<Node> startNode(Environment more = {})
    {
        return startNodeAt(s_redis->url(), {.environment = environment(std::move(more))});
    }
    static uint16_t slotOf(const GatewayId &gateway)
    {
        return redisSlot("{" + prefix() + ":" + std::to_string(redisShardOf(gateway)) + "}");
    }
    /// The primary of that gateway's stream, and its replica.
    static std::array<size_t, 2> serversOf(const GatewayId &gateway)
    {
        const size_t primary = s_redis->ownerOf(slotOf(gateway));
        const std::string id = s_redis->id(primary);
        for (size_t i = 0; i < s_redis->size(); ++i)
            if (s_redis->server(i).ask({"CLUSTER", "NODES"}).find("myself,slave " + id) != std::string::npos)
                return {primary, i};
        ADD_FAILURE() << "no replica";
        return {primary, primary};
    }

    static std::vector<std::string> manyGateways()
    {
        std::vector<std::string> ids;
        for (int i = 0; i < 12; ++i)
            ids.push_back("g" + std::to_string(i));
        return ids;
    }
    static std::string configurationOf(const std::vector<std::string> &gateways)
    {
        std::string text;
        for (const std::string &id : gateways)
            text += "[[gateways]]\nid = \"" + id + "\"\naccess_control = \"custom\"\nsecurity_token = \"" +
                    securityToken + "\"\nsigning_key = \"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"\n";
        return text;
    }
    static GatewayApi api(Node &node, const std::string &gateway)
    {
        return {node.gateway.endpoint(), "/v1/gateways/" + gateway, securityToken};
    }
    static std::string role(size_t server) { return s_redis->server(server).ask({"ROLE"}); }
    static bool waitForPrimary(size_t server)
    {
        const Deadline deadline(longPatience);
        while (!role(server).starts_with("master"))
            if (deadline.left() == 0)
                return false;
        return s_redis->waitUntilOk(server);
    }

    static inline std::unique_ptr<RedisClusterServers> s_redis;
};

TEST_F(NodesOnRedisCluster, MessageReachesTheSocketsOfAllNodesInOrder)
{
    const auto one = startNode();
    const auto two = startNode();
    OpenSocket here = one->api.open({"all"});
    OpenSocket there = two->api.open({"all"});
    int number = 0;
    while (number < 300) {
        const HttpAnswer answer = post(*one, std::to_string(number++));
        ASSERT_EQ(answer.status, 201);
        EXPECT_EQ(answer.header("Mws-Receivers"), "matched=1, dropped=0");
    }
    std::string batch;
    while (number < 400)
        batch += (batch.empty() ? "" : ",") + messageOf(std::to_string(number++));
    EXPECT_EQ(one->api.post("/messages:batch", R"({"messages":[)" + batch + "]}").status, 200);
    expectNumbers(here.socket, 0, number - 1);
    expectNumbers(there.socket, 0, number - 1);
    EXPECT_EQ(two->api.sendTo(R"({"sockets":[")" + here.id + R"("]})", "to one").status, 201);
    EXPECT_EQ(here.socket.readMessage(longPatience), "to one");
}

TEST_F(NodesOnRedisCluster, IdsAndTokensAreKnownToAllNodes)
{
    const auto one = startNode();
    const auto two = startNode();
    RawWebSocket socket = openOnce(*one, *two);
    for (const auto &node : {one.get(), two.get()})
        EXPECT_EQ(node->api.post("/messages", messageOf("0", R"(,"id":"m")")).status, 201);
    EXPECT_EQ(one->api.post("/messages", messageOf("x", R"(,"id":"m")")).status, 422);
    EXPECT_EQ(post(*one, "1").status, 201);
    expectNumbers(socket, 0, 1);
}

TEST_F(NodesOnRedisCluster, GatewaysAreSpreadOverTheServers)
{
    const std::vector<std::string> ids = manyGateways();
    std::set<size_t> servers;
    for (const std::string &id : ids)
        servers.insert(s_redis->ownerOf(slotOf(id)));
    ASSERT_EQ(servers.size(), 3u);
    const auto one = startNodeAt(s_redis->url(), {environment(), configurationOf(ids)});
    const auto two = startNodeAt(s_redis->url(), {environment(), configurationOf(ids)});
    std::vector<OpenSocket> sockets;
    for (const std::string &id : ids)
        sockets.push_back(api(*two, id).open({"all"}));
    for (int number = 0; number < 20; ++number)
        for (const std::string &id : ids)
            ASSERT_EQ(api(number % 2 == 0 ? *one : *two, id)
                          .post("/messages", messageOf(id + std::to_string(number)))
                          .status,
                      201);
    for (size_t i = 0; i < ids.size(); ++i)
        for (int number = 0; number < 20; ++number)
            ASSERT_EQ(sockets[i].socket.readMessage(longPatience), ids[i] + std::to_string(number));
}

TEST_F(NodesOnRedisCluster, PrimaryHandsOver)
{
    startUnderLoad(s_redis->url(), 3, environment());
    const auto [primary, replica] = serversOf("default");
    const Ledger::Moment begun = now();
    EXPECT_EQ(s_redis->server(replica).ask({"CLUSTER", "FAILOVER"}), "OK");
    ASSERT_TRUE(waitForPrimary(replica));
    expectRecovery(begun, allNodes());
    ASSERT_TRUE(traffic->passes(2 * some));
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
    EXPECT_TRUE(role(primary).starts_with("slave"));
}

/// Each message that was answered 2xx is at the replica, too.
TEST_F(NodesOnRedisCluster, PrimaryIsKilled)
{
    startUnderLoad(s_redis->url(), 3, environment({{"MWS_CLUSTER_WAIT_REPLICAS", "1"}}));
    const auto [primary, replica] = serversOf("default");
    const Ledger::Moment killed = now();
    s_redis->server(primary).kill();
    ASSERT_TRUE(waitForPrimary(replica));
    measured("promoted after ms", milliseconds(now() - killed));
    s_redis->server(primary).start(RedisServer::Data::Kept); // one must have each message
    ASSERT_TRUE(s_redis->server(primary).waitUntilReady());
    expectRecovery(now(), allNodes());
    ASSERT_TRUE(traffic->passes(some));
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
    ASSERT_TRUE(s_redis->waitUntilOk(primary));
}

/// A primary and its replica: gateways whose streams are elsewhere go on, if the cluster itself does.
TEST_F(NodesOnRedisCluster, OneShardIsAway)
{
    for (size_t i = 0; i < s_redis->size(); ++i)
        EXPECT_EQ(s_redis->server(i).ask({"CONFIG", "SET", "cluster-require-full-coverage", "no"}), "OK");
    const std::vector<std::string> ids = manyGateways();
    const auto [primary, replica] = serversOf("default");
    std::string other;
    for (const std::string &id : ids)
        if (s_redis->ownerOf(slotOf(id)) != primary)
            other = id;
    const auto one = startNodeAt(s_redis->url(), {environment(), configurationOf(ids)});
    const auto two = startNodeAt(s_redis->url(), {environment(), configurationOf(ids)});
    OpenSocket here = one->api.open({"all"});
    OpenSocket there = api(*two, other).open({"all"});
    ASSERT_EQ(post(*two, "0").status, 201);
    s_redis->server(replica).kill();
    s_redis->server(primary).kill();
    ASSERT_TRUE(waitForStatus(*one, "/health/ready", 503));
    ASSERT_TRUE(waitForStatus(*two, "/health/ready", 503));
    for (int number = 0; number < 50; ++number)
        ASSERT_EQ(api(number % 2 == 0 ? *one : *two, other)
                      .post("/messages", messageOf(std::to_string(number)))
                      .status,
                  201);
    expectNumbers(there.socket, 0, 49);
    EXPECT_EQ(post(*one, "lost").status, 503);
    for (const size_t server : {primary, replica})
        s_redis->server(server).start(RedisServer::Data::Kept);
    ASSERT_TRUE(s_redis->waitUntilOk(primary));
    ASSERT_TRUE(waitUntilReady(*one));
    ASSERT_TRUE(postUntilAccepted(*two, "1"));
    expectNumbers(here.socket, 0, 1);
}

/// As when servers are added to the cluster.
TEST_F(NodesOnRedisCluster, SlotMovesToAnotherServer)
{
    startUnderLoad(s_redis->url(), 2, environment());
    const uint16_t slot = slotOf("default");
    const size_t from = s_redis->ownerOf(slot);
    const auto primaries = s_redis->primaries();
    const size_t to = primaries[0] == from ? primaries[1] : primaries[0];
    for (const size_t target : {to, from}) {
        s_redis->moveSlot(slot, target);
        ASSERT_TRUE(traffic->passes(some)) << nodes[0]->gateway.log();
        EXPECT_EQ(s_redis->ownerOf(slot), target);
    }
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
}

} // namespace mws::test
