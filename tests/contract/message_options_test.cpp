#include "support/gateway_test.h"

#include <thread>

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MessageOptions : public EachBase
{};
MWS_FOR_EACH_BASE(MessageOptions);

TEST_P(MessageOptions, PreferMinimalIs204)
{
    OpenSocket open = api.open();
    const HttpAnswer answer =
        api.call("POST", "/messages", R"({"data":"quiet","receivers":{"sockets":["*"]}})",
                 {{"Prefer", "return=minimal"}});
    EXPECT_EQ(answer.status, 204);
    EXPECT_TRUE(answer.body.empty());
    EXPECT_EQ(answer.header("Mws-Receivers"), "matched=1, dropped=0");
    EXPECT_EQ(open.socket.readMessage(), "quiet");
}

TEST_P(MessageOptions, ReceiversHeaderCountsPerReceiver)
{
    const OpenSocket one = api.open({"a", "b"});
    const OpenSocket two = api.open({"a"});
    EXPECT_EQ(api.sendToAll("x").header("Mws-Receivers"), "matched=2, dropped=0");
    EXPECT_EQ(api.sendToTag("b", "x").header("Mws-Receivers"), "matched=1, dropped=0");
    EXPECT_EQ(api.sendTo(R"({"tags":["a","b"]})", "x").header("Mws-Receivers"), "matched=3, dropped=0");
    EXPECT_EQ(api.sendToTag("nobody", "x").header("Mws-Receivers"), "matched=0, dropped=0");
}

TEST_P(MessageOptions, SameIdWithTheSameBodyIsDeliveredOnce)
{
    OpenSocket open = api.open();
    const std::string body = R"({"id":"order-1","data":"paid","receivers":{"sockets":["*"]}})";
    const HttpAnswer first = api.post("/messages", body);
    const HttpAnswer second = api.post("/messages", body);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(second.header("Mws-Receivers"), "matched=1, dropped=0");
    api.sendToAll("next");
    EXPECT_EQ(open.socket.readMessage(), "paid");
    EXPECT_EQ(open.socket.readMessage(), "next");
}

TEST_P(MessageOptions, SameIdWithAnotherBodyIs422)
{
    OpenSocket open = api.open();
    api.post("/messages", R"({"id":"order-1","data":"paid","receivers":{"sockets":["*"]}})");
    const HttpAnswer other =
        api.post("/messages", R"({"id":"order-1","data":"other","receivers":{"sockets":["*"]}})");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(errorProperty(other), "id");
    api.sendToAll("next");
    EXPECT_EQ(open.socket.readMessage(), "paid");
    EXPECT_EQ(open.socket.readMessage(), "next");
}

TEST_P(MessageOptions, SameIdAtOnceOnManyConnectionsIsDeliveredOnce)
{
    OpenSocket open = api.open();
    std::vector<std::thread> publishers;
    for (int i = 0; i < 8; ++i)
        publishers.emplace_back([this] {
            GatewayApi publisher(api.client().endpoint(), api.base(), api.bearer());
            EXPECT_EQ(
                publisher.post("/messages", R"({"id":"race","data":"once","receivers":{"sockets":["*"]}})")
                    .status,
                201);
        });
    for (std::thread &publisher : publishers)
        publisher.join();
    // Order is promised for one connection only.
    api.sendToAll("next");
    EXPECT_THAT((std::vector{open.socket.readMessage(), open.socket.readMessage()}),
                ::testing::UnorderedElementsAre("once", "next"));
    api.sendToAll("last");
    EXPECT_EQ(open.socket.readMessage(), "last");
}

TEST_P(MessageOptions, BatchAnswersEachMessageAndOneBadStopsNoOther)
{
    OpenSocket open = api.open();
    const HttpAnswer answer = api.post("/messages:batch", R"({"messages":[
        {"data":"one","receivers":{"sockets":["*"]}},
        {"receivers":{"sockets":["*"]}},
        "nonsense",
        {"data":{"n": 2},"receivers":{"sockets":["*"]}}]})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), ElementsAre("results"));
    ASSERT_EQ(json.size("/results"), 4);
    EXPECT_EQ(json.text("/results/0"), R"({"status":201})");
    EXPECT_EQ(json.integer("/results/1/status"), 422);
    EXPECT_THAT(json.keys("/results/1"), ElementsAre("status", "errors"));
    EXPECT_THAT(json.string("/results/1/errors/0/property"), HasSubstr("data"));
    EXPECT_EQ(json.integer("/results/2/status"), 422);
    EXPECT_EQ(json.text("/results/3"), R"({"status":201})");
    EXPECT_EQ(open.socket.readMessage(), "one");
    EXPECT_EQ(open.socket.readMessage(), R"({"n":2})");
}

TEST_P(MessageOptions, BatchOfTheWrongShapeIs422)
{
    EXPECT_EQ(errorProperty(api.post("/messages:batch", R"({"messages":{}})")), "messages");
    EXPECT_EQ(errorProperty(api.post("/messages:batch", R"({})")), "messages");
    std::string tooMany = R"({"messages":[)";
    for (int i = 0; i <= 1000; ++i)
        tooMany.append(i > 0 ? "," : "").append(R"({"data":"x","receivers":{}})");
    const HttpAnswer answer = api.post("/messages:batch", tooMany + "]}");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(errorProperty(answer), "messages");
}

TEST_P(MessageOptions, EmptyBatchIsFine)
{
    EXPECT_EQ(api.post("/messages:batch", R"({"messages":[]})").body, R"({"results":[]})");
}

class TimeToLive : public GatewayTest
{};

TEST_F(TimeToLive, MessageThatWaitedTooLongIsNotDelivered)
{
    configure(R"({"limits":{"queueBytes":67108864}})");
    const Issued issued = backend.reserve();
    Endpoint slow = gateway.endpoint();
    slow.receiveBuffer = 4096;
    RawWebSocket socket(slow, issued.target());
    ASSERT_TRUE(socket.isOpen());
    const std::string filling(1000000, 'f');
    constexpr int fillings = 20; // more than the kernel's buffers take
    for (int i = 0; i < fillings; ++i)
        backend.sendToAll(filling);
    EXPECT_EQ(backend.post("/messages", R"({"data":"stale","ttl":1,"receivers":{"sockets":["*"]}})").status,
              201);
    backend.sendToAll("fresh");
    letPass(std::chrono::milliseconds(1200));
    for (int i = 0; i < fillings; ++i)
        ASSERT_EQ(socket.readMessage(), filling);
    EXPECT_EQ(socket.readMessage(), "fresh");
}

} // namespace mws::test
