#include "support/gateway_test.h"

namespace mws::test {

using ::testing::ElementsAre;

class ClientMessagesPolicy : public EachBase
{};
MWS_FOR_EACH_BASE(ClientMessagesPolicy);

TEST_P(ClientMessagesPolicy, IgnoresByDefault)
{
    OpenSocket open = api.open();
    open.socket.sendText("anybody?");
    open.socket.send({Opcode::Ping, "barrier"});
    const auto pong = open.socket.readFrame();
    ASSERT_TRUE(pong);
    EXPECT_EQ(pong->opcode, Opcode::Pong);
    EXPECT_EQ(pong->payload, "barrier");
}

TEST_P(ClientMessagesPolicy, EchoOfTheGatewayKeepsTypeAndOrder)
{
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"clientMessages":"echo"})").status, 200);
    OpenSocket open = api.open();
    open.socket.sendText("one");
    open.socket.send({Opcode::Binary, std::string("\x00\xff", 2)});
    open.socket.sendText("three");
    EXPECT_EQ(open.socket.readMessage(), "one");
    const auto binary = open.socket.readFrame();
    ASSERT_TRUE(binary);
    EXPECT_EQ(binary->opcode, Opcode::Binary);
    EXPECT_EQ(binary->payload, std::string("\x00\xff", 2));
    EXPECT_EQ(open.socket.readMessage(), "three");
}

TEST_P(ClientMessagesPolicy, ReservationMayNarrowIt)
{
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"clientMessages":"echo"})").status, 200);
    OpenSocket open = api.open({}, R"("clientMessages":"ignore")");
    open.socket.sendText("anybody?");
    api.sendToAll("next");
    EXPECT_EQ(open.socket.readMessage(), "next");
}

class Subprotocols : public EachBase
{
protected:
    std::string chosen(const std::string &offered)
    {
        const RawWebSocket socket = api.openIssued(api.reserve(), {{"Sec-WebSocket-Protocol", offered}});
        EXPECT_TRUE(socket.isOpen());
        return socket.answer().header("Sec-WebSocket-Protocol");
    }
};
MWS_FOR_EACH_BASE(Subprotocols);

TEST_P(Subprotocols, FirstOfferedIsChosenByDefault)
{
    EXPECT_EQ(chosen("chat.v2, chat.v1"), "chat.v2");
    const RawWebSocket without = api.openIssued(api.reserve());
    EXPECT_FALSE(without.answer().hasHeader("Sec-WebSocket-Protocol"));
}

TEST_P(Subprotocols, FirstOfferedThatIsAllowedIsChosen)
{
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"subprotocols":["chat.v1","chat.v0"]})").status, 200);
    EXPECT_EQ(chosen("chat.v2, chat.v0, chat.v1"), "chat.v0");
    EXPECT_EQ(chosen("chat.v9"), "");
}

TEST_P(Subprotocols, ExtensionsAreDeclined)
{
    const RawWebSocket socket = api.openIssued(
        api.reserve(), {{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}});
    EXPECT_TRUE(socket.isOpen());
    EXPECT_FALSE(socket.answer().hasHeader("Sec-WebSocket-Extensions"));
    EXPECT_EQ(socket.answer().header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

class AnonymousSockets : public GatewayTest
{
protected:
    AnonymousSockets()
        : GatewayTest({.environment = {{"SECURITY_TOKEN", securityToken},
                                       {"MWS_GATEWAY_ANONYMOUS_SOCKETS", "true"},
                                       {"MWS_GATEWAY_ANONYMOUS_TAGS", "guests"}}})
    {}
    RawWebSocket open(const std::string &target) { return RawWebSocket(gateway.endpoint(), target); }
};

TEST_F(AnonymousSockets, SocketPathAndRootOpenWithTheConfiguredTags)
{
    RawWebSocket byPath = open("/v1/gateways/default/socket");
    RawWebSocket byRoot = open("/");
    ASSERT_TRUE(byPath.isOpen()) << byPath.answer().body;
    ASSERT_TRUE(byRoot.isOpen()) << byRoot.answer().body;
    backend.sendToTag("guests", "welcome");
    EXPECT_EQ(byPath.readMessage(), "welcome");
    EXPECT_EQ(byRoot.readMessage(), "welcome");
    EXPECT_EQ(JsonView(backend.get("/sockets").body).size("/results"), 2);
}

TEST_F(AnonymousSockets, BadTokenIsRefusedNevertheless)
{
    EXPECT_EQ(open("/v1/gateways/default/socket?token=nonsense").answer().status, 401);
}

TEST_F(AnonymousSockets, RootStillAnswersPlainRequests)
{
    EXPECT_EQ(backend.client().request("GET", "/").status, 200);
}

TEST_F(AnonymousSockets, AreForModeNoneOnlyAndCanBeSwitchedOff)
{
    EXPECT_EQ(backend.call("PUT", "/configuration", R"({"accessControl":"custom"})").status, 422);
    configure(R"({"anonymousSockets":{"enabled":false}})");
    EXPECT_EQ(open("/v1/gateways/default/socket").answer().status, 401);
    EXPECT_EQ(open("/").answer().status, 401);
}

class PublicAddress : public GatewayTest
{
protected:
    PublicAddress() : GatewayTest(guardedGateway({{"APP_DOMAIN", "push.example.com"}})) {}
};

TEST_F(PublicAddress, AppDomainMakesWssUris)
{
    EXPECT_THAT(backend.reserve().uri, ::testing::StartsWith("wss://push.example.com/"));
    configure(R"({"publicUrl":"http://own.example:81"})");
    EXPECT_THAT(backend.reserve().uri, ::testing::StartsWith("ws://own.example:81/"));
}

} // namespace mws::test
