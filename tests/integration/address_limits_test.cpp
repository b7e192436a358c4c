#include "support/gateway_test.h"

namespace mws::test {

namespace {

constexpr char message[] = R"({"data":"x","receivers":{"sockets":["*"]}})";

/// What a caller of that address is answered on a connection of its own.
HttpAnswer askFrom(const GatewayProcess &gateway, const std::string &source, const HttpRequest &request = {})
{
    Endpoint endpoint = gateway.endpoint();
    endpoint.source = source;
    RawConnection connection(endpoint);
    connection.send(httpText(request, endpoint));
    return readHttpAnswer(connection);
}

void expectRefused(const HttpAnswer &answer)
{
    EXPECT_EQ(answer.status, 429) << answer.body;
    EXPECT_EQ(errorReason(answer), "TooManyRequests");
    EXPECT_GE(std::atoi(answer.header("Retry-After").c_str()), 1);
}

GatewayOptions limited(const std::string &limits, Environment environment = {})
{
    environment.insert({"SECURITY_TOKEN", securityToken});
    return {.environment = std::move(environment), .configuration = "[limits]\n" + limits};
}

} // namespace

TEST(AddressLimits, OpenConnections)
{
    const GatewayProcess gateway(limited("connections_per_address = 3\n"));
    Endpoint endpoint = gateway.endpoint();
    endpoint.source = "127.0.0.5";
    std::vector<RawConnection> open;
    for (int i = 0; i < 3; ++i) {
        open.emplace_back(endpoint);
        open.back().send(httpText({}, endpoint));
        ASSERT_EQ(readHttpAnswer(open.back()).status, 200);
    }
    RawConnection fourth(endpoint);
    expectRefused(readHttpAnswer(fourth)); // before it has asked
    EXPECT_TRUE(fourth.waitForEnd());
    expectRefused(askFrom(gateway, "127.0.0.5"));
    EXPECT_EQ(askFrom(gateway, "127.0.0.6").status, 200) << "another address";
    open.pop_back();
    const Deadline deadline(patience);
    int status = 429;
    while (status == 429 && deadline.left() > 0) // until the gateway has seen that one go
        status = askFrom(gateway, "127.0.0.5").status;
    EXPECT_EQ(status, 200);
    open[0].send(httpText({}, endpoint));
    EXPECT_EQ(readHttpAnswer(open[0]).status, 200) << "what was open is served on";
}

TEST(AddressLimits, NewConnections)
{
    const GatewayProcess gateway(limited("connections_per_second = 1\nburst = \"5s\"\n"));
    int refused = 0;
    for (int i = 0; i < 20; ++i) {
        const HttpAnswer answer = askFrom(gateway, "127.0.0.5");
        if (answer.status == 429)
            expectRefused(answer);
        refused += answer.status == 429 ? 1 : 0;
    }
    EXPECT_GE(refused, 5);
    EXPECT_LE(refused, 15);
    EXPECT_EQ(askFrom(gateway, "127.0.0.6").status, 200);
}

TEST(AddressLimits, RequestsOnAllWorkersTogether)
{
    const GatewayProcess gateway(limited("requests_per_second = 1\nburst = \"10s\"\n"));
    int refused = 0;
    for (int i = 0; i < 30; ++i) {
        const HttpAnswer answer = askFrom(gateway, "127.0.0.5", {.target = "/health/live"});
        if (answer.status == 429)
            expectRefused(answer);
        refused += answer.status == 429 ? 1 : 0;
    }
    EXPECT_GE(refused, 10) << "not a bucket for each worker";
    EXPECT_LE(refused, 20);
    EXPECT_EQ(askFrom(gateway, "127.0.0.6", {.target = "/health/live"}).status, 200);
    Endpoint endpoint = gateway.endpoint();
    endpoint.source = "127.0.0.5";
    const RawWebSocket handshake(endpoint, "/v1/socket?token=x");
    EXPECT_TRUE(handshake.answer().status == 429 || handshake.answer().status == 401);
}

TEST(AddressLimits, RefusedRequestIsTheLastOfItsConnection)
{
    const GatewayProcess gateway(limited("requests_per_second = 1\n"));
    RawConnection connection(gateway.endpoint());
    std::string many;
    for (int i = 0; i < 10; ++i)
        many += httpText({}, gateway.endpoint());
    connection.send(many);
    EXPECT_EQ(readHttpAnswer(connection).status, 200);
    expectRefused(readHttpAnswer(connection));
    EXPECT_EQ(connection.readToEnd(), "");
    EXPECT_TRUE(connection.atEnd());
}

TEST(AddressLimits, MessagesAndReservations)
{
    const GatewayProcess gateway(
        limited("messages_per_second = 1\nreservations_per_second = 1\nburst = \"3s\"\n"));
    const auto countRefused = [&](const std::string &source, const HttpRequest &request) {
        int refused = 0;
        for (int i = 0; i < 10; ++i) {
            const HttpAnswer answer = askFrom(gateway, source, request);
            if (answer.status == 429)
                expectRefused(answer);
            refused += answer.status == 429 ? 1 : 0;
        }
        return refused;
    };
    EXPECT_GE(countRefused("127.0.0.5", {.method = "POST", .target = "/v1/messages", .body = message}), 2);
    EXPECT_GE(countRefused("127.0.0.5", {.target = "/v1/websocket_uri"}), 2);
    EXPECT_EQ(
        askFrom(gateway, "127.0.0.6", {.method = "POST", .target = "/v1/messages", .body = message}).status,
        201);
    EXPECT_EQ(askFrom(gateway, "127.0.0.6", {.target = "/v1/websocket_uri"}).status, 200);
}

TEST(AddressLimits, ExemptAddressesAreNotLimited)
{
    const GatewayProcess gateway(
        limited("connections_per_second = 1\nrequests_per_second = 1\nexempt = [\"127.0.5.0/24\"]\n"));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(askFrom(gateway, "127.0.5.9").status, 200);
    EXPECT_EQ(askFrom(gateway, "127.0.6.9").status, 200);
    expectRefused(askFrom(gateway, "127.0.6.9"));
}

TEST(AddressLimits, BehindAProxyTheLastForwardedAddressCounts)
{
    const GatewayProcess gateway(
        limited("requests_per_second = 1\n", {{"MWS_SERVER_TRUST_FORWARDED", "true"}}));
    const auto ask = [&](const HttpHeaders &headers) {
        return askFrom(gateway, "127.0.0.5", {.headers = headers}).status;
    };
    EXPECT_EQ(ask({{"X-Forwarded-For", "1.1.1.1, 203.0.113.7"}}), 200);
    EXPECT_EQ(ask({{"X-Forwarded-For", "2.2.2.2, 203.0.113.7"}}), 429);
    EXPECT_EQ(ask({{"X-Forwarded-For", "203.0.113.8"}}), 200);
    EXPECT_EQ(ask({{"X-Forwarded-For", "203.0.113.8"}, {"X-Forwarded-For", "203.0.113.9"}}), 200)
        << "a proxy may add a field";
    EXPECT_EQ(ask({}), 200) << "then the proxy's own";
}

TEST(AddressLimits, OfConnectionsAreRefusedBehindAProxy)
{
    const TemporaryFolder folder;
    const GatewayRun run =
        runGateway({"--check-config"},
                   {{"MWS_SERVER_TRUST_FORWARDED", "true"}, {"MWS_LIMITS_CONNECTIONS_PER_ADDRESS", "10"}},
                   folder.path());
    EXPECT_EQ(run.exitCode, 2);
    EXPECT_THAT(run.errors + run.output, testing::HasSubstr("limits.connections_per_address"));
}

TEST(AddressLimits, AFloodOfConnectionsLeavesOthersServed)
{
    const GatewayProcess gateway(limited("connections_per_address = 5\n"));
    Endpoint endpoint = gateway.endpoint();
    endpoint.source = "127.0.0.5";
    std::vector<RawConnection> flood;
    for (int i = 0; i < 2000; ++i) {
        flood.emplace_back(endpoint);
        if (i % 100 == 0) {
            EXPECT_EQ(askFrom(gateway, "127.0.0.6").status, 200);
        }
        if (flood.size() > 100)
            flood.erase(flood.begin() + 5, flood.end());
    }
    EXPECT_EQ(askFrom(gateway, "127.0.0.6").status, 200);
}

} // namespace mws::test
