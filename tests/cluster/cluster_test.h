#pragma once

#include "support/gateway_test.h"
#include "support/redis_server.h"

#include <memory>
#include <string>

namespace mws::test {

/// A gateway of a cluster, and a backend that calls it.
struct ClusterNode
{
    explicit ClusterNode(GatewayOptions options) : gateway(std::move(options)) {}
    GatewayProcess gateway;
    GatewayApi api{gateway.endpoint(), "/v1", securityToken};
};

/// Nodes that share what `redisUrl` names.
class ClusterTest : public ::testing::Test
{
protected:
    using Node = ClusterNode;

    /// In mode `custom`, with the same signing key as the others. Its /health/ready says 200.
    static std::unique_ptr<Node> startNodeAt(const std::string &redisUrl, GatewayOptions options = {})
    {
        GatewayOptions guarded = guardedGateway(std::move(options.environment));
        options.environment = std::move(guarded.environment);
        options.environment.insert(
            {{"REDIS_URL", redisUrl},
             {"MWS_GATEWAY_SIGNING_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}});
        auto node = std::make_unique<Node>(std::move(options));
        EXPECT_TRUE(waitUntilReady(*node)) << node->gateway.log();
        return node;
    }
    static bool waitUntilReady(Node &node) { return waitForStatus(node, "/health/ready", 200); }
    static bool waitForStatus(Node &node, const std::string &path, int status)
    {
        HttpClient client(node.gateway.endpoint());
        const Deadline deadline(longPatience);
        while (client.request("GET", path).status != status)
            if (deadline.left() == 0)
                return false;
        return true;
    }
    static HttpAnswer post(Node &node, const std::string &text)
    {
        return node.api.post("/messages", messageOf(text));
    }
    /// With a URI of `issuer`, where it opens none any more then; messages to `all` reach it.
    static RawWebSocket openOnce(Node &issuer, Node &node)
    {
        const Issued issued = issuer.api.reserve({"all"});
        RawWebSocket socket = node.api.openIssued(issued);
        EXPECT_TRUE(socket.isOpen());
        for (Node *each : {&issuer, &node})
            EXPECT_EQ(each->api.openIssued(issued).answer().status, 401);
        return socket;
    }
    /// Posted with an id until it is accepted: each 503 may have been accepted all the same.
    static bool postUntilAccepted(Node &node, const std::string &text)
    {
        const std::string message = messageOf(text, R"(,"id":"m)" + text + '"');
        const Deadline deadline(longPatience);
        for (int status = 0; status != 201; status = node.api.post("/messages", message).status)
            if ((status != 0 && status != 503) || deadline.left() == 0)
                return false;
        return true;
    }
    /// For the sockets with the tag `all`; `more` are further members, with a comma before each.
    static std::string messageOf(const std::string &text, const std::string &more = {})
    {
        return R"({"data":")" + text + '"' + more + R"(,"receivers":{"tags":["all"]}})";
    }
    /// Numbers from `first` on, each once and in order, until `last` is read; what is beside that is an
    /// error.
    static void expectNumbers(RawWebSocket &socket, int first, int last)
    {
        for (int number = first; number <= last; ++number)
            ASSERT_EQ(socket.readMessage(longPatience), std::to_string(number));
    }
};

/// Nodes of one cluster and their Redis.
class ClusterNodes : public ClusterTest
{
protected:
    std::unique_ptr<Node> startNode(Environment more = {})
    {
        return startNodeAt(redis.url(), {.environment = std::move(more)});
    }

    RedisServer redis;
};

} // namespace mws::test
