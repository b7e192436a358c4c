#include "support/gateway_test.h"
#include "support/redis_server.h"

#include <gmock/gmock.h>
#include <memory>

namespace mws::test {

/// Nodes of one cluster whose URIs are opened and revoked.
class ClusterTokens : public ::testing::Test
{
protected:
    struct Node
    {
        explicit Node(GatewayOptions options) : gateway(std::move(options)) {}
        GatewayProcess gateway;
        GatewayApi api{gateway.endpoint(), "/v1", securityToken};
    };

    std::unique_ptr<Node> startNode(Environment more = {})
    {
        more.insert({{"REDIS_URL", redis.url()},
                     {"MWS_LOG_LEVEL", "debug"},
                     {"MWS_GATEWAY_SIGNING_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}});
        auto node = std::make_unique<Node>(guardedGateway(std::move(more)));
        EXPECT_TRUE(waitUntilReady(*node));
        return node;
    }
    static bool waitUntilReady(Node &node)
    {
        HttpClient client(node.gateway.endpoint());
        const Deadline deadline(longPatience);
        while (client.request("GET", "/health/ready").status != 200)
            if (deadline.left() == 0)
                return false;
        return true;
    }

    /// Issued at `node`; no node may log its token.
    Issued reserve(const std::unique_ptr<Node> &node, const std::vector<std::string> &tags = {},
                   std::string_view more = {})
    {
        Issued issued = node->api.reserve(tags, more);
        const std::string token = issued.uri.substr(issued.uri.find("token=") + 6);
        for (const auto &each : {&one, &two})
            if (*each)
                (*each)->gateway.secret(token);
        return issued;
    }
    static int statusOf(const std::unique_ptr<Node> &node, const Issued &issued)
    {
        return node->api.openIssued(issued).answer().status;
    }
    /// Tries until it opens.
    static RawWebSocket openEventually(Node &node, const Issued &issued)
    {
        const Deadline deadline(longPatience);
        RawWebSocket socket = node.api.openIssued(issued);
        while (!socket.isOpen() && deadline.left() > 0)
            socket = node.api.openIssued(issued);
        return socket;
    }
    /// What Redis keeps for the default gateway under `name`: how many.
    std::string count(const std::string &command, const std::string &name) const
    {
        const std::string found = redis.ask({"KEYS", "*:default:" + name});
        return found.empty() ? "0" : redis.ask({command, found});
    }

    RedisServer redis;
    std::unique_ptr<Node> one = startNode();
    std::unique_ptr<Node> two = startNode();
};

TEST_F(ClusterTokens, UriOpensAtAnotherNodeAndIsSpentAtBoth)
{
    const Issued issued = reserve(one, {"all"});
    EXPECT_EQ(count("HLEN", "o"), "1");
    RawWebSocket socket = two->api.openIssued(issued);
    ASSERT_TRUE(socket.isOpen());
    EXPECT_EQ(statusOf(one, issued), 401);
    EXPECT_EQ(statusOf(two, issued), 401);
    EXPECT_EQ(count("HLEN", "o"), "0");
    EXPECT_EQ(count("ZCARD", "e"), "0");
}

TEST_F(ClusterTokens, DeleteAtAnotherNodeRevokes)
{
    const Issued issued = reserve(one);
    const Issued other = reserve(one);
    EXPECT_EQ(two->api.call("DELETE", "/sockets/" + issued.id).status, 200);
    EXPECT_EQ(two->api.call("DELETE", "/sockets/" + issued.id).status, 404);
    EXPECT_EQ(one->api.call("DELETE", "/sockets/" + issued.id).status, 404);
    EXPECT_EQ(statusOf(one, issued), 401);
    EXPECT_EQ(statusOf(two, issued), 401);
    EXPECT_EQ(statusOf(two, other), 101);
}

TEST_F(ClusterTokens, DeleteByFilterRevokesWhatAnyNodeIssued)
{
    const Issued evas = reserve(one, {"room"}, R"("user":"eva")");
    const Issued evasToo = reserve(two, {}, R"("user":"eva")");
    const Issued room = reserve(one, {"room"});
    const Issued rest = reserve(two);
    const auto revoke = [&](const std::string &filter) {
        const HttpAnswer answer = two->api.call("DELETE", "/sockets?" + filter);
        EXPECT_EQ(answer.status, 200);
        return answer.body;
    };
    EXPECT_EQ(revoke("user=adam"), R"({"closed":0,"revoked":0})");
    EXPECT_EQ(revoke("user=eva"), R"({"closed":0,"revoked":2})");
    EXPECT_EQ(revoke("tag=room"), R"({"closed":0,"revoked":1})");
    EXPECT_EQ(revoke("issuedBefore=2020-01-01T00:00:00Z"), R"({"closed":0,"revoked":0})");
    EXPECT_EQ(revoke("issuedBefore=2100-01-01T00:00:00Z"), R"({"closed":0,"revoked":1})");
    for (const Issued &each : {evas, evasToo, room, rest}) {
        EXPECT_EQ(statusOf(one, each), 401);
        EXPECT_EQ(statusOf(two, each), 401);
    }
}

TEST_F(ClusterTokens, WhatADeadNodeIssuedCanBeRevokedAndOpened)
{
    const Issued first = reserve(one, {"room"});
    const Issued second = reserve(one, {"room"});
    const Issued opened = reserve(one, {"other"});
    one->gateway.kill();
    EXPECT_EQ(two->api.call("DELETE", "/sockets/" + first.id).status, 200);
    EXPECT_EQ(two->api.call("DELETE", "/sockets?tag=room").body, R"({"closed":0,"revoked":1})");
    EXPECT_EQ(statusOf(two, first), 401);
    EXPECT_EQ(statusOf(two, second), 401);
    EXPECT_EQ(statusOf(two, opened), 101);
}

TEST_F(ClusterTokens, ReuseOpensOneSocketAtATimeInTheCluster)
{
    const Issued issued = reserve(one, {}, R"("reuse":true)");
    RawWebSocket socket = one->api.openIssued(issued);
    ASSERT_TRUE(socket.isOpen());
    EXPECT_EQ(statusOf(two, issued), 401);
    EXPECT_EQ(statusOf(one, issued), 401);
    socket.sendClose(1000);
    RawWebSocket there = openEventually(*two, issued);
    ASSERT_TRUE(there.isOpen());
    EXPECT_EQ(statusOf(one, issued), 401);
    EXPECT_EQ(two->api.call("DELETE", "/sockets/" + issued.id).status, 200);
    EXPECT_EQ(there.readClose(longPatience), 1000);
    EXPECT_EQ(statusOf(one, issued), 401);
    EXPECT_EQ(statusOf(two, issued), 401);
}

TEST_F(ClusterTokens, ReuseOpensElsewhereWhenItsNodeHasDied)
{
    const Issued issued = reserve(one, {}, R"("reuse":true)");
    RawWebSocket socket = one->api.openIssued(issued);
    ASSERT_TRUE(socket.isOpen());
    one->gateway.kill();
    EXPECT_EQ(statusOf(two, issued), 401); // its lease lives for up to 15 s
    EXPECT_TRUE(openEventually(*two, issued).isOpen());
}

TEST_F(ClusterTokens, ReuseThatDidNotOpenIsGivenBack)
{
    const Issued issued = reserve(one, {}, R"("reuse":true)");
    redis.kill();
    EXPECT_EQ(statusOf(one, issued), 503);
    redis.start(RedisServer::Data::Lost);
    ASSERT_TRUE(waitUntilReady(*one));
    ASSERT_TRUE(waitUntilReady(*two));
    EXPECT_TRUE(openEventually(*two, issued).isOpen()); // as a minted one: Redis has forgotten it
}

TEST_F(ClusterTokens, LimitOfReservationsIsTheClusters)
{
    one = startNode({{"MWS_GATEWAY_RESERVATIONS", "2"}});
    two = startNode({{"MWS_GATEWAY_RESERVATIONS", "2"}});
    reserve(one);
    const Issued second = reserve(two);
    for (const auto &node : {&one, &two}) {
        const HttpAnswer answer = (*node)->api.post("/sockets", "{}");
        EXPECT_EQ(answer.status, 503);
        EXPECT_TRUE(answer.hasHeader("Retry-After"));
        EXPECT_THAT(answer.body, ::testing::HasSubstr("too many open reservations"));
    }
    EXPECT_EQ(statusOf(one, second), 101);
    EXPECT_EQ(one->api.post("/sockets", "{}").status, 201);
}

TEST_F(ClusterTokens, WhatHasExpiredDoesNotCount)
{
    one = startNode({{"MWS_GATEWAY_RESERVATIONS", "1"}});
    const Issued issued = reserve(one, {}, R"("expiresIn":1)");
    EXPECT_EQ(one->api.post("/sockets", "{}").status, 503);
    const Deadline deadline(longPatience);
    int status = 503;
    while (status == 503 && deadline.left() > 0)
        status = one->api.post("/sockets", "{}").status;
    EXPECT_EQ(status, 201);
    EXPECT_EQ(statusOf(two, issued), 401);
}

TEST_F(ClusterTokens, DeleteIsAnswered503WhileRedisIsAway)
{
    const Issued issued = reserve(one);
    redis.kill();
    for (const std::string &path : {"/sockets/" + issued.id, std::string("/sockets?tag=a")}) {
        const HttpAnswer answer = one->api.call("DELETE", path);
        EXPECT_EQ(answer.status, 503);
        EXPECT_TRUE(answer.hasHeader("Retry-After"));
    }
}

} // namespace mws::test
