#include "cluster_test.h"

#include <csignal>
#include <gmock/gmock.h>

namespace mws::test {

namespace {

using ::testing::HasSubstr;

} // namespace

TEST_F(ClusterNodes, MessageReachesTheSocketsOfAllNodes)
{
    const auto one = startNode();
    const auto two = startNode({{"MWS_SERVER_WORKERS", "1"}});
    OpenSocket here = one->api.open({"all"});
    OpenSocket there = two->api.open({"all"});
    OpenSocket other = two->api.open({"other"});
    const HttpAnswer answer = post(*one, "hello");
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.header("Mws-Receivers"), "matched=1, dropped=0"); // of this node
    EXPECT_EQ(here.socket.readMessage(), "hello");
    EXPECT_EQ(there.socket.readMessage(), "hello");
    EXPECT_EQ(two->api.sendTo(R"({"sockets":[")" + here.id + R"("]})", "to one").status, 201);
    EXPECT_EQ(here.socket.readMessage(), "to one");
    EXPECT_EQ(one->api.sendToAll("to all").status, 201);
    EXPECT_EQ(there.socket.readMessage(), "to all");
    EXPECT_EQ(other.socket.readMessage(), "to all");
}

TEST_F(ClusterNodes, UriOpensAtAnyNodeAndOnce)
{
    const auto one = startNode();
    const auto two = startNode();
    RawWebSocket socket = openOnce(*one, *two);
    EXPECT_EQ(post(*one, "hello").status, 201);
    EXPECT_EQ(socket.readMessage(), "hello");
}

TEST_F(ClusterNodes, OneSendersMessagesKeepTheirOrderEverywhere)
{
    const auto one = startNode();
    const auto two = startNode();
    OpenSocket here = one->api.open({"all"});
    OpenSocket there = two->api.open({"all"});
    for (int number = 0; number < 500; ++number)
        ASSERT_EQ(post(*one, std::to_string(number)).status, 201);
    expectNumbers(here.socket, 0, 499);
    expectNumbers(there.socket, 0, 499);
}

TEST_F(ClusterNodes, DrainDeliversWhatOtherNodesHadAcceptedBeforeTheClose)
{
    const auto one = startNode();
    const auto two = startNode();
    OpenSocket there = two->api.open({"all"});
    two->gateway.signal(SIGSTOP); // more is written than one reading takes
    for (int number = 0; number < 300; ++number)
        ASSERT_EQ(post(*one, std::to_string(number)).status, 201);
    two->gateway.signal(SIGTERM);
    two->gateway.signal(SIGCONT);
    expectNumbers(there.socket, 0, 299);
    EXPECT_EQ(there.socket.readClose(longPatience), 1001);
    EXPECT_EQ(two->gateway.waitForExit(longPatience), 0);
}

TEST_F(ClusterNodes, DrainDoesNotWaitLongForARedisThatSaysNothing)
{
    const auto node = startNode();
    OpenSocket open = node->api.open({"all"});
    redis.freeze();
    node->gateway.signal(SIGTERM);
    EXPECT_EQ(open.socket.readClose(longPatience), 1001);
    EXPECT_EQ(node->gateway.waitForExit(longPatience), 0);
    redis.thaw();
}

TEST_F(ClusterNodes, BatchIsAnsweredOneByOneAndReachesAll)
{
    const auto one = startNode();
    const auto two = startNode();
    OpenSocket there = two->api.open({"all"});
    const std::string good = R"({"data":"0","receivers":{"tags":["all"]}})";
    const HttpAnswer answer =
        one->api.post("/messages:batch", R"({"messages":[)" + good +
                                             R"(,{"data":"x"},{"data":"1","receivers":{"tags":["all"]}}]})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body,
                ::testing::MatchesRegex(
                    R"(\{"results":\[\{"status":201\},\{"status":422,.*\},\{"status":201\}\]\})"));
    expectNumbers(there.socket, 0, 1);
}

TEST_F(ClusterNodes, IdIsKnownToAllNodes)
{
    const auto one = startNode();
    const auto two = startNode();
    OpenSocket there = two->api.open({"all"});
    const std::string message = R"({"data":"0","id":"m","receivers":{"tags":["all"]}})";
    EXPECT_EQ(one->api.post("/messages", message).status, 201);
    EXPECT_EQ(two->api.post("/messages", message).status, 201);
    const HttpAnswer other =
        two->api.post("/messages", R"({"data":"x","id":"m","receivers":{"tags":["all"]}})");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(errorProperty(other), "id");
    EXPECT_EQ(post(*one, "1").status, 201);
    expectNumbers(there.socket, 0, 1);
}

TEST_F(ClusterNodes, ClientsRelayAndPublishOverNodes)
{
    const auto one = startNode({{"MWS_GATEWAY_CLIENT_MESSAGES", "relay"}});
    const auto two = startNode({{"MWS_GATEWAY_CLIENT_MESSAGES", "publish"}});
    OpenSocket relaying = one->api.open({"all"});
    OpenSocket publishing = two->api.open({"all"}, R"("clientMessages":"publish")");
    for (int number = 0; number < 200; ++number)
        relaying.socket.sendText(std::to_string(number));
    expectNumbers(publishing.socket, 0, 199);
    publishing.socket.sendText(R"({"data":"published","receivers":{"tags":["all"]}})");
    EXPECT_EQ(relaying.socket.readMessage(longPatience), "published");
    EXPECT_EQ(publishing.socket.readMessage(longPatience), "published");
    publishing.socket.sendText(R"({"data":"published"})");
    EXPECT_THAT(publishing.socket.readMessage(longPatience).value_or(""), HasSubstr("\"receivers\""));
}

