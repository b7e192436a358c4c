#include "support/gateway_test.h"

namespace mws::test {

// What single frames and handshakes get is in tests/conformance; here is what takes two sides, or time.

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

TEST_F(WebSocketWire, TooManyControlFramesCloseWith1008)
{
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

/// A gateway that takes messages of very many fragments.
class ManyFragments : public GatewayTest
{
protected:
    ManyFragments()
        : GatewayTest(guardedGateway(
              {{"MWS_GATEWAY_CLIENT_MESSAGES", "echo"}, {"MWS_GATEWAY_CLIENT_MESSAGE_FRAGMENTS", "100000"}}))
    {}
};

TEST_F(ManyFragments, BecomeOneMessage)
{
    RawWebSocket socket = backend.openIssued(backend.reserve());
    const std::string text(65000, 't');
    std::string bytes = frameText({Opcode::Text, "", false});
    for (const char c : text)
        bytes += frameText({Opcode::Continuation, std::string(1, c), false});
    ASSERT_TRUE(socket.connection().send(bytes + frameText({Opcode::Continuation, ""})));
    EXPECT_EQ(socket.readMessage(), text);
}

class Handshake : public GatewayTest
{
protected:
    HttpAnswer handshake(const std::string &fields)
    {
        RawConnection connection(gateway.endpoint());
        connection.send("GET " + backend.reserve().target() + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
        return readHttpAnswer(connection);
    }
    static constexpr char upgrade[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    static constexpr char key[] = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    static constexpr char version[] = "Sec-WebSocket-Version: 13\r\n";
};

/// A gateway that pings each second and awaits a message for two.
class HalfMessages : public GatewayTest
{
protected:
    HalfMessages()
        : GatewayTest(guardedGateway({{"MWS_GATEWAY_CLIENT_MESSAGES", "echo"},
                                      {"MWS_WEBSOCKET_PING_INTERVAL", "1s"},
                                      {"MWS_WEBSOCKET_PONG_TIMEOUT", "3s"},
                                      {"MWS_WEBSOCKET_MESSAGE_TIMEOUT", "2s"}}))
    {}
    /// Answers pings and sends `again` until the server closes, or for `wait`; the code, 0: none came.
    int closedBySending(const std::string &first, const std::string &again, std::chrono::milliseconds wait)
    {
        RawWebSocket socket = backend.openIssued(backend.reserve());
        socket.connection().send(first);
        const Deadline deadline(wait);
        while (deadline.left() > 0) {
            const auto frame = socket.readAnyFrame(std::chrono::milliseconds(50));
            if (frame && frame->opcode == Opcode::Close)
                return frame->closeCode();
            socket.connection().send(again);
            if (frame && frame->opcode == Opcode::Ping)
                socket.send({Opcode::Pong, frame->payload});
        }
        return 0;
    }
};

// Its pings are answered, yet it may not hold half a message for ever, dripping in or not.
TEST_F(HalfMessages, AreNotAwaitedForEver)
{
    const std::string half = frameText({Opcode::Text, "a", false});
    const std::string part = frameText({Opcode::Continuation, "a", false});
    EXPECT_EQ(closedBySending(half, "", patience), 1008);
    EXPECT_EQ(closedBySending(half, part, patience), 1008);
    EXPECT_EQ(closedBySending(half, frameText({Opcode::Ping, "a"}), patience), 1008);
}

TEST_F(HalfMessages, HalfAHeaderIsOne)
{
    RawWebSocket socket = backend.openIssued(backend.reserve());
    socket.connection().send(frameText({Opcode::Text, "a"}).substr(0, 1));
    auto frame = socket.readAnyFrame();
    while (frame && frame->opcode == Opcode::Ping) // a pong could not come through
        frame = socket.readAnyFrame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->closeCode(), 1008);
}

// There is always half of one, but of another each time.
TEST_F(HalfMessages, OfAStreamMayGoOn)
{
    const std::string half = frameText({Opcode::Text, "a", false});
    const std::string rest = frameText({Opcode::Continuation, "b"});
    EXPECT_EQ(closedBySending(half, rest + half, std::chrono::milliseconds(4500)), 0);
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

} // namespace mws::test
