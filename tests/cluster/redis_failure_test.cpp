#include "failure_test.h"

#include <csignal>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

constexpr auto freeze = 10s;
constexpr auto away = 5s; ///< so that the pauses between attempts have become as long as they get

} // namespace

/// Three nodes, and one Redis that keeps what it was sent.
class OneRedis : public FailureTest
{
protected:
    RedisServer redis{{.more = durable}};
};

TEST_F(OneRedis, NodeIsKilled)
{
    startUnderLoad(redis.url());
    traffic->giveUp(0);
    nodes[0]->gateway.kill();
    ASSERT_TRUE(traffic->passes(4 * some));
    const Ledger::Balance balance = settle();
    EXPECT_EQ(balance.told1012, 0u);
    for (size_t reader = 2; reader < 6; ++reader)
        EXPECT_TRUE(isOpen(reader));
}

TEST_F(OneRedis, RedisIsKilledAndComesBackWithItsData)
{
    startUnderLoad(redis.url());
    const Issued issued = nodes[0]->api.reserve({"all"});
    redis.kill();
    const Ledger::Moment begun = now();
    for (const auto &node : nodes)
        expectRefusals(*node);
    EXPECT_EQ(nodes[0]->api.openIssued(issued).answer().status, 503);
    letPassUntil(begun + away);
    redis.start(RedisServer::Data::Kept);
    ASSERT_TRUE(redis.waitUntilReady());
    expectRecovery(now(), allNodes());
    ASSERT_TRUE(traffic->passes(some));
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
}

TEST_F(OneRedis, RedisIsKilledAndComesBackWithoutItsData)
{
    startUnderLoad(redis.url());
    GatewayApi administrator(nodes[0]->gateway.endpoint(), "/v1", operatorToken);
    const HttpAnswer made = administrator.post("/gateways", R"({"id":"silent","accessControl":"custom"})");
    ASSERT_EQ(made.status, 201) << made.body;
    GatewayApi silent(nodes[0]->gateway.endpoint(), "/v1/gateways/silent",
                      nodes[0]->gateway.secret(JsonView(made.body).string("/securityToken")));
    OpenSocket quiet = silent.open({"all"});
    redis.kill();
    redis.start(RedisServer::Data::Lost);
    ASSERT_TRUE(redis.waitUntilReady());
    const Ledger::Moment back = now();
    for (size_t reader = 0; reader < 6; ++reader)
        ASSERT_TRUE(traffic->ledger().waitForEnd(reader)) << reader;
    expectRecovery(back, allNodes());
    for (const auto &node : nodes)
        EXPECT_TRUE(node->gateway.waitForLog("messages were missed"));
    traffic->addReaders(1);
    ASSERT_TRUE(traffic->passes(some));
    for (size_t reader = 6; reader < 9; ++reader)
        EXPECT_TRUE(isOpen(reader)) << reader; // told once
    EXPECT_EQ(settle().told1012, 6u);
    silent.sendToAll("still here");
    EXPECT_EQ(quiet.socket.readMessage(longPatience), "still here");
}

TEST_F(OneRedis, RedisIsFrozenForTenSeconds)
{
    startUnderLoad(redis.url());
    redis.freeze();
    const Ledger::Moment begun = now();
    for (const auto &node : nodes)
        expectRefusals(*node);
    measured("noticed after ms", milliseconds(now() - begun));
    letPassUntil(begun + freeze);
    redis.thaw();
    expectRecovery(now(), allNodes());
    ASSERT_TRUE(traffic->passes(some));
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
}

TEST_F(OneRedis, NodeIsFrozenForTenSeconds)
{
    startUnderLoad(redis.url());
    nodes[0]->gateway.signal(SIGSTOP);
    letPass(freeze);
    nodes[0]->gateway.signal(SIGCONT);
    expectRecovery(now(), allNodes());
    ASSERT_TRUE(traffic->passes(2 * some));
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
}

} // namespace mws::test
