#include "support/gateway_test.h"
#include "support/redis_server.h"

#include <chrono>
#include <gmock/gmock.h>
#include <iostream>
#include <memory>
#include <thread>

// Gateways, their configuration, security tokens and signing keys of several nodes.

namespace mws::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

} // namespace

class ClusterConfiguration : public ::testing::Test
{
protected:
    struct Node
    {
        explicit Node(GatewayOptions options) : gateway(std::move(options)) {}
        GatewayApi at(const std::string &base, const std::string &bearer)
        {
            return GatewayApi(gateway.endpoint(), base, gateway.secret(bearer));
        }
        GatewayProcess gateway;
        GatewayApi api{gateway.endpoint(), "/v1", securityToken};
        GatewayApi administrator{gateway.endpoint(), "/v1", operatorToken};
    };

    std::unique_ptr<Node> launch(Environment more = {})
    {
        more.insert({{"REDIS_URL", redis.url()}, {"MWS_SERVER_WORKERS", "2"}});
        return std::make_unique<Node>(guardedGateway(std::move(more)));
    }
    std::unique_ptr<Node> startNode(Environment more = {})
    {
        auto node = launch(std::move(more));
        EXPECT_TRUE(waitForStatus(node->api, "/health/ready", 200)) << node->gateway.log();
        return node;
    }
    template <typename Holds>
    static bool poll(Holds holds)
    {
        for (const Deadline deadline(longPatience); !holds(); std::this_thread::yield())
            if (deadline.left() == 0)
                return false;
        return true;
    }
    static bool waitForStatus(GatewayApi &api, const std::string &path, int status)
    {
        HttpClient client(api.endpoint());
        if (path.starts_with("/health"))
            return poll([&] { return client.request("GET", path).status == status; });
        return poll([&] { return api.get(path).status == status; });
    }
    /// Makes a gateway in mode `custom`; its security token.
    static std::string create(Node &node, const std::string &id, const std::string &more = {})
    {
        const HttpAnswer answer = node.administrator.post(
            "/gateways", R"({"id":")" + id + R"(","accessControl":"custom")" + more + "}");
        EXPECT_EQ(answer.status, 201) << answer.body;
        return node.gateway.secret(JsonView(answer.body).string("/securityToken"));
    }
    static std::string nameAt(GatewayApi &api)
    {
        return JsonView(api.get("/configuration").body).string("/name");
    }
    static int put(GatewayApi &api, const std::string &json)
    {
        return api.call("PUT", "/configuration", json).status;
    }
    std::string redisHead() const { return redis.ask({"HGET", "{mws:gateways}:state", "head"}); }
    void restartRedisWithoutData()
    {
        redis.kill();
        redis.start(RedisServer::Data::Lost);
    }

    RedisServer redis;
};

TEST_F(ClusterConfiguration, GatewayCreatedAtOneNodeIsUsedAtTheOther)
{
    const auto one = startNode();
    const auto two = startNode();
    std::chrono::milliseconds slowest(0);
    for (int i = 0; i < 5; ++i) {
        const std::string id = "players" + std::to_string(i);
        const std::string token = create(*one, id);
        const auto made = std::chrono::steady_clock::now();
        GatewayApi there = two->at("/v1/gateways/" + id, token);
        ASSERT_TRUE(waitForStatus(there, "/sockets", 200));
        slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now() - made));
        GatewayApi here = one->at("/v1/gateways/" + id, token);
        RawWebSocket socket = there.openIssued(here.reserve({"all"}));
        ASSERT_TRUE(socket.isOpen());
        here.sendToAll("hello");
        EXPECT_EQ(socket.readMessage(longPatience), "hello");
    }
    std::cout << "created at one node, used at the other after at most " << slowest.count() << " ms\n";
}

