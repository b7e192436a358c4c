#include "support/gateway_test.h"

#include <algorithm>
#include <sstream>

namespace mws::test {

namespace {

using ::testing::HasSubstr;

/// The value of the sample that a page has under `name`, labels included; -1 if it has none.
double valueOf(const std::string &page, const std::string &name)
{
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name + ' '))
            return std::stod(line.substr(name.size() + 1));
    return -1;
}

class OpenGateway : public GatewayTest
{
protected:
    OpenGateway() : GatewayTest({.environment = {}}) {}
};

} // namespace

class Metrics : public GatewayTest
{
protected:
    std::string page()
    {
        HttpClient client(gateway.endpoint());
        const HttpAnswer answer = client.request("GET", "/metrics", {}, {{"Authorization", bearer()}});
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
        return answer.body;
    }
    static std::string bearer() { return std::string("Bearer ") + operatorToken; }
};

TEST_F(Metrics, NeedTheOperatorsTokenWhereOneIsSet)
{
    HttpClient client(gateway.endpoint());
    EXPECT_EQ(client.request("GET", "/metrics").status, 401);
    EXPECT_EQ(
        client.request("GET", "/metrics", {}, {{"Authorization", std::string("Bearer ") + securityToken}})
            .status,
        401);
    EXPECT_EQ(client.request("GET", "/metrics", {}, {{"Authorization", bearer()}}).status, 200);
    EXPECT_EQ(client.request("POST", "/metrics", {}, {{"Authorization", bearer()}}).status, 405);
}

TEST_F(OpenGateway, MetricsNeedNoTokenWhereNoneIsSet)
{
    HttpClient client(gateway.endpoint());
    const HttpAnswer answer = client.request("GET", "/metrics");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("# TYPE mws_connections_open gauge\n"));
}

TEST_F(Metrics, CountWhatHappens)
{
    OpenSocket one = backend.open({"a"});
    OpenSocket two = backend.open({"a"});
    EXPECT_EQ(backend.openIssued({"x", "ws://x/v1/socket?token=nonsense"}).answer().status, 401);
    EXPECT_EQ(backend.sendToTag("a", "x").status, 201);
    EXPECT_EQ(backend.sendToTag("nobody", "x").status, 201);
    EXPECT_TRUE(one.socket.readFrame());
    EXPECT_TRUE(two.socket.readFrame());
    const std::string before = page();
    EXPECT_EQ(valueOf(before, "mws_handshakes_total{result=\"accepted\"}"), 2);
    EXPECT_EQ(valueOf(before, "mws_handshakes_total{result=\"unauthorized\"}"), 1);
    EXPECT_EQ(valueOf(before, "mws_messages_accepted_total{gateway=\"default\"}"), 2);
    EXPECT_EQ(valueOf(before, "mws_deliveries_total{gateway=\"default\"}"), 2);
    EXPECT_EQ(valueOf(before, "mws_sockets_open{gateway=\"default\"}"), 2);
    EXPECT_GE(valueOf(before, "mws_connections_open"), 3);

    EXPECT_EQ(backend.call("DELETE", "/sockets/" + one.id).status, 200);
    two.socket.send({Opcode::Text, "unmasked", true, false});
    EXPECT_EQ(two.socket.readClose(), 1002);
    const std::string after = page();
    EXPECT_EQ(valueOf(after, "mws_sockets_open{gateway=\"default\"}"), 0);
    EXPECT_EQ(valueOf(after, "mws_sockets_opened_total{gateway=\"default\"}"), 2);
    EXPECT_EQ(valueOf(after, "mws_socket_closes_total{code=\"1000\"}"), 1);
    EXPECT_EQ(valueOf(after, "mws_socket_closes_total{code=\"1002\"}"), 1);
}

TEST_F(Metrics, TellOfTheBrokerOnlyWhereThereIsOne)
{
    const auto tells = ::testing::AnyOf(HasSubstr("mws_broker"), HasSubstr("mws_node_calls"));
    if (startsInCluster())
        EXPECT_THAT(page(), tells);
    else
        EXPECT_THAT(page(), ::testing::Not(tells));
}

TEST_F(Metrics, CountWhatIsLimited)
{
    configure(R"({"limits":{"reservationsPerSecond":1}})");
    int refused = 0;
    for (int i = 0; i < 5; ++i)
        refused += backend.get("/websocket_uri").status == 429 ? 1 : 0;
    EXPECT_GT(refused, 0);
    EXPECT_EQ(valueOf(page(), "mws_rate_limited_total{scope=\"gateway\",limit=\"reservations\"}"), refused);
}

TEST_F(Metrics, ForgetARemovedGateway)
{
    GatewayApi players = createGateway("players");
    EXPECT_EQ(players.sendToAll("x").status, 201);
    EXPECT_EQ(valueOf(page(), "mws_messages_accepted_total{gateway=\"players\"}"), 1);
    EXPECT_EQ(administrator.call("DELETE", "/gateways/players").status, 200);
    EXPECT_EQ(valueOf(page(), "mws_messages_accepted_total{gateway=\"players\"}"), -1);
}

} // namespace mws::test
