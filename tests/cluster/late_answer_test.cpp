#include "cluster_test.h"

#include "support/pipelining_client.h"
#include "support/test_certificates.h"

#include <array>
#include <csignal>
#include <gmock/gmock.h>
#include <sstream>
#include <thread>

namespace mws::test {

namespace {

const std::string bearer = std::string("Bearer ") + securityToken;

/// How many HTTP requests a node has taken up, and how many connections it has.
class RequestCount
{
public:
    explicit RequestCount(const Endpoint &endpoint) : m_client(endpoint), m_before(requests()) {}

    /// Since this was made, but for those of this class.
    uint64_t others()
    {
        ++m_asked;
        return requests() - m_before - m_asked;
    }
    bool waitFor(uint64_t count)
    {
        return waitUntil([this, count] { return others() >= count; });
    }
    /// With this one's own.
    uint64_t connections()
    {
        ++m_asked;
        return value("mws_connections_open");
    }
    bool waitForConnections(uint64_t most)
    {
        return waitUntil([this, most] { return connections() <= most; });
    }

private:
    template <typename Condition>
    static bool waitUntil(Condition met)
    {
        const Deadline deadline(longPatience);
        while (!met())
            if (deadline.left() == 0)
                return false;
        return true;
    }
    uint64_t requests() { return value("mws_http_requests_received_total"); }
    uint64_t value(std::string name)
    {
        name += ' ';
        const HttpAnswer page = m_client.request("GET", "/metrics", {},
                                                 {{"Authorization", std::string("Bearer ") + operatorToken}});
        std::istringstream lines(page.body);
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(name))
                return std::stoull(line.substr(name.size()));
        ADD_FAILURE() << "no " << name << page.status;
        return 0;
    }

    HttpClient m_client;
    uint64_t m_asked = 0;
    uint64_t m_before;
};

/// A POST of `name` to the tag `all`, with the same name in X-Request-Id; `more` are members.
std::string postOf(const std::string &name, const std::string &more = {}, const HttpHeaders &headers = {})
{
    HttpRequest request{"POST",
                        "/v1/messages",
                        {{"Authorization", bearer}, {"X-Request-Id", name}},
                        R"({"data":")" + name + '"' + more + R"(,"receivers":{"tags":["all"]}})"};
    request.headers.insert(request.headers.end(), headers.begin(), headers.end());
    return httpText(request, {});
}

HttpAnswer readLate(RawConnection &connection)
{
    return readHttpAnswer(connection, AnswerBody::AsDeclared, longPatience);
}

} // namespace

/// A node whose Redis is frozen, so that answers are awaited as long as a test likes; with the direct lane
/// and without it.
class LateAnswer : public ClusterNodes, public ::testing::WithParamInterface<bool>
{
protected:
    std::unique_ptr<Node> startOne(Environment more = {})
    {
        more.insert({{"MWS_SERVER_WORKERS", "1"},
                     {"MWS_SERVER_DIRECT_LANE", GetParam() ? "true" : "false"},
                     {"MWS_REDIS_REPLY_TIMEOUT", "60s"}});
        return startNode(std::move(more));
    }
    /// Sends `count` POSTs on as many connections and waits until all are taken up.
    static std::vector<RawConnection> postOnMany(Node &node, RequestCount &requests, size_t count)
    {
        std::vector<RawConnection> connections;
        const uint64_t before = requests.others();
        for (size_t i = 0; i < count; ++i) {
            connections.emplace_back(node.gateway.endpoint());
            EXPECT_TRUE(connections.back().send(postOf(std::to_string(i))));
        }
        EXPECT_TRUE(requests.waitFor(before + count));
        return connections;
    }
};

TEST_P(LateAnswer, RequestsBehindItWaitAndAreAnsweredInOrder)
{
    const auto node = startOne();
    OpenSocket reader = node->api.open({"all"});
    RawConnection sender(node->gateway.endpoint());
    RequestCount requests(node->gateway.endpoint());
    redis.freeze();
    const std::string other = httpText({"GET", "/", {{"X-Request-Id", "other"}}, {}}, {});
    ASSERT_TRUE(sender.send(postOf("0") + postOf("1") + postOf("2") + other + postOf("3")));
    ASSERT_TRUE(requests.waitFor(1));
    ASSERT_TRUE(sender.send(postOf("4")));
    EXPECT_EQ(requests.others(), 1u); // one at a time
    EXPECT_FALSE(sender.waitForData(std::chrono::milliseconds(0)));
    redis.thaw();
    for (const char *id : {"0", "1", "2", "other", "3", "4"}) {
        const HttpAnswer answer = readLate(sender);
        EXPECT_EQ(answer.status, id == std::string("other") ? 200 : 201) << answer.body;
        EXPECT_EQ(answer.header("X-Request-Id"), id);
        EXPECT_FALSE(answer.hasHeader("Connection"));
    }
    ASSERT_TRUE(sender.send(postOf("5")));
    EXPECT_EQ(readLate(sender).status, 201);
    expectNumbers(reader.socket, 0, 5);
}