TEST_F(ClusterConfiguration, ChangeAtOneNodeIsInForceAtTheOther)
{
    const auto one = startNode();
    const auto two = startNode();
    ASSERT_EQ(put(one->api, R"({"name":"changed","limits":{"sockets":1}})"), 200);
    EXPECT_EQ(nameAt(one->api), "changed");
    ASSERT_TRUE(poll([&] { return nameAt(two->api) == "changed"; }));
    OpenSocket open = two->api.open();
    EXPECT_EQ(two->api.openIssued(two->api.reserve()).answer().status, 503); // more than one socket
    ASSERT_EQ(put(two->api, R"({"name":null,"limits":{"sockets":null}})"), 200);
    ASSERT_TRUE(poll([&] { return nameAt(one->api).empty(); }));
    EXPECT_TRUE(open.socket.isOpen());
}

TEST_F(ClusterConfiguration, RotatedTokenIsGoodEverywhereAndTheOldOneForItsGrace)
{
    const auto one = startNode();
    const auto two = startNode();
    const std::string old = create(*one, "players");
    const HttpAnswer rotated = one->administrator.post("/gateways/players/security_token", "");
    ASSERT_EQ(rotated.status, 201) << rotated.body;
    const std::string token = one->gateway.secret(JsonView(rotated.body).string("/securityToken"));
    GatewayApi withNew = two->at("/v1/gateways/players", token);
    ASSERT_TRUE(waitForStatus(withNew, "/sockets", 200));
    GatewayApi withOld = two->at("/v1/gateways/players", old);
    EXPECT_EQ(withOld.get("/sockets").status, 200);
    GatewayApi wrong = two->at("/v1/gateways/players", "no such token");
    EXPECT_EQ(wrong.get("/sockets").status, 401);
    EXPECT_THAT(redis.ask({"HGETALL", "{mws:gateways}:state"}), Not(HasSubstr(token)));
}

TEST_F(ClusterConfiguration, GatewayDeletedAtOneNodeClosesItsSocketsAtTheOther)
{
    const auto one = startNode();
    const auto two = startNode();
    const std::string token = create(*one, "players");
    GatewayApi there = two->at("/v1/gateways/players", token);
    ASSERT_TRUE(waitForStatus(there, "/sockets", 200));
    OpenSocket closed = there.open({"all"});
    OpenSocket stays = two->api.open({"all"});
    ASSERT_EQ(one->administrator.call("DELETE", "/gateways/players").status, 200);
    EXPECT_EQ(closed.socket.readClose(longPatience), 1001);
    EXPECT_EQ(there.get("/sockets").status, 404);
    two->api.sendToAll("still here");
    EXPECT_EQ(stays.socket.readMessage(longPatience), "still here");
    const std::string again = create(*two, "players"); // another gateway of that id
    GatewayApi here = one->at("/v1/gateways/players", again);
    EXPECT_TRUE(waitForStatus(here, "/sockets", 200));
    GatewayApi withOld = one->at("/v1/gateways/players", token);
    EXPECT_EQ(withOld.get("/sockets").status, 401);
}

TEST_F(ClusterConfiguration, ChangesThatBothNodesMakeAtOnceAllSurvive)
{
    const auto one = startNode();
    const auto two = startNode();
    constexpr int rounds = 20;
    const auto change = [](GatewayApi &api, const std::string &key) {
        for (int i = 1; i <= rounds; ++i)
            EXPECT_EQ(put(api, "{\"limits\":{\"" + key + "\":" + std::to_string(i) + "}}"), 200) << key;
    };
    std::thread other([&] { change(two->api, "sockets"); });
    change(one->api, "reservations");
    other.join();
    for (Node *node : {one.get(), two.get()})
        EXPECT_TRUE(poll([&] {
            const JsonView view(node->api.get("/configuration").body);
            return view.integer("/limits/sockets") == rounds &&
                   view.integer("/limits/reservations") == rounds;
        })) << node->api.get("/configuration").body;
}

