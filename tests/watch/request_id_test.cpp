#include "cluster_test.h"

#include <gmock/gmock.h>

namespace mws::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string acceptedLine(const std::string &request)
{
    return "debug message accepted gateway=default request=" + request + '\n';
}

std::string queuedLine(const std::string &socket, const std::string &request)
{
    return "debug message queued gateway=default id=" + socket + " request=" + request + '\n';
}

} // namespace

/// From the POST to each delivery, as the log has it.
class RequestId : public GatewayTest
{
protected:
    RequestId() : GatewayTest(guardedGateway({{"LOG_LEVEL", "debug"}})) {}
};

TEST_F(RequestId, IsInTheLogOfAcceptanceAndOfEachDelivery)
{
    std::vector<OpenSocket> sockets; // on both workers, but for one chance in some thousands
    for (int i = 0; i < 14; ++i)
        sockets.push_back(backend.open({"room"}));
    const HttpAnswer given =
        backend.call("POST", "/messages", R"({"data":"x","receivers":{"tags":["room"]}})",
                     {{"X-Request-Id", "order-4711"}});
    EXPECT_EQ(given.header("X-Request-Id"), "order-4711");
    EXPECT_TRUE(gateway.waitForLog(acceptedLine("order-4711"))) << gateway.log();
    for (OpenSocket &open : sockets) {
        EXPECT_EQ(open.socket.readMessage(), "x");
        EXPECT_TRUE(gateway.waitForLog(queuedLine(open.id, "order-4711"))) << open.id;
    }
    const std::string made = backend.sendToTag("room", "y").header("X-Request-Id");
    EXPECT_TRUE(gateway.waitForLog(acceptedLine(made)));
    EXPECT_TRUE(gateway.waitForLog(queuedLine(sockets.back().id, made)));
}

TEST_F(RequestId, IsThatOfTheBatchForEachOfItsMessages)
{
    OpenSocket open = backend.open({"room"});
    const std::string message = R"({"data":"x","receivers":{"tags":["room"]}})";
    EXPECT_EQ(backend
                  .call("POST", "/messages:batch", R"({"messages":[)" + message + "," + message + "]}",
                        {{"X-Request-Id", "batch-1"}})
                  .status,
              200);
    ASSERT_TRUE(gateway.waitForLog(queuedLine(open.id, "batch-1")));
    EXPECT_EQ(open.socket.readMessage(), "x");
    EXPECT_EQ(open.socket.readMessage(), "x");
    EXPECT_TRUE(gateway.waitForLog(acceptedLine("batch-1"), patience, 2)) << gateway.log();
}

class RequestIdAtInfo : public GatewayTest
{};

TEST_F(RequestIdAtInfo, IsNotLogged)
{
    OpenSocket open = backend.open({"room"});
    const HttpAnswer answer = backend.sendToTag("room", "x");
    EXPECT_FALSE(answer.header("X-Request-Id").empty());
    EXPECT_EQ(open.socket.readMessage(), "x");
    EXPECT_EQ(gateway.stop(), 0);
    EXPECT_THAT(gateway.log(), Not(HasSubstr(answer.header("X-Request-Id"))));
}

class RequestIdInACluster : public ClusterNodes
{};

TEST_F(RequestIdInACluster, IsInTheLogsOfAllNodes)
{
    const auto one = startNode({{"LOG_LEVEL", "debug"}});
    const auto two = startNode({{"LOG_LEVEL", "debug"}});
    OpenSocket here = one->api.open({"all"});
    OpenSocket there = two->api.open({"all"});
    EXPECT_EQ(one->api.call("POST", "/messages", messageOf("x"), {{"X-Request-Id", "order-4712"}}).status,
              201);
    EXPECT_EQ(here.socket.readMessage(), "x");
    EXPECT_EQ(there.socket.readMessage(), "x");
    EXPECT_TRUE(one->gateway.waitForLog(acceptedLine("order-4712")));
    EXPECT_TRUE(one->gateway.waitForLog(queuedLine(here.id, "order-4712")));
    EXPECT_TRUE(two->gateway.waitForLog(queuedLine(there.id, "order-4712")));
    EXPECT_THAT(two->gateway.log(), Not(HasSubstr(acceptedLine("order-4712"))));
}

/// Who is not at debug does not look for ids, and takes messages that carry one.
TEST_F(RequestIdInACluster, MayBeUnknownToANodeThatLogsLess)
{
    const auto one = startNode({{"LOG_LEVEL", "debug"}});
    const auto two = startNode();
    OpenSocket there = two->api.open({"all"});
    EXPECT_EQ(one->api.call("POST", "/messages", messageOf("x"), {{"X-Request-Id", "order-4713"}}).status,
              201);
    EXPECT_EQ(there.socket.readMessage(), "x");
    OpenSocket here = one->api.open({"all"});
    EXPECT_EQ(two->api.call("POST", "/messages", messageOf("y"), {{"X-Request-Id", "order-4714"}}).status,
              201);
    EXPECT_EQ(here.socket.readMessage(), "y");
    EXPECT_THAT(two->gateway.log() + one->gateway.log(), Not(HasSubstr("order-4714")));
    EXPECT_THAT(two->gateway.log(), Not(HasSubstr("order-4713")));
}

} // namespace mws::test
