#include "cut_link.h"
#include "failure_test.h"
#include "network_namespace.h"

namespace mws::test {

namespace {

using namespace std::chrono_literals;

constexpr auto cut = 10s;

} // namespace

/// Two nodes beside Redis, and a third on a machine of its own.
class CutLink : public FailureTest
{
protected:
    void SetUp() override
    {
        if (const std::string problem = NodeMachine::problem(); !problem.empty())
            GTEST_SKIP() << problem;
        machine = std::make_unique<NodeMachine>();
        redis = std::make_unique<RedisServer>(RedisServerOptions{
            .more = {"--bind", "127.0.0.1", NodeMachine::redisAddress(), "--protected-mode", "no"}});
    }
    /// Node 2 is the one there.
    void startNodes(const Environment &more = {})
    {
        nodes.push_back(startNodeAt(redis->url(), {.environment = more}));
        nodes.push_back(startNodeAt(redis->url(), {.environment = more}));
        GatewayOptions there{
            .environment = more, .launcher = machine->launcher(), .host = NodeMachine::nodeAddress()};
        there.environment.emplace("MWS_SERVER_ADDRESS", NodeMachine::nodeAddress());
        nodes.push_back(startNodeAt("redis://" + std::string(NodeMachine::redisAddress()) + ':' +
                                        std::to_string(redis->port()),
                                    std::move(there)));
        load();
    }

    std::unique_ptr<NodeMachine> machine;
    std::unique_ptr<RedisServer> redis;
};

TEST_F(CutLink, IsMendedAfterTenSeconds)
{
    startNodes();
    Node &node = *nodes[2];
    OpenSocket brief = node.api.open({"brief"});
    machine->cut();
    const Ledger::Moment begun = now();
    expectRefusals(node);
    measured("noticed after ms", milliseconds(now() - begun));
    const std::string receivers = R"(,"receivers":{"tags":["brief"]}})";
    EXPECT_EQ(nodes[0]->api.post("/messages", R"({"data":"brief","ttl":1)" + receivers).status, 201);
    EXPECT_EQ(nodes[0]->api.post("/messages", R"({"data":"long","ttl":600)" + receivers).status, 201);
    letPassUntil(begun + cut);
    EXPECT_EQ(post(node, "x").status, 503);
    machine->mend();
    expectRecovery(now(), allNodes());
    ASSERT_TRUE(traffic->passes(2 * some));
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
    EXPECT_EQ(brief.socket.readMessage(), "long"); // the other one has waited for too long
}

/// More came meanwhile than is kept: the sockets there are told, and no others.
TEST_F(CutLink, IsMendedTooLate)
{
    startNodes({{"MWS_CLUSTER_STREAM_ENTRIES", "100"}});
    machine->cut();
    ASSERT_TRUE(waitForStatus(*nodes[2], "/health/ready", 503));
    const uint64_t before = traffic->ledger().accepted();
    const Deadline deadline(longPatience);
    while (traffic->ledger().accepted() < before + 600) // trimmed in blocks of 100
        ASSERT_GT(deadline.left(), 0);
    machine->mend();
    expectRecovery(now(), allNodes());
    for (size_t reader = 0; reader < 4; ++reader)
        EXPECT_TRUE(isOpen(reader)) << reader;
    for (size_t reader = 4; reader < 6; ++reader)
        EXPECT_TRUE(traffic->ledger().waitForEnd(reader)) << reader;
    EXPECT_TRUE(nodes[2]->gateway.waitForLog("entries were trimmed"));
    traffic->addReader(2);
    ASSERT_TRUE(traffic->passes(some));
    EXPECT_EQ(settle().told1012, 2u);
}

} // namespace mws::test

int main(int argc, char *argv[])
{
    testing::InitGoogleTest(&argc, argv);
    mws::test::NetworkNamespace::enter();
    return RUN_ALL_TESTS();
}