TEST_P(LateAnswer, ClientsThatGoMeanwhileLeaveNothingBehind)
{
    constexpr size_t count = 40;
    const auto node = startOne();
    OpenSocket reader = node->api.open({"all"});
    RequestCount requests(node->gateway.endpoint());
    const uint64_t before = requests.connections();
    redis.freeze();
    auto clients = postOnMany(*node, requests, count);
    EXPECT_EQ(requests.connections(), before + count);
    for (size_t i = 0; i < count; ++i)
        i % 2 == 0 ? clients[i].reset() : clients[i].close();
    EXPECT_TRUE(requests.waitForConnections(before + count / 2)); // a reset is seen at once
    auto others = postOnMany(*node, requests, count / 2); // maybe in the place of those that have gone
    redis.thaw();
    for (size_t i = 0; i < others.size(); ++i) {
        const HttpAnswer answer = readLate(others[i]);
        EXPECT_EQ(answer.status, 201);
        EXPECT_EQ(answer.header("X-Request-Id"), std::to_string(i));
        EXPECT_FALSE(others[i].waitForData(std::chrono::milliseconds(0))); // no other's answer
    }
    for (size_t i = 0; i < count + count / 2; ++i)
        EXPECT_TRUE(reader.socket.readMessage(longPatience)) << i;
    others.clear();
    EXPECT_TRUE(requests.waitForConnections(before));
    EXPECT_EQ(post(*node, "last").status, 201);
    EXPECT_EQ(reader.socket.readMessage(longPatience), "last");
}

TEST_P(LateAnswer, HalfClosedClientGetsIt)
{
    const auto node = startOne();
    RequestCount requests(node->gateway.endpoint());
    redis.freeze();
    std::array<RawConnection, 2> clients{RawConnection(node->gateway.endpoint()),
                                         RawConnection(node->gateway.endpoint())};
    ASSERT_TRUE(clients[0].send(postOf("0") + postOf("1"))); // its end comes while the first one is awaited
    ASSERT_TRUE(requests.waitFor(1));
    ASSERT_TRUE(clients[1].send(postOf("0") + postOf("1"))); // or with the requests
    for (RawConnection &client : clients)
        client.shutdownWrite();
    ASSERT_TRUE(requests.waitFor(2));
    redis.thaw();
    for (RawConnection &client : clients) {
        EXPECT_EQ(readLate(client).header("X-Request-Id"), "0");
        EXPECT_EQ(readLate(client).header("X-Request-Id"), "1");
        EXPECT_TRUE(client.waitForEnd(longPatience));
    }
}

TEST_P(LateAnswer, DrainThatBeginsMeanwhileWaitsForItAndMakesItTheLast)
{
    const auto node = startOne({{"MWS_SERVER_DRAIN", "60s"}});
    RawConnection sender(node->gateway.endpoint());
    RequestCount requests(node->gateway.endpoint());
    redis.freeze();
    ASSERT_TRUE(sender.send(postOf("0") + postOf("1")));
    ASSERT_TRUE(requests.waitFor(1));
    node->gateway.signal(SIGTERM);
    const Deadline deadline(longPatience);
    while (RawConnection(node->gateway.endpoint()).isOpen() && deadline.left() > 0) // until it drains
        std::this_thread::yield();
    EXPECT_FALSE(node->gateway.waitForExit(std::chrono::milliseconds(100)));
    redis.thaw();
    const HttpAnswer answer = readLate(sender);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.header("X-Request-Id"), "0");
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_EQ(sender.readToEnd(longPatience), "");
    EXPECT_EQ(node->gateway.waitForExit(longPatience), 0) << node->gateway.log();
}

