#include "cluster_test.h"
#include "support/loopback_listener.h"

#include <gmock/gmock.h>
#include <unistd.h>

namespace mws::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

GatewayOptions withOpsPort(uint16_t port, Environment more = {})
{
    more.insert({{"MWS_SERVER_OPS_PORT", std::to_string(port)}});
    return guardedGateway(std::move(more));
}

HttpAnswer get(uint16_t port, const std::string &target)
{
    HttpClient client({.port = port});
    return client.request("GET", target);
}

/// Until `target` is answered with that status; status 0 if time is up.
HttpAnswer getUntil(uint16_t port, const std::string &target, int status)
{
    const Deadline deadline(longPatience);
    for (;;) {
        HttpAnswer answer = get(port, target);
        if (answer.status == status)
            return answer;
        if (deadline.left() == 0)
            return {};
    }
}

} // namespace

class OpsPort : public GatewayTest
{
protected:
    OpsPort() : OpsPort(freePort()) {}
    explicit OpsPort(uint16_t free)
        : GatewayTest(
              withOpsPort(free, {{"MWS_SERVER_DRAIN", "60s"}, {"MWS_WEBSOCKET_CLOSE_TIMEOUT", "30s"}})),
          port(free)
    {}

    const uint16_t port;
};

TEST_F(OpsPort, HasMetricsWithoutATokenAndTheMainPortHasNone)
{
    const HttpAnswer page = get(port, "/metrics");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(page.body, HasSubstr("\nmws_ready 1\n"));
    EXPECT_THAT(page.body, HasSubstr("\n# TYPE mws_sockets_opened_total counter\n"));
    HttpClient main(gateway.endpoint());
    const HttpHeaders bearer{{"Authorization", std::string("Bearer ") + operatorToken}};
    EXPECT_EQ(main.request("GET", "/metrics", {}, bearer).status, 404);
    EXPECT_EQ(main.request("GET", "/health/live").status, 200);
    EXPECT_EQ(main.request("GET", "/health/ready").body, get(port, "/health/ready").body);
}

TEST_F(OpsPort, AnswersNothingElse)
{
    HttpClient client({.port = port});
    EXPECT_EQ(client.request("GET", "/health/live").body, R"({"status":"live"})");
    EXPECT_EQ(client.request("GET", "/health/ready?from=haproxy").body, R"({"status":"ready"})");
    EXPECT_EQ(client.request("GET", "/").status, 404);
    EXPECT_EQ(client.request("POST", "/v1/messages", R"({"data":"x","receivers":{"sockets":["*"]}})").status,
              404);
    const HttpAnswer wrong = client.request("POST", "/metrics");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header("Allow"), "GET, HEAD");
    const HttpAnswer named = client.request("GET", "/health/live", {}, {{"X-Request-Id", "probe-7"}});
    EXPECT_EQ(named.header("X-Request-Id"), "probe-7");
    EXPECT_EQ(client.request("POST", "/metrics", std::string(5000, 'x')).status, 413);
    GatewayApi there({.port = port}, "/v1", securityToken);
    const Issued issued = backend.reserve();
    EXPECT_EQ(there.openIssued(issued).answer().status, 404) << "no WebSockets";
    EXPECT_EQ(backend.openIssued(issued).answer().status, 101) << "and the token was not spent";
}

TEST_F(OpsPort, AnswersHeadWithoutABody)
{
    RawConnection connection({.port = port});
    connection.send("HEAD /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
    const HttpAnswer answer = readHttpAnswer(connection, AnswerBody::None);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Length"), "18");
    connection.send("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(readHttpAnswer(connection).body, R"({"status":"live"})");
}

TEST_F(OpsPort, AnswersUntilTheEndOfADrain)
{
    OpenSocket open = backend.open(); // it does not answer its Close, and holds the drain up
    gateway.signal(SIGTERM);
    const HttpAnswer ready = getUntil(port, "/health/ready", 503);
    EXPECT_EQ(ready.body, R"({"error":{"reason":"Unavailable","message":"Not ready: draining"}})");
    const Deadline deadline(longPatience);
    while (RawConnection(gateway.endpoint()).isOpen() && deadline.left() > 0) {
    }
    EXPECT_EQ(get(port, "/health/live").status, 200) << "while the main port is closed";
    EXPECT_THAT(get(port, "/metrics").body, HasSubstr("\nmws_ready 0\n"));
    open.socket.readClose();
    open.socket = {};
    EXPECT_EQ(gateway.waitForExit(longPatience), 0);
}

TEST(OpsPortAtStart, IsRefusedIfItIsTaken)
{
    const auto [descriptor, port] = listenOnLoopback();
    const TemporaryFolder folder;
    const GatewayRun run = runGateway(
        {}, {{"MWS_SERVER_PORT", "0"}, {"MWS_SERVER_OPS_PORT", std::to_string(port)}}, folder.path());
    ::close(descriptor);
    EXPECT_EQ(run.exitCode, 2);
    EXPECT_THAT(run.errors, HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(port) +
                                      ": Address already in use (server.ops_port)"));
}

TEST(OpsPortAtStart, IsNotTheMainPort)
{
    const TemporaryFolder folder;
    const GatewayRun run = runGateway({}, {{"PORT", "8123"}, {"MWS_SERVER_OPS_PORT", "8123"}}, folder.path());
    EXPECT_EQ(run.exitCode, 2);
    EXPECT_THAT(run.errors, HasSubstr("server.ops_port: is the same as server.port"));
}

/// Health says why on both ports.
class OpsPortOfANode : public ClusterNodes
{};

TEST_F(OpsPortOfANode, IsNotReadyWhileTheBrokerIsAway)
{
    const uint16_t port = freePort();
    const auto node = startNode({{"MWS_SERVER_OPS_PORT", std::to_string(port)}});
    EXPECT_EQ(get(port, "/health/ready").status, 200);
    EXPECT_THAT(get(port, "/metrics").body, HasSubstr("\nmws_broker_up 1\n"));
    redis.kill();
    const std::string expected =
        R"({"error":{"reason":"Unavailable","message":"Not ready: the broker cannot be reached"}})";
    EXPECT_EQ(getUntil(port, "/health/ready", 503).body, expected);
    EXPECT_EQ(get(node->gateway.port(), "/health/ready").body, expected);
    EXPECT_EQ(get(port, "/health/live").status, 200);
    EXPECT_THAT(get(port, "/metrics").body, HasSubstr("\nmws_ready 0\n"));
    redis.start(RedisServer::Data::Lost);
    EXPECT_EQ(getUntil(port, "/health/ready", 200).status, 200);
}

} // namespace mws::test