TEST_F(ClusterConfiguration, UrisOpenAtAnyNodeWithoutASigningKeyConfigured)
{
    const auto one = launch(); // at the same time: both would make a key
    const auto two = launch();
    for (Node *node : {one.get(), two.get()})
        ASSERT_TRUE(waitForStatus(node->api, "/health/ready", 200)) << node->gateway.log();
    EXPECT_TRUE(two->api.openIssued(one->api.reserve()).isOpen());
    EXPECT_TRUE(one->api.openIssued(two->api.reserve()).isOpen());
    const auto three = startNode();
    EXPECT_TRUE(one->api.openIssued(three->api.reserve()).isOpen());
    EXPECT_THAT(one->gateway.log() + two->gateway.log(), Not(HasSubstr("signing_key")));
}

TEST_F(ClusterConfiguration, NodesThatStartWithEmptyFoldersHaveAllThatWasStored)
{
    std::string token;
    Issued issued;
    {
        const auto one = startNode();
        const auto two = startNode();
        token = create(*one, "players", R"(,"name":"Players")");
        ASSERT_EQ(put(two->api, R"({"name":"stored"})"), 200);
        issued = one->api.reserve();
    }
    const auto one = startNode();
    EXPECT_EQ(nameAt(one->api), "stored");
    GatewayApi players = one->at("/v1/gateways/players", token);
    EXPECT_EQ(nameAt(players), "Players");
    EXPECT_TRUE(one->api.openIssued(issued).isOpen()); // the key is the same
}

TEST_F(ClusterConfiguration, RedisThatLostItsDataGetsItBackFromTheNodes)
{
    const auto one = startNode();
    const auto two = startNode();
    const std::string token = create(*one, "players");
    GatewayApi there = two->at("/v1/gateways/players", token);
    ASSERT_TRUE(waitForStatus(there, "/sockets", 200));
    const Issued issued = one->api.reserve();
    const std::string head = redisHead();
    restartRedisWithoutData();
    ASSERT_TRUE(poll([&] { return redisHead() == head; })) << redisHead();
    ASSERT_TRUE(waitForStatus(one->api, "/health/ready", 200));
    const auto three = startNode();
    GatewayApi atThree = three->at("/v1/gateways/players", token);
    EXPECT_EQ(atThree.get("/sockets").status, 200);
    EXPECT_TRUE(three->api.openIssued(issued).isOpen());
}

TEST_F(ClusterConfiguration, ANodesCopyOutlivesRedisAndTheNode)
{
    const TemporaryFolder folder;
    std::string token;
    {
        const auto one = startNode({{"MWS_SERVER_STATE_DIR", folder.path().string()}});
        token = create(*one, "players");
    }
    restartRedisWithoutData();
    ASSERT_TRUE(redis.waitUntilReady());
    const auto empty = startNode();
    const auto one = startNode({{"MWS_SERVER_STATE_DIR", folder.path().string()}});
    GatewayApi there = empty->at("/v1/gateways/players", token);
    EXPECT_TRUE(waitForStatus(there, "/sockets", 200));
}

TEST_F(ClusterConfiguration, WhileRedisIsAwayNothingChanges)
{
    const auto one = startNode();
    const std::string token = create(*one, "players", R"(,"name":"before")");
    GatewayApi players = one->at("/v1/gateways/players", token);
    redis.kill();
    ASSERT_TRUE(waitForStatus(one->api, "/health/ready", 503));
    const auto expectRefused = [](const HttpAnswer &answer) {
        EXPECT_EQ(answer.status, 503) << answer.body;
        EXPECT_TRUE(answer.hasHeader("Retry-After"));
    };
    expectRefused(players.call("PUT", "/configuration", R"({"name":"after"})"));
    expectRefused(one->administrator.post("/gateways", R"({"id":"more"})"));
    expectRefused(one->administrator.post("/gateways/players/security_token", ""));
    expectRefused(one->administrator.call("DELETE", "/gateways/players"));
    EXPECT_EQ(nameAt(players), "before");
    redis.start(RedisServer::Data::Lost);
    ASSERT_TRUE(waitForStatus(one->api, "/health/ready", 200));
    EXPECT_EQ(one->administrator.get("/gateways/more").status, 404);
    ASSERT_TRUE(poll([&] { return put(players, R"({"name":"after"})") == 200; }));
    EXPECT_EQ(nameAt(players), "after");
}