TEST_F(ClusterNodes, WhileRedisIsAwaySocketsStayAndPostsAreAnswered503)
{
    const auto one = startNode();
    OpenSocket here = one->api.open({"all"});
    const Issued issued = one->api.reserve({"all"});
    ASSERT_EQ(post(*one, "0").status, 201);
    redis.kill();
    ASSERT_TRUE(waitForStatus(*one, "/health/ready", 503));
    const HttpAnswer answer = post(*one, "lost");
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.hasHeader("Retry-After"));
    EXPECT_EQ(one->api.post("/sockets", "{}").status, 503);
    EXPECT_EQ(one->api.openIssued(issued).answer().status, 503);
    here.socket.send({Opcode::Ping, "there?"});
    redis.start(RedisServer::Data::Lost);
    ASSERT_TRUE(waitUntilReady(*one));
    EXPECT_EQ(one->api.post("/sockets", "{}").status, 201);
}

TEST_F(ClusterNodes, StoreThatForgetsClosesTheSocketsThatMayHaveMissedSomething)
{
    const auto one = startNode();
    OpenSocket here = one->api.open({"all"});
    ASSERT_EQ(post(*one, "0").status, 201);
    ASSERT_EQ(here.socket.readMessage(), "0");
    redis.kill();
    redis.start(RedisServer::Data::Lost);
    EXPECT_EQ(here.socket.readClose(longPatience), 1012);
    EXPECT_TRUE(one->gateway.waitForLog("messages were missed", longPatience));
    ASSERT_TRUE(waitUntilReady(*one));
    OpenSocket again = one->api.open({"all"});
    ASSERT_EQ(post(*one, "1").status, 201);
    EXPECT_EQ(again.socket.readMessage(), "1");
}

TEST_F(ClusterNodes, MetricsTellOfTheBroker)
{
    const auto one = startNode();
    const auto two = startNode();
    OpenSocket there = two->api.open({"all"});
    ASSERT_EQ(post(*one, "0").status, 201);
    ASSERT_EQ(there.socket.readMessage(), "0");
    const auto page = [](Node &node) {
        HttpClient client(node.gateway.endpoint());
        return client
            .request("GET", "/metrics", {}, {{"Authorization", std::string("Bearer ") + operatorToken}})
            .body;
    };
    EXPECT_THAT(page(*one), HasSubstr("mws_broker_up 1\n"));
    EXPECT_THAT(page(*one), HasSubstr("mws_broker_appends_total{result=\"written\"} 1\n"));
    EXPECT_THAT(page(*one), HasSubstr("mws_broker_append_duration_seconds_count 1\n"));
    EXPECT_THAT(page(*two), HasSubstr("mws_broker_entries_read_total 1\n"));
    EXPECT_THAT(page(*two), HasSubstr("mws_broker_reconnects_total 0\n"));
    redis.kill();
    ASSERT_TRUE(waitForStatus(*two, "/health/ready", 503));
    EXPECT_THAT(page(*two), HasSubstr("mws_broker_up 0\n"));
    redis.start(RedisServer::Data::Lost);
    EXPECT_EQ(there.socket.readClose(longPatience), 1012);
    EXPECT_THAT(page(*two), HasSubstr("mws_broker_messages_missed_total 1\n"));
    EXPECT_THAT(page(*two), HasSubstr("mws_broker_reconnects_total 1\n"));
}

/// Redis keeps what it was sent, over a kill.
class DurableCluster : public ClusterNodes
{
protected:
    DurableCluster() { redis.ask({"config", "set", "appendonly", "yes"}); }
};

TEST_F(DurableCluster, NodeReadsOnWhereItWasAfterRedisWasAway)
{
    redis.ask({"config", "set", "appendfsync", "always"});
    const auto one = startNode();
    const auto two = startNode();
    OpenSocket here = one->api.open({"all"});
    OpenSocket there = two->api.open({"all"});
    int sent = 0;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 50; ++i)
            ASSERT_TRUE(postUntilAccepted(*one, std::to_string(sent++)));
        redis.kill();
        redis.start(RedisServer::Data::Kept, {"--appendonly", "yes", "--appendfsync", "always"});
    }
    ASSERT_TRUE(postUntilAccepted(*two, std::to_string(sent)));
    expectNumbers(here.socket, 0, sent);
    expectNumbers(there.socket, 0, sent);
    EXPECT_EQ(one->api.get("/sockets/" + here.id).status, 200);
}

TEST_F(ClusterNodes, FrozenRedisLosesNothingThatWasAnswered)
{
    const auto one = startNode({{"MWS_REDIS_REPLY_TIMEOUT", "1s"}, {"MWS_REDIS_PING_INTERVAL", "500ms"}});
    const auto two = startNode({{"MWS_REDIS_REPLY_TIMEOUT", "1s"}, {"MWS_REDIS_PING_INTERVAL", "500ms"}});
    OpenSocket there = two->api.open({"all"});
    ASSERT_EQ(post(*one, "0").status, 201);
    redis.freeze();
    ASSERT_TRUE(waitForStatus(*one, "/health/ready", 503));
    redis.thaw();
    ASSERT_TRUE(waitUntilReady(*one));
    ASSERT_TRUE(waitUntilReady(*two));
    ASSERT_EQ(post(*one, "1").status, 201);
    expectNumbers(there.socket, 0, 1);
}

} // namespace mws::test
