#include "support/gateway_test.h"

namespace mws::test {

namespace {

constexpr char message[] = R"({"data":"x","receivers":{"sockets":["*"]}})";

void expectRefused(const HttpAnswer &answer)
{
    EXPECT_EQ(answer.status, 429) << answer.body;
    EXPECT_EQ(errorReason(answer), "TooManyRequests");
    EXPECT_GE(std::atoi(answer.header("Retry-After").c_str()), 1) << answer.header("Retry-After");
}

} // namespace

/// Rates of a gateway; long bursts, so that a slow machine does not refill the bucket meanwhile.
class GatewayRates : public EachBase
{
protected:
    void limit(const std::string &limits)
    {
        const HttpAnswer answer = api.call("PUT", "/configuration", "{\"limits\":" + limits + '}');
        ASSERT_EQ(answer.status, 200) << answer.body;
    }
    std::string socketOf(const std::string &source, int &status)
    {
        const Issued issued = api.reserve();
        Endpoint from = gateway.endpoint();
        from.source = source;
        sockets.emplace_back(from, issued.target());
        status = sockets.back().answer().status;
        return issued.id;
    }
    std::vector<RawWebSocket> sockets;
};
MWS_FOR_EACH_BASE(GatewayRates);

TEST_P(GatewayRates, Messages)
{
    limit(R"({"messagesPerSecond":1,"burst":60})");
    const std::string two = std::string(R"({"messages":[)") + message + ',' + message + "]}";
    EXPECT_EQ(api.post("/messages:batch", two).status, 200);
    for (int i = 0; i < 58; ++i)
        ASSERT_EQ(api.post("/messages", message).status, 201) << i;
    HttpAnswer last;
    for (int i = 0; i < 30 && last.status != 429; ++i) // some have come since
        last = api.post("/messages", message);
    expectRefused(last);
    limit(R"({"messagesPerSecond":0})");
    EXPECT_EQ(api.post("/messages", message).status, 201) << "in force at once";
}

TEST_P(GatewayRates, Reservations)
{
    limit(R"({"reservationsPerSecond":1,"burst":3})");
    HttpAnswer last;
    for (int i = 0; i < 30 && last.status != 429; ++i)
        last = i % 2 ? api.get("/websocket_uri") : api.post("/sockets", R"({"tags":[]})");
    expectRefused(last);
    limit(R"({"reservationsPerSecond":null,"burst":null})");
    EXPECT_EQ(api.get("/websocket_uri").status, 200);
}

TEST_P(GatewayRates, SocketsThatOpen)
{
    limit(R"({"socketsPerSecond":1,"burst":3})");
    int status = 0;
    std::string id;
    for (int i = 0; i < 30 && status != 429; ++i)
        id = socketOf("", status);
    expectRefused(sockets.back().answer());
    EXPECT_GE(sockets.size(), 4u);
    limit(R"({"socketsPerSecond":0})");
    socketOf("", status);
    EXPECT_EQ(status, 101);
}

TEST_P(GatewayRates, OpenSocketsOfOneAddressAndNotOfAnother)
{
    limit(R"({"socketsPerAddress":2})");
    int status = 0;
    socketOf("127.0.0.7", status);
    EXPECT_EQ(status, 101);
    const std::string second = socketOf("127.0.0.7", status);
    EXPECT_EQ(status, 101);
    socketOf("127.0.0.7", status);
    expectRefused(sockets.back().answer());
    socketOf("127.0.0.8", status);
    EXPECT_EQ(status, 101);
    EXPECT_EQ(api.call("DELETE", "/sockets/" + second).status, 200);
    socketOf("127.0.0.7", status);
    EXPECT_EQ(status, 101) << "one has gone";
}

TEST_P(GatewayRates, RefusedSocketKeepsItsToken)
{
    limit(R"({"socketsPerAddress":1})");
    OpenSocket open = api.open();
    const Issued issued = api.reserve();
    expectRefused(api.openIssued(issued).answer());
    limit(R"({"socketsPerAddress":0})");
    EXPECT_EQ(api.openIssued(issued).answer().status, 101);
}

TEST_P(GatewayRates, MessagesOfAClient)
{
    limit(R"({"clientMessagesPerSecond":1,"burst":5})");
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"clientMessages":"echo"})").status, 200);
    OpenSocket quiet = api.open();
    OpenSocket busy = api.open();
    for (int i = 0; i < 100; ++i)
        busy.socket.sendText("chatter");
    EXPECT_EQ(busy.socket.readClose(), 1008);
    quiet.socket.sendText("one");
    EXPECT_EQ(quiet.socket.readMessage(), "one");
    quiet.socket.send({Opcode::Ping, "still here"});
    const auto frame = quiet.socket.readFrame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->opcode, Opcode::Pong);
}

TEST_P(GatewayRates, AreRefusedWhereTheyMakeNoSense)
{
    for (const char *limits :
         {R"({"messagesPerSecond":-1})", R"({"messagesPerSecond":"many"})",
          R"({"messagesPerSecond":1000001})", R"({"burst":0})", R"({"slowReaders":"ignore"})"})
        EXPECT_EQ(api.call("PUT", "/configuration", std::string("{\"limits\":") + limits + '}').status, 422)
            << limits;
}

} // namespace mws::test
