#include "failure_test.h"

namespace mws::test {

namespace {

using namespace std::chrono_literals;

/// It may become the primary of another, which then need not wait.
std::vector<std::string> replicaOf(uint16_t port)
{
    return {"--replicaof", "127.0.0.1", std::to_string(port), "--repl-diskless-sync-delay", "0"};
}

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string> &second)
{
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

} // namespace

/// A primary and a replica, without a cluster: somebody promotes the replica by hand, or Sentinel does.
class PrimaryAndReplica : public FailureTest
{
protected:
    PrimaryAndReplica() { waitUntilReplicated(primary, 1); }

    std::string bothUrls() const { return primary.url() + ",127.0.0.1:" + std::to_string(replica.port()); }
    static void waitUntilReplicated(const RedisServer &server, int replicas)
    {
        const Deadline deadline(longPatience);
        server.ask({"SET", "written", "1"});
        const std::string wanted = std::to_string(replicas);
        while (deadline.left() > 0)
            if (server.ask({"WAIT", wanted, "1000"}) >= wanted)
                return;
        ADD_FAILURE() << server.ask({"INFO", "replication"});
    }
    static Environment waitingForOne() { return {{"MWS_CLUSTER_WAIT_REPLICAS", "1"}}; }
    /// The primary goes on, and the replica gets nothing more.
    void stopReplication()
    {
        EXPECT_EQ(replica.ask({"REPLICAOF", "127.0.0.1", std::to_string(nobody)}), "OK");
    }
    void failOver()
    {
        primary.kill();
        EXPECT_EQ(replica.ask({"REPLICAOF", "NO", "ONE"}), "OK");
    }

    const uint16_t nobody = freePort();
    RedisServer primary{{.more = joined(durable, {"--repl-diskless-sync-delay", "0"})}};
    RedisServer replica{{.more = joined(durable, replicaOf(primary.port()))}};
};

/// Everything that was answered 2xx is at the replica, too.
TEST_F(PrimaryAndReplica, ReplicaTakesOver)
{
    startUnderLoad(bothUrls(), 3, waitingForOne());
    failOver();
    const Ledger::Moment promoted = now();
    const RedisServer next(
        {.more = joined(durable, replicaOf(replica.port()))}); // one must have each message
    expectRecovery(promoted, allNodes());
    ASSERT_TRUE(traffic->passes(some));
    settle();
    expectAllOpen();
}

/// As before maintenance: the roles are swapped, and nobody is killed.
TEST_F(PrimaryAndReplica, RolesAreSwapped)
{
    startUnderLoad(bothUrls());
    const Ledger::Moment begun = now();
    EXPECT_EQ(primary.ask({"FAILOVER", "TO", "127.0.0.1", std::to_string(replica.port())}), "OK");
    const Deadline deadline(longPatience);
    while (!replica.ask({"ROLE"}).starts_with("master"))
        ASSERT_GT(deadline.left(), 0) << primary.ask({"INFO", "replication"});
    expectRecovery(begun, allNodes());
    ASSERT_TRUE(traffic->passes(2 * some));
    expectAllOpen();
    EXPECT_EQ(settle().told1012, 0u);
}

TEST_F(PrimaryAndReplica, FailoverThatLostWritesIsTold)
{
    startUnderLoad(bothUrls());
    stopReplication();
    ASSERT_TRUE(traffic->passes(some)); // and read by all
    failOver();
    const Ledger::Moment promoted = now();
    for (size_t reader = 0; reader < 6; ++reader)
        ASSERT_TRUE(traffic->ledger().waitForEnd(reader)) << reader;
    expectRecovery(promoted, allNodes());
    for (const auto &node : nodes)
        EXPECT_TRUE(node->gateway.waitForLog("messages were missed"));
    traffic->addReaders(1);
    ASSERT_TRUE(traffic->passes(some));
    for (size_t reader = 6; reader < 9; ++reader)
        EXPECT_TRUE(isOpen(reader)) << reader;
    EXPECT_EQ(settle().told1012, 6u);
}

TEST_F(PrimaryAndReplica, MessageThatTheReplicaDoesNotHaveIsNotAnsweredAsGood)
{
    nodes.push_back(startNodeAt(bothUrls(), {.environment = waitingForOne()}));
    nodes.push_back(startNodeAt(bothUrls(), {.environment = waitingForOne()}));
    OpenSocket socket = nodes[1]->api.open({"all"});
    ASSERT_EQ(post(*nodes[0], "0").status, 201);
    replica.freeze();
    const std::string message = messageOf("1", R"(,"id":"one")");
    for (const auto &node : {nodes[0].get(), nodes[1].get(), nodes[0].get()}) {
        const HttpAnswer answer = node->api.post("/messages", message);
        EXPECT_EQ(answer.status, 503) << answer.body; // also when it is the repetition
        EXPECT_TRUE(answer.hasHeader("Retry-After"));
    }
    OpenSocket opened = nodes[0]->api.open({"all"}); // what is no message does not wait for replicas
    replica.thaw();
    EXPECT_TRUE(postUntilAccepted(*nodes[1], "2"));
    EXPECT_EQ(nodes[0]->api.post("/messages", message).status, 201);
    expectNumbers(socket.socket, 0, 2);
    EXPECT_EQ(opened.socket.readMessage(longPatience), "2");
}

/// While no replica has anything, each message takes a second, and all wait together.
TEST_F(PrimaryAndReplica, MissingReplicaHoldsNobodyUpForLong)
{
    startUnderLoad(bothUrls(), 2, waitingForOne());
    replica.freeze();
    const uint64_t before = traffic->ledger().refused();
    const Deadline deadline(longPatience);
    while (traffic->ledger().refused() < before + 8)
        ASSERT_GT(deadline.left(), 0);
    traffic->addReaders(1); // 101 comes in time
    replica.thaw();
    const Ledger::Moment thawed = now();
    expectRecovery(thawed, allNodes());
    ASSERT_TRUE(traffic->passes(some));
    settle();
    for (size_t reader = 0; reader < 6; ++reader)
        EXPECT_TRUE(isOpen(reader));
}

} // namespace mws::test
