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

TEST_P(ClientMessagesPolicy, ReservationMayEchoWhereTheGatewayRelays)
{
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"clientMessages":"relay"})").status, 200);
    OpenSocket open = api.open({}, R"("clientMessages":"echo")");
    open.socket.sendText("me?");
    EXPECT_EQ(open.socket.readMessage(), "me?");
}

TEST_P(ClientMessagesPolicy, ReservationMayNotWidenIt)
{
    for (const auto &[gateways, own] :
         {std::pair("ignore", "relay"), std::pair("echo", "publish"), std::pair("relay", "webhook"),
          std::pair("publish", "relay"), std::pair("webhook", "publish")}) {
        ASSERT_EQ(api.call("PUT", "/configuration", "{\"clientMessages\":\"" + std::string(gateways) + "\"}")
                      .status,
                  200);
        const HttpAnswer answer = api.post("/sockets", "{\"clientMessages\":\"" + std::string(own) + "\"}");
        EXPECT_EQ(answer.status, 422);
        EXPECT_EQ(errorProperty(answer), "clientMessages");
    }
}

class Relaying : public EachBase
{
protected:
    Relaying() { EXPECT_EQ(api.call("PUT", "/configuration", R"({"clientMessages":"relay"})").status, 200); }
    /// True if nothing was waiting for `open`: what is sent now comes first.
    bool hasNothing(OpenSocket &open)
    {
        api.sendTo("{\"sockets\":[\"" + open.id + "\"]}", "barrier");
        return open.socket.readMessage() == "barrier";
    }
};
MWS_FOR_EACH_BASE(Relaying);

TEST_P(Relaying, GoesToEveryOtherSocketThatSharesATag)
{
    OpenSocket sender = api.open({"red", "blue"});
    OpenSocket red = api.open({"red"});
    OpenSocket both = api.open({"blue", "red", "green"});
    OpenSocket green = api.open({"green"});
    sender.socket.sendText("hello");
    EXPECT_EQ(red.socket.readMessage(), "hello");
    EXPECT_EQ(both.socket.readMessage(), "hello");
    EXPECT_TRUE(hasNothing(both)); // once, though two tags match
    EXPECT_TRUE(hasNothing(green));
    EXPECT_TRUE(hasNothing(sender));
}

TEST_P(Relaying, GoesToAllOthersIfTheSenderHasNoTag)
{
    OpenSocket sender = api.open();
    OpenSocket tagged = api.open({"red"});
    OpenSocket other = api.open();
    sender.socket.sendText("hello");
    EXPECT_EQ(tagged.socket.readMessage(), "hello");
    EXPECT_EQ(other.socket.readMessage(), "hello");
    EXPECT_TRUE(hasNothing(sender));
}

TEST_P(Relaying, FollowsChangesOfTags)
{
    OpenSocket sender = api.open({"red"});
    OpenSocket red = api.open({"red"});
    OpenSocket blue = api.open({"blue"});
    ASSERT_EQ(
        api.call("PATCH", "/sockets/" + sender.id, R"({"addTags":["blue"],"removeTags":["red"]})").status,
        200);
    sender.socket.sendText("hello");
    EXPECT_EQ(blue.socket.readMessage(), "hello");
    EXPECT_TRUE(hasNothing(red));
}

TEST_P(Relaying, KeepsTypeBytesAndOrder)
{
    OpenSocket sender = api.open({"room"});
    OpenSocket receiver = api.open({"room"});
    const std::string binary("\x00\xff\x80", 3);
    sender.socket.send({Opcode::Text, "frag", false});
    sender.socket.send({Opcode::Continuation, "ments"});
    for (int i = 0; i < 100; ++i) {
        sender.socket.sendText(std::to_string(i));
        sender.socket.send({Opcode::Binary, binary});
    }
    EXPECT_EQ(receiver.socket.readMessage(), "fragments");
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(receiver.socket.readMessage(), std::to_string(i));
        const auto frame = receiver.socket.readFrame();
        ASSERT_TRUE(frame);
        EXPECT_EQ(frame->opcode, Opcode::Binary);
        EXPECT_EQ(frame->payload, binary);
    }
}

TEST_P(Relaying, StaysInItsGateway)
{
    GatewayApi other = createGateway("others", R"("clientMessages":"relay")");
    OpenSocket stranger = other.open({"room"});
    OpenSocket sender = api.open({"room"});
    OpenSocket receiver = api.open({"room"});
    sender.socket.sendText("hello");
    EXPECT_EQ(receiver.socket.readMessage(), "hello");
    other.sendToAll("barrier");
    EXPECT_EQ(stranger.socket.readMessage(), "barrier");
}

TEST_P(Relaying, MessageOverTheLimitClosesOnlyItsSender)
{
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"limits":{"clientMessageBytes":1000}})").status, 200);
    OpenSocket sender = api.open({"room"});
    OpenSocket receiver = api.open({"room"});
    sender.socket.sendText(std::string(1000, 'a'));
    sender.socket.sendText(std::string(1001, 'b'));
    EXPECT_EQ(sender.socket.readClose(), 1009);
    EXPECT_EQ(receiver.socket.readMessage(), std::string(1000, 'a'));
    EXPECT_TRUE(hasNothing(receiver));
}

