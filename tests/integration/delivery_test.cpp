#include "support/gateway_test.h"

#include <atomic>
#include <thread>

namespace mws::test {

namespace {

constexpr int publishers = 4;
constexpr int messagesEach = 5000;
constexpr int sockets = 50;

/// Posts its messages in batches of 100 and singly in turn, `publisher:number` as text.
void publish(GatewayApi api, int publisher)
{
    const auto message = [&](int number) {
        return R"({"data":")" + std::to_string(publisher) + ':' + std::to_string(number) +
               R"(","receivers":{"tags":["all"]}})";
    };
    for (int number = 0; number < messagesEach;) {
        if (number % 200 == 0) {
            std::string batch = "{\"messages\":[" + message(number);
            for (int i = 1; i < 100; ++i)
                batch += ',' + message(number + i);
            ASSERT_EQ(api.post("/messages:batch", batch + "]}").status, 200);
            number += 100;
        } else {
            ASSERT_EQ(api.post("/messages", message(number)).status, 201);
            ++number;
        }
    }
}

/// Reads all messages of one socket; each publisher's must come in order, none missing, none twice.
void receive(RawWebSocket &socket)
{
    std::vector<int> next(publishers, 0);
    for (int i = 0; i < publishers * messagesEach; ++i) {
        const auto text = socket.readMessage(std::chrono::seconds(30));
        ASSERT_TRUE(text) << "after " << i << " messages";
        const int publisher = std::atoi(text->c_str());
        const int number = std::atoi(text->c_str() + text->find(':') + 1);
        ASSERT_EQ(number, next[size_t(publisher)]++) << "from publisher " << publisher;
    }
}

} // namespace

class Delivery : public GatewayTest
{
protected:
    Delivery() : GatewayTest(guardedGateway({{"MWS_GATEWAY_QUEUE_BYTES", "64MiB"}})) {}
};

TEST_F(Delivery, EveryMessageArrivesOnceAndInOrderOverTwoWorkers)
{
    std::vector<OpenSocket> open;
    for (int i = 0; i < sockets; ++i)
        open.push_back(backend.open({"all"}));
    std::vector<std::thread> threads;
    for (OpenSocket &socket : open)
        threads.emplace_back([&socket] { receive(socket.socket); });
    for (int i = 0; i < publishers; ++i)
        threads.emplace_back([this, i] { publish(caller("/v1", securityToken), i); });
    for (std::thread &thread : threads)
        thread.join();
    backend.sendToAll("last");
    for (OpenSocket &socket : open)
        EXPECT_EQ(socket.socket.readMessage(), "last");
}

TEST_F(Delivery, SocketsThatComeAndGoMeanwhileDisturbNobody)
{
    OpenSocket steady = backend.open({"all"});
    std::atomic<bool> done = false;
    std::thread churn([&] {
        GatewayApi api = caller("/v1", securityToken);
        while (!done) {
            OpenSocket passing = api.open({"all"});
            passing.socket.connection().reset();
        }
    });
    std::thread publisher([this] {
        GatewayApi api = caller("/v1", securityToken);
        for (int i = 0; i < 1000; ++i)
            api.sendToTag("all", std::to_string(i));
    });
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(steady.socket.readMessage(), std::to_string(i));
    publisher.join();
    done = true;
    churn.join();
}

class SlowReader : public GatewayTest
{};

TEST_F(SlowReader, IsClosedWith1013WhileOthersAreServed)
{
    const Issued issued = backend.reserve({"all"});
    Endpoint slowEndpoint = gateway.endpoint();
    slowEndpoint.receiveBuffer = 4096;
    RawWebSocket slow(slowEndpoint, issued.target());
    ASSERT_TRUE(slow.isOpen());
    OpenSocket quick = backend.open({"all"});
    const std::string text(200000, 's');
    bool dropped = false;
    for (int i = 0; i < 200 && !dropped; ++i) {
        backend.sendToTag("all", text);
        ASSERT_EQ(quick.socket.readMessage(), text);
        dropped = backend.get("/sockets/" + issued.id).status == 404;
    }
    EXPECT_TRUE(dropped);
    EXPECT_EQ(slow.readClose(), 1013);
    backend.sendToTag("all", "go on");
    EXPECT_EQ(quick.socket.readMessage(), "go on");
}

} // namespace mws::test
