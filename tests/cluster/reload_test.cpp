#include "cluster_test.h"

#include <csignal>
#include <thread>

// Configuration files of nodes that change.

namespace mws::test {

namespace {

using testing::HasSubstr;

constexpr char second[] =
    "\n[[gateways]]\nid = \"second\"\nsecurity_token = \"second-secret-9c\"\naccess_control = \"custom\"\n";

} // namespace

class ClusterReload : public ClusterNodes
{
protected:
    std::unique_ptr<Node> start()
    {
        auto node = startNodeAt(redis.url(), {.configuration = "[server]\nwatch_config = false\n"});
        node->gateway.secret("second-secret-9c");
        return node;
    }
    static bool reload(Node &node, const std::string &more,
                       const std::string &answer = "configuration reloaded")
    {
        const size_t before = timesIn(node.gateway.log(), answer);
        writeFile(node.gateway.folder() / "gateway.toml", "[server]\nwatch_config = false\n" + more);
        node.gateway.signal(SIGHUP);
        return node.gateway.waitForLog(answer, longPatience, before + 1);
    }
    static GatewayApi secondOf(const Node &node)
    {
        return GatewayApi(node.gateway.endpoint(), "/v1/gateways/second", "second-secret-9c");
    }
};

TEST_F(ClusterReload, NodesAgreeOnTheKeyOfANewGateway)
{
    const auto one = start();
    const auto two = start();
    ASSERT_TRUE(reload(*one, second)) << one->gateway.log();
    ASSERT_TRUE(reload(*two, second)) << two->gateway.log();
    GatewayApi atOne = secondOf(*one);
    GatewayApi atTwo = secondOf(*two);
    for (int i = 0; i < 2; ++i) {
        RawWebSocket socket = atTwo.openIssued(atOne.reserve({"all"}));
        ASSERT_TRUE(socket.isOpen()) << two->gateway.log();
        atOne.sendToTag("all", "to both");
        EXPECT_EQ(socket.readMessage(longPatience), "to both");
        std::swap(atOne, atTwo);
    }
    RawWebSocket socket = atTwo.openIssued(atOne.reserve({"all"}));
    ASSERT_TRUE(reload(*two, ""));
    ASSERT_TRUE(reload(*one, ""));
    EXPECT_EQ(socket.readClose(longPatience), 1001);
    EXPECT_EQ(atOne.get("/sockets").status, 404);
    ASSERT_TRUE(reload(*one, second));
    ASSERT_TRUE(reload(*two, second));
    EXPECT_TRUE(secondOf(*one).openIssued(secondOf(*two).reserve()).isOpen()) << "the key is still the same";
}

TEST_F(ClusterReload, NewGatewayWaitsForRedisAndNothingIsHalfInForce)
{
    const auto node = start();
    redis.kill();
    ASSERT_TRUE(waitForStatus(*node, "/health/ready", 503));
    ASSERT_TRUE(
        reload(*node, std::string("[gateway]\nname = \"Half\"\n") + second, "configuration not reloaded"));
    EXPECT_THAT(node->gateway.log(), HasSubstr("the signing keys of new gateways cannot be shared"));
    EXPECT_EQ(secondOf(*node).get("/configuration").status, 404);
    EXPECT_EQ(JsonView(node->api.get("/configuration").body).string("/name"), "");
    ASSERT_TRUE(reload(*node, "[gateway]\nname = \"Without keys\"\n")) << "what needs no key needs no Redis";
    redis.start(RedisServer::Data::Kept);
    ASSERT_TRUE(waitUntilReady(*node));
    ASSERT_TRUE(reload(*node, std::string("[gateway]\nname = \"Whole\"\n") + second)) << node->gateway.log();
    EXPECT_EQ(JsonView(node->api.get("/configuration").body).string("/name"), "Whole");
    EXPECT_TRUE(secondOf(*node).openIssued(secondOf(*node).reserve()).isOpen());
}

} // namespace mws::test