TEST_F(ClusterConfiguration, NodeThatStartsWhileRedisIsAwayBecomesReadyLater)
{
    const TemporaryFolder folder;
    std::string token;
    Issued issued;
    redis.ask({"config", "set", "appendonly", "yes"});
    {
        const auto one = startNode();
        token = create(*one, "players");
        issued = one->api.reserve();
    }
    redis.kill();
    const auto two = launch();
    HttpClient client(two->gateway.endpoint());
    EXPECT_EQ(client.request("GET", "/health/live").status, 200);
    EXPECT_EQ(client.request("GET", "/health/ready").status, 503);
    GatewayApi players = two->at("/v1/gateways/players", token);
    EXPECT_EQ(players.get("/sockets").status, 503); // and not 404
    EXPECT_EQ(two->api.post("/sockets", "{}").status, 503);
    EXPECT_EQ(two->api.post("/messages", R"({"data":"x","receivers":{"sockets":["*"]}})").status, 503);
    EXPECT_EQ(put(two->api, R"({"name":"x"})"), 503);
    EXPECT_EQ(two->administrator.get("/gateways").status, 503);
    EXPECT_EQ(two->api.openIssued(issued).answer().status, 503); // and not 401
    redis.start(RedisServer::Data::Kept, {"--appendonly", "yes"});
    ASSERT_TRUE(waitForStatus(two->api, "/health/ready", 200)) << two->gateway.log();
    EXPECT_EQ(players.get("/sockets").status, 200);
    EXPECT_TRUE(two->api.openIssued(issued).isOpen());
}

TEST_F(ClusterConfiguration, WhatAnotherVersionWroteIsLeftAndTheNodeIsNotReady)
{
    redis.ask({"HSET", "{mws:gateways}:state", "head", "2 later", "g:players", "something"});
    const auto one = launch();
    EXPECT_TRUE(one->gateway.waitForLog("written by another version of the gateway", longPatience));
    EXPECT_EQ(HttpClient(one->gateway.endpoint()).request("GET", "/health/ready").status, 503);
    EXPECT_EQ(redisHead(), "2 later");
    redis.ask({"DEL", "{mws:gateways}:state"});
    EXPECT_TRUE(waitForStatus(one->api, "/health/ready", 200));
    // Of this format, but with a setting that this version does not know.
    redis.ask({"HSET", "{mws:gateways}:state", "head", "1 e 9 n 0 0", "g:players",
               R"(9 {"created":true,"configuration":{"unheard":1},"securityTokens":[],"signingKeys":[]})"});
    EXPECT_TRUE(one->gateway.waitForLog("configuration.unheard", longPatience));
    EXPECT_TRUE(waitForStatus(one->api, "/health/ready", 503));
}

TEST_F(ClusterConfiguration, SingleNodeBecomesAClusterAndAnotherOneJoinsIt)
{
    const TemporaryFolder first;
    const TemporaryFolder second;
    std::string token;
    {
        Node alone(guardedGateway({{"MWS_SERVER_STATE_DIR", first.path().string()}}));
        token = create(alone, "players");
        Node other(guardedGateway({{"MWS_SERVER_STATE_DIR", second.path().string()}}));
        create(other, "others");
    }
    const auto one = startNode({{"MWS_SERVER_STATE_DIR", first.path().string()}});
    const auto two = startNode({{"MWS_SERVER_STATE_DIR", second.path().string()}});
    GatewayApi there = two->at("/v1/gateways/players", token);
    EXPECT_EQ(there.get("/sockets").status, 200);
    EXPECT_EQ(two->administrator.get("/gateways/others").status, 404);
    EXPECT_TRUE(two->gateway.waitForLog("gateways.json.replaced", longPatience));
    EXPECT_TRUE(std::filesystem::exists(second.path() / "gateways.json.replaced"));
}

} // namespace mws::test
