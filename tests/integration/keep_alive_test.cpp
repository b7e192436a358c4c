#include "support/gateway_test.h"

namespace mws::test {

/// Pings every second, half a second for the pong.
class KeepAlive : public GatewayTest
{
protected:
    KeepAlive()
        : GatewayTest(guardedGateway({{"MWS_WEBSOCKET_PING_INTERVAL", "1s"},
                                      {"MWS_WEBSOCKET_PONG_TIMEOUT", "500ms"},
                                      {"MWS_WEBSOCKET_CLOSE_TIMEOUT", "300ms"}}))
    {}
};

TEST_F(KeepAlive, SocketThatAnswersIsPingedAgain)
{
    OpenSocket open = backend.open();
    for (int i = 0; i < 3; ++i) {
        const auto frame = open.socket.readAnyFrame();
        ASSERT_TRUE(frame) << i;
        ASSERT_EQ(frame->opcode, Opcode::Ping);
        open.socket.send({Opcode::Pong, frame->payload});
    }
    backend.sendToAll("still here");
    EXPECT_EQ(open.socket.readMessage(), "still here");
}

TEST_F(KeepAlive, SocketThatDoesNotAnswerIsDropped)
{
    OpenSocket silent = backend.open();
    OpenSocket lively = backend.open();
    for (int i = 0; i < 3; ++i) { // the lively one first: its pongs must not wait for the other's ping
        const auto frame = lively.socket.readAnyFrame();
        ASSERT_TRUE(frame && frame->opcode == Opcode::Ping);
        lively.socket.send({Opcode::Pong, frame->payload});
    }
    const auto ping = silent.socket.readAnyFrame();
    ASSERT_TRUE(ping);
    EXPECT_EQ(ping->opcode, Opcode::Ping);
    EXPECT_TRUE(silent.socket.waitForEnd());
    EXPECT_EQ(backend.get("/sockets/" + silent.id).status, 404);
    EXPECT_EQ(backend.get("/sockets/" + lively.id).status, 200);
}

TEST_F(KeepAlive, PeerThatNeverAnswersACloseIsCutOff)
{
    OpenSocket open = backend.open();
    ASSERT_EQ(backend.call("DELETE", "/sockets/" + open.id).status, 200);
    EXPECT_TRUE(open.socket.waitForEnd(std::chrono::milliseconds(2000)));
}

} // namespace mws::test