TEST_P(LateAnswer, IsTheSameForBatchesIdsAndWebhooks)
{
    const auto node = startOne();
    OpenSocket reader = node->api.open({"all"});
    RequestCount requests(node->gateway.endpoint());
    const auto bytes = [](const std::string &path, const std::string &body) {
        return httpText({"POST", "/v1/" + path, {{"Authorization", bearer}}, body}, {});
    };
    const std::string first = R"({"data":"0","id":"a","receivers":{"tags":["all"]}})";
    std::array<RawConnection, 4> senders;
    for (RawConnection &sender : senders)
        sender = RawConnection(node->gateway.endpoint());
    redis.freeze();
    ASSERT_TRUE(senders[0].send(
        bytes("messages:batch", R"({"messages":[)" + first + R"(,{"data":"x"},)" + first + "]}")));
    ASSERT_TRUE(requests.waitFor(1));
    ASSERT_TRUE(senders[1].send(postOf("0", R"(,"id":"a")", {{"Prefer", "return=minimal"}})));
    ASSERT_TRUE(requests.waitFor(2));
    ASSERT_TRUE(senders[2].send(postOf("other", R"(,"id":"a")")));
    const std::string webhook =
        R"({"meta":{"eventName":"update"},"object":{"id":"1","objectType":"objects.todos"}})";
    ASSERT_TRUE(senders[3].send(bytes("webhook_receivers/enginio", webhook)));
    ASSERT_TRUE(requests.waitFor(4));
    redis.thaw();
    const HttpAnswer batch = readLate(senders[0]);
    EXPECT_EQ(batch.status, 200);
    EXPECT_THAT(batch.body,
                ::testing::MatchesRegex(
                    R"(\{"results":\[\{"status":201\},\{"status":422,.*\},\{"status":201\}\]\})"));
    EXPECT_EQ(readLate(senders[1]).status, 204);
    const HttpAnswer other = readLate(senders[2]);
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(errorProperty(other), "id");
    EXPECT_EQ(readLate(senders[3]).status, 201);
    EXPECT_EQ(reader.socket.readMessage(longPatience), "0");
    EXPECT_EQ(reader.socket.readMessage(longPatience), webhook); // it goes to all
    EXPECT_EQ(post(*node, "1").status, 201);
    expectNumbers(reader.socket, 1, 1);
}

TEST_P(LateAnswer, IsAwaitedLongerThanAnyDeadlineOfTheConnection)
{
    const auto node = startOne(
        {{"MWS_HTTP_IDLE_TIMEOUT", "4s"}, {"MWS_HTTP_HEAD_TIMEOUT", "4s"}, {"MWS_HTTP_BODY_TIMEOUT", "4s"}});
    RequestCount requests(node->gateway.endpoint());
    redis.freeze();
    auto clients = postOnMany(*node, requests, 1);
    letPass(std::chrono::milliseconds(5000));
    redis.thaw();
    EXPECT_EQ(readLate(clients[0]).status, 201);
    EXPECT_TRUE(clients[0].waitForEnd(longPatience)); // they are in force again
}

TEST_P(LateAnswer, ComesWhenRedisIsGivenUpAndNoConnectionIsForgotten)
{
    constexpr size_t count = 200;
    const auto node = startOne({{"MWS_REDIS_REPLY_TIMEOUT", "1s"}});
    RequestCount requests(node->gateway.endpoint());
    redis.freeze();
    auto clients = postOnMany(*node, requests, count);
    for (size_t i = 0; i < count; ++i) {
        const HttpAnswer answer = readLate(clients[i]);
        EXPECT_EQ(answer.status, 503) << i;
        EXPECT_TRUE(answer.hasHeader("Retry-After"));
        EXPECT_EQ(answer.header("X-Request-Id"), std::to_string(i));
    }
    redis.thaw();
    ASSERT_TRUE(waitUntilReady(*node));
    for (size_t i = 0; i < count; ++i)
        EXPECT_TRUE(clients[i].send(postOf(std::to_string(i)))) << i;
    for (size_t i = 0; i < count; ++i) {
        const HttpAnswer answer = readLate(clients[i]);
        EXPECT_EQ(answer.status, 201) << i << answer.body;
        EXPECT_EQ(answer.header("X-Request-Id"), std::to_string(i));
    }
}

TEST_P(LateAnswer, GoesThroughTls)
{
    const TestCertificates certificates;
    GatewayOptions options = guardedGateway(certificates.environment());
    options.environment.insert({{"REDIS_URL", redis.url()},
                                {"MWS_SERVER_DIRECT_LANE", GetParam() ? "true" : "false"},
                                {"MWS_REDIS_REPLY_TIMEOUT", "60s"},
                                {"MWS_SERVER_WORKERS", "1"}});
    GatewayProcess gateway(options);
    Endpoint endpoint = gateway.endpoint();
    endpoint.tls = certificates.client();
    HttpClient client(endpoint);
    const Deadline deadline(longPatience);
    while (client.request("GET", "/health/ready").status != 200 && deadline.left() > 0)
        std::this_thread::yield();
    RequestCount requests(endpoint);
    redis.freeze();
    RawConnection sender(endpoint);
    RawConnection lost(endpoint);
    ASSERT_TRUE(sender.send(postOf("0") + postOf("1")) && lost.send(postOf("lost")));
    ASSERT_TRUE(requests.waitFor(2));
    sender.shutdownWrite();
    lost.reset();
    redis.thaw();
    for (const char *id : {"0", "1"}) {
        const HttpAnswer answer = readLate(sender);
        EXPECT_EQ(answer.status, 201) << answer.body;
        EXPECT_EQ(answer.header("X-Request-Id"), id);
    }
    EXPECT_TRUE(sender.waitForEnd(longPatience));
    EXPECT_TRUE(sender.sawCloseNotify());
}

INSTANTIATE_TEST_SUITE_P(By, LateAnswer, ::testing::Bool(), [](const auto &lane) {
    return lane.param ? std::string("DirectLane") : std::string("HttpServer");
});

} // namespace mws::test