class Publishing : public EachBase
{
protected:
    Publishing()
    {
        EXPECT_EQ(api.call("PUT", "/configuration", R"({"clientMessages":"publish"})").status, 200);
    }
    /// What the client is told about `message`.
    static HttpAnswer told(OpenSocket &open, std::string_view message)
    {
        open.socket.sendText(message);
        HttpAnswer answer;
        answer.body = open.socket.readMessage().value_or("nothing");
        return answer;
    }
    static constexpr auto granted = R"("clientMessages":"publish")";
};
MWS_FOR_EACH_BASE(Publishing);

TEST_P(Publishing, SendsAMessageObject)
{
    OpenSocket sender = api.open({"red"}, granted);
    OpenSocket red = api.open({"red"});
    OpenSocket blue = api.open({"blue"});
    sender.socket.sendText(R"({"data":"one","receivers":{"tags":["blue"]}})");
    sender.socket.sendText(R"({"data":{"b":1.50},"receivers":{"tags":["red","blue"]}})");
    EXPECT_EQ(blue.socket.readMessage(), "one");
    EXPECT_EQ(blue.socket.readMessage(), R"({"b":1.50})");
    EXPECT_EQ(red.socket.readMessage(), R"({"b":1.50})");
    EXPECT_EQ(sender.socket.readMessage(), R"({"b":1.50})"); // it carries the tag; there was no other answer
}

TEST_P(Publishing, IdempotencyIdIsThatOfTheGateway)
{
    OpenSocket sender = api.open({}, granted);
    OpenSocket receiver = api.open({"red"});
    const std::string message = R"({"data":"once","id":"m1","receivers":{"tags":["red"]}})";
    sender.socket.sendText(message);
    EXPECT_EQ(receiver.socket.readMessage(), "once");
    EXPECT_EQ(api.post("/messages", message).status, 201);
    api.sendToTag("red", "next");
    EXPECT_EQ(receiver.socket.readMessage(), "next");
    EXPECT_EQ(errorProperty(told(sender, R"({"data":"other","id":"m1","receivers":{"tags":["red"]}})")),
              "id");
}

TEST_P(Publishing, ClientIsToldWhatIsWrong)
{
    OpenSocket sender = api.open({}, granted);
    EXPECT_EQ(errorProperty(told(sender, R"({"receivers":{}})")), "data");
    EXPECT_EQ(errorProperty(told(sender, R"({"data":"x","receivers":{"tags":[{}]}})")), "receivers.tags[0]");
    EXPECT_EQ(errorReason(told(sender, "not JSON")), "InvalidData");
    sender.socket.send({Opcode::Binary, R"({"data":"x","receivers":{"sockets":["*"]}})"});
    EXPECT_THAT(sender.socket.readMessage().value_or(""), ::testing::HasSubstr("sent as text"));
    sender.socket.sendText(R"({"data":"still here","receivers":{"sockets":["*"]}})");
    EXPECT_EQ(sender.socket.readMessage(), "still here");
}

TEST_P(Publishing, WithoutThePermissionTheClientIsTold)
{
    OpenSocket sender = api.open({}, R"("user":"ann")"); // mode custom: only the security token may write
    OpenSocket receiver = api.open({"red"});
    EXPECT_EQ(errorReason(told(sender, R"({"data":"x","receivers":{"tags":["red"]}})")), "AccessDenied");
    api.sendToTag("red", "barrier");
    EXPECT_EQ(receiver.socket.readMessage(), "barrier");
}

TEST_P(Publishing, EveryoneMayInModeNone)
{
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"accessControl":"none"})").status, 200);
    OpenSocket sender = api.open();
    sender.socket.sendText(R"({"data":"hello","receivers":{"sockets":["*"]}})");
    EXPECT_EQ(sender.socket.readMessage(), "hello");
}

TEST_P(Publishing, UserMayWithTheWritePermission)
{
    ASSERT_EQ(api.call("PUT", "/configuration",
                       R"({"accessControl":"eds","identityProvider":{"edsUri":"http://127.0.0.1:9"},)"
                       R"("permissions":{"write":["users.ann","usergroups.staff"]}})")
                  .status,
              200);
    const std::string message = R"({"data":"x","receivers":{"sockets":["*"]}})";
    OpenSocket ann = api.open({}, R"("user":"ann")");
    EXPECT_EQ(told(ann, message).body, "x");
    OpenSocket staff = api.open({"usergroups.staff"}, R"("user":"bob")");
    EXPECT_EQ(told(staff, message).body, "x");
    OpenSocket listener = api.open({"users.ann"}, R"("user":"bob")"); // listens for her, and is not her
    EXPECT_EQ(errorReason(told(listener, message)), "AccessDenied");
    OpenSocket nobody = api.open({"usergroups.staff"});
    EXPECT_EQ(errorReason(told(nobody, message)), "AccessDenied");
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"permissions":{"write":["*"]}})").status, 200);
    EXPECT_EQ(told(nobody, message).body, "x"); // in force for open sockets, too
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
