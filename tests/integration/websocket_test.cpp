#include "support/gateway_test.h"

namespace mws::test {

using ::testing::HasSubstr;

namespace {

const std::string plane = "\xF0\x9F\x9B\xAB";

} // namespace

/// Sockets of a gateway that echoes what clients send.
class WebSocketWire : public GatewayTest
{
protected:
    WebSocketWire() : GatewayTest(guardedGateway({{"MWS_GATEWAY_CLIENT_MESSAGES", "echo"}})) {}
    RawWebSocket open() { return backend.openIssued(backend.reserve()); }
    /// What the server closes with after `frames`.
    int closedWith(const std::string &frames)
    {
        RawWebSocket socket = open();
        socket.connection().send(frames);
        const int code = socket.readClose();
        EXPECT_TRUE(socket.waitForEnd());
        return code;
    }
};

TEST_F(WebSocketWire, BytesInTheSameSegmentAsTheHandshakeAreRead)
{
    const Issued issued = backend.reserve();
    RawWebSocket socket(gateway.endpoint(), issued.target(), {},
                        frameText({Opcode::Text, "early"}) + frameText({Opcode::Ping, "p"}));
    ASSERT_TRUE(socket.isOpen());
    EXPECT_EQ(socket.readMessage(), "early");
    const auto pong = socket.readFrame();
    ASSERT_TRUE(pong);
    EXPECT_EQ(pong->opcode, Opcode::Pong);
}

TEST_F(WebSocketWire, FragmentsMaySplitACharacter)
{
    RawWebSocket socket = open();
    for (size_t at = 1; at < plane.size(); ++at) {
        socket.send({Opcode::Text, plane.substr(0, at), false});
        socket.send({Opcode::Ping, "between"});
        socket.send({Opcode::Continuation, plane.substr(at)});
        const auto pong = socket.readFrame();
        ASSERT_TRUE(pong);
        EXPECT_EQ(pong->opcode, Opcode::Pong);
        EXPECT_EQ(socket.readMessage(), plane);
    }
}

TEST_F(WebSocketWire, FramesByteByByte)
{
    RawWebSocket socket = open();
    const std::string text(300, 'b');
    const std::string bytes = frameText({Opcode::Text, text.substr(0, 150), false}) +
                              frameText({Opcode::Continuation, text.substr(150)});
    for (const char byte : bytes)
        ASSERT_TRUE(socket.connection().send(std::string_view(&byte, 1)));
    EXPECT_EQ(socket.readMessage(), text);
}

TEST_F(WebSocketWire, AllLengthFormsAreEchoed)
{
    RawWebSocket socket = open();
    for (const size_t size : {size_t(0), size_t(1), size_t(125), size_t(126), size_t(127), size_t(65535),
                              size_t(65536), size_t(1) << 20}) {
        const std::string text(size, 'l');
        ASSERT_TRUE(socket.sendText(text));
        EXPECT_EQ(socket.readMessage(), text);
    }
}

TEST_F(WebSocketWire, PingIsAnsweredWithItsPayload)
{
    RawWebSocket socket = open();
    for (const std::string &payload : {std::string(), std::string("hello"), std::string(125, 'p')}) {
        socket.send({Opcode::Ping, payload});
        const auto pong = socket.readFrame();
        ASSERT_TRUE(pong);
        EXPECT_EQ(pong->opcode, Opcode::Pong);
        EXPECT_EQ(pong->payload, payload);
    }
    socket.send({Opcode::Pong, "unasked"});
    socket.sendText("still open");
    EXPECT_EQ(socket.readMessage(), "still open");
}

TEST_F(WebSocketWire, CloseCodeIsEchoed)
{
    for (const int code :
         {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
        EXPECT_EQ(closedWith(frameText({Opcode::Close, closePayload(code, "bye")})), code);
    // What carries no code may be answered with none or as a normal closure (RFC 6455 §5.5.1).
    EXPECT_THAT(closedWith(frameText({Opcode::Close, ""})), ::testing::AnyOf(1000, 1005));
}

TEST_F(WebSocketWire, ForbiddenCloseCodesAreProtocolErrors)
{
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535})
        EXPECT_EQ(closedWith(frameText({Opcode::Close, closePayload(code)})), 1002) << code;
    EXPECT_EQ(closedWith(frameText({Opcode::Close, "x"})), 1002);
    EXPECT_EQ(closedWith(frameText({Opcode::Close, closePayload(1000, "\xff")})), 1007);
}

TEST_F(WebSocketWire, ProtocolErrorsCloseWith1002)
{
    WireFrame unmasked{Opcode::Text, "bare"};
    unmasked.masked = false;
    WireFrame reserved{Opcode::Text, "r"};
    reserved.reserved = 4;
    EXPECT_EQ(closedWith(frameText(unmasked)), 1002);
    EXPECT_EQ(closedWith(frameText(reserved)), 1002);
    EXPECT_EQ(closedWith(frameText({Opcode(3), "?"})), 1002);
    EXPECT_EQ(closedWith(frameText({Opcode(11), "?"})), 1002);
    EXPECT_EQ(closedWith(frameText({Opcode::Ping, std::string(126, 'x')})), 1002);
    EXPECT_EQ(closedWith(frameText({Opcode::Ping, "x", false})), 1002);
    EXPECT_EQ(closedWith(frameText({Opcode::Continuation, "x"})), 1002);
    EXPECT_EQ(closedWith(frameText({Opcode::Text, "a", false}) + frameText({Opcode::Text, "b"})), 1002);
    EXPECT_EQ(closedWith(std::string("\x81\xfe\x00\x05", 4) + "maskhello"),
              1002); // not the shortest length form
    EXPECT_EQ(closedWith("GET / HTTP/1.1\r\n\r\n"), 1002);
}

TEST_F(WebSocketWire, TextThatIsNotUtf8ClosesWith1007)
{
    for (const char *text : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
        EXPECT_EQ(closedWith(frameText({Opcode::Text, text})), 1007);
    // As soon as it is certain, not only when the message is whole.
    EXPECT_EQ(closedWith(frameText({Opcode::Text, "fine \xff", false})), 1007);
    RawWebSocket socket = open();
    socket.send({Opcode::Binary, "\xff\xfe"});
    EXPECT_EQ(socket.readMessage(), "\xff\xfe");
}

TEST_F(WebSocketWire, TooBigClosesWith1009BeforeItIsReceived)
{
    // 2 MiB announced, none of it sent.
    EXPECT_EQ(closedWith(std::string("\x82\xff\x00\x00\x00\x00\x00\x20\x00\x00", 10) + "mask"), 1009);
    const std::string half(600000, 'h');
    EXPECT_EQ(closedWith(frameText({Opcode::Text, half, false}) + frameText({Opcode::Continuation, half})),
              1009);
}

TEST_F(WebSocketWire, TooManyFragmentsOrControlFramesCloseWith1008)
{
    std::string fragments = frameText({Opcode::Text, "", false});
    for (int i = 0; i < 1025; ++i)
        fragments += frameText({Opcode::Continuation, "", false});
    EXPECT_EQ(closedWith(fragments), 1008);
    std::string pings;
    for (int i = 0; i < 300; ++i)
        pings += frameText({Opcode::Ping, "flood"});
    EXPECT_EQ(closedWith(pings), 1008);
}

TEST_F(WebSocketWire, ServersCloseWaitsForThePeers)
{
    OpenSocket open = backend.open();
    ASSERT_EQ(backend.call("DELETE", "/sockets/" + open.id).status, 200);
    const auto close = open.socket.readFrame();
    ASSERT_TRUE(close);
    EXPECT_EQ(close->opcode, Opcode::Close);
    EXPECT_EQ(close->closeCode(), 1000);
    EXPECT_FALSE(open.socket.waitForEnd(std::chrono::milliseconds(300)));
    open.socket.sendClose(1000);
    EXPECT_TRUE(open.socket.waitForEnd());
}

TEST_F(WebSocketWire, MessagesBeforeACloseAreDelivered)
{
    OpenSocket open = backend.open();
    for (int i = 0; i < 20; ++i)
        backend.sendToAll(std::to_string(i));
    ASSERT_EQ(backend.call("DELETE", "/sockets/" + open.id).status, 200);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(open.socket.readMessage(), std::to_string(i));
    EXPECT_EQ(open.socket.readClose(), 1000);
}

TEST_F(WebSocketWire, PeerThatVanishesLeavesTheList)
{
    OpenSocket leaving = backend.open();
    leaving.socket.connection().reset();
    OpenSocket stays = backend.open();
    // The reset is an event like any other: seen at latest when a later request of each worker is.
    const Deadline deadline(patience);
    int listed = -1;
    do {
        listed = JsonView(backend.get("/sockets").body).size("/results");
    } while (listed != 1 && deadline.left() > 0);
    EXPECT_EQ(listed, 1);
    backend.sendToAll("go on");
    EXPECT_EQ(stays.socket.readMessage(), "go on");
}

class Handshake : public GatewayTest
{
protected:
    HttpAnswer handshake(const std::string &fields, const std::string &method = "GET",
                         const std::string &version = "HTTP/1.1")
    {
        RawConnection connection(gateway.endpoint());
        connection.send(method + ' ' + backend.reserve().target() + ' ' + version + "\r\nHost: a\r\n" +
                        fields + "\r\n");
        return readHttpAnswer(connection);
    }
    static constexpr char upgrade[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    static constexpr char key[] = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    static constexpr char version[] = "Sec-WebSocket-Version: 13\r\n";
};

TEST_F(Handshake, GoodOnesAre101)
{
    EXPECT_EQ(handshake(std::string(upgrade) + key + version).status, 101);
    EXPECT_EQ(
        handshake(std::string("upgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\n") + key + version)
            .status,
        101);
}

TEST_F(Handshake, AnswerSaysNothingOfCors)
{
    const HttpAnswer plain = handshake(std::string(upgrade) + key + version);
    const HttpAnswer fromPage =
        handshake(std::string("Origin: https://page.example\r\n") + upgrade + key + version);
    for (const HttpAnswer &answer : {plain, fromPage}) {
        EXPECT_EQ(answer.status, 101);
        for (const char *name : {"Origin", "Methods", "Headers", "Credentials"})
            EXPECT_FALSE(answer.hasHeader(std::string("Access-Control-Allow-") + name)) << name;
    }
}

TEST_F(Handshake, BadOnesAreRefused)
{
    EXPECT_EQ(handshake(std::string(upgrade) + version).status, 400);
    EXPECT_EQ(handshake(std::string(upgrade) + "Sec-WebSocket-Key: short\r\n" + version).status, 400);
    EXPECT_EQ(handshake(std::string(upgrade) + key + key + version).status, 400);
    EXPECT_EQ(handshake(std::string(upgrade) + key + version, "GET", "HTTP/1.0").status, 400);
    const HttpAnswer old = handshake(std::string(upgrade) + key + "Sec-WebSocket-Version: 8\r\n");
    EXPECT_EQ(old.status, 426);
    EXPECT_EQ(old.header("Sec-WebSocket-Version"), "13");
    EXPECT_EQ(handshake(std::string(upgrade) + key + version, "POST").status, 405);
}

TEST_F(Handshake, SocketPathWithoutUpgradeIsAnError)
{
    const HttpAnswer answer = handshake("");
    EXPECT_GE(answer.status, 400);
    EXPECT_LT(answer.status, 500);
}

} // namespace mws::test
