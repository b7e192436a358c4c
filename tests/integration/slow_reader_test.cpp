#include "support/gateway_test.h"

#include <algorithm>
#include <chrono>
#include <sstream>

namespace mws::test {

namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr size_t mebibyte = 1 << 20;

/// A message of 200,000 bytes that starts with its number.
std::string numbered(int number)
{
    std::string text = std::to_string(number) + ' ';
    return text + std::string(200000 - text.size(), 's');
}

int numberOf(const std::string &message)
{
    return std::stoi(message);
}

} // namespace

class SlowReaders : public GatewayTest
{
protected:
    explicit SlowReaders(Environment environment = {{"MWS_SERVER_WORKERS", "1"}})
        : GatewayTest(guardedGateway(patient(std::move(environment))))
    {}
    /// Under a sanitizer a test may be longer than who reads nothing, and sends no pong, has.
    static Environment patient(Environment environment)
    {
        environment.insert(
            {{"MWS_WEBSOCKET_SLOW_READER_TIMEOUT", "10m"}, {"MWS_WEBSOCKET_PONG_TIMEOUT", "10m"}});
        return environment;
    }

    double metric(const std::string &name)
    {
        HttpClient client(gateway.endpoint());
        const HttpAnswer answer = client.request("GET", "/metrics", {},
                                                 {{"Authorization", std::string("Bearer ") + operatorToken}});
        std::istringstream lines(answer.body);
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(name + ' '))
                return std::stod(line.substr(name.size() + 1));
        return -1;
    }
};

class SmallWorker : public SlowReaders
{
protected:
    SmallWorker()
        : SlowReaders({{"MWS_SERVER_WORKERS", "1"},
                       {"MWS_SERVER_WORKER_QUEUE_BYTES", "8MiB"},
                       {"MWS_GATEWAY_QUEUE_BYTES", "64MiB"}})
    {}
};

class ImpatientGateway : public SlowReaders
{
protected:
    ImpatientGateway()
        : SlowReaders({{"MWS_SERVER_WORKERS", "1"},
                       {"MWS_WEBSOCKET_SLOW_READER_TIMEOUT", "1s"},
                       {"MWS_WEBSOCKET_PING_INTERVAL", "1s"},
                       {"MWS_WEBSOCKET_PONG_TIMEOUT", "25s"}, // the default: a pong that is missed shows
                       {"MWS_WEBSOCKET_CLOSE_TIMEOUT", "1s"}})
    {}
};

TEST_F(SlowReaders, MayDropTheOldestAndStayOpen)
{
    configure(R"({"limits":{"slowReaders":"drop_oldest"}})");
    OpenSocket slow = backend.openStalled({"all"});
    OpenSocket quick = backend.open({"all"});
    constexpr int messages = 60; // 12 MB, which no kernel's buffers hold
    int dropped = 0;
    for (int i = 0; i < messages; ++i) {
        const std::string receivers = backend.sendToTag("all", numbered(i)).header("Mws-Receivers");
        ASSERT_THAT(receivers, testing::AnyOf("matched=2, dropped=0", "matched=2, dropped=1"));
        dropped += receivers.ends_with('1') ? 1 : 0;
        ASSERT_EQ(numberOf(quick.socket.readMessage().value_or("-1")), i);
        ASSERT_LE(backend.queuedBytes(slow.id), mebibyte);
    }
    EXPECT_GT(dropped, 0);
    EXPECT_EQ(metric("mws_slow_reader_messages_dropped_total{gateway=\"default\"}"), dropped);
    EXPECT_EQ(metric("mws_slow_readers_closed_total{gateway=\"default\"}"), 0);
    EXPECT_GT(metric("mws_queued_bytes"), 500000);

    std::vector<int> read;
    while (read.empty() || read.back() != messages - 1) {
        const auto message = slow.socket.readMessage();
        ASSERT_TRUE(message) << "after " << read.size();
        ASSERT_EQ(message->size(), 200000u);
        read.push_back(numberOf(*message));
    }
    EXPECT_TRUE(std::is_sorted(read.begin(), read.end()));
    EXPECT_EQ(std::adjacent_find(read.begin(), read.end()), read.end());
    EXPECT_EQ(int(read.size()), messages - dropped);
    backend.sendToTag("all", "go on");
    EXPECT_EQ(slow.socket.readMessage(), "go on");
    EXPECT_EQ(timesIn(gateway.log(), "messages dropped: their client reads too slowly"), 1u);
    EXPECT_THAT(gateway.log(), HasSubstr(slow.id));
}

TEST_F(SlowReaders, PolicyIsInForceAtOnceForOpenSockets)
{
    configure(R"({"limits":{"slowReaders":"drop_oldest"}})");
    OpenSocket slow = backend.openStalled({"all"});
    for (int i = 0; i < 40; ++i)
        backend.sendToTag("all", numbered(i));
    EXPECT_EQ(backend.get("/sockets/" + slow.id).status, 200);
    configure(R"({"limits":{"slowReaders":"close"}})");
    EXPECT_EQ(backend.sendToTag("all", numbered(40)).header("Mws-Receivers"), "matched=1, dropped=1");
    EXPECT_EQ(backend.get("/sockets/" + slow.id).status, 404);
    EXPECT_EQ(slow.socket.readClose(), 1013);
    EXPECT_EQ(metric("mws_slow_readers_closed_total{gateway=\"default\"}"), 1);
}

TEST_F(SlowReaders, EchoObeysThePolicy)
{
    configure(R"({"clientMessages":"echo","limits":{"slowReaders":"drop_oldest"}})");
    OpenSocket echo = backend.openStalled({});
    constexpr int messages = 60;
    for (int i = 0; i < messages; ++i)
        ASSERT_TRUE(echo.socket.sendText(numbered(i)));
    std::vector<int> read;
    while (read.empty() || read.back() != messages - 1) {
        const auto message = echo.socket.readMessage();
        ASSERT_TRUE(message) << "after " << read.size();
        read.push_back(numberOf(*message));
    }
    EXPECT_TRUE(std::is_sorted(read.begin(), read.end()));
    EXPECT_EQ(metric("mws_slow_reader_messages_dropped_total{gateway=\"default\"}"),
              messages - int(read.size()));
}

TEST_F(SlowReaders, TinyMessagesHoldNoMoreThanTheLimit)
{
    configure(R"({"limits":{"slowReaders":"drop_oldest"}})");
    OpenSocket slow = backend.openStalled({"all"});
    for (int i = 0; i < 40; ++i) // fills the kernel's buffers
        backend.sendToTag("all", numbered(i));
    std::string batch = R"({"messages":[)";
    for (int i = 0; i < 1000; ++i)
        batch += std::string(i ? "," : "") + R"({"data":"x","receivers":{"tags":["all"]}})";
    batch += "]}";
    for (int i = 0; i < 10; ++i)
        ASSERT_EQ(backend.post("/messages:batch", batch).status, 200);
    const double held = metric("mws_queued_bytes");
    EXPECT_LE(held, double(mebibyte) + 200200)
        << "1 MiB with all bookkeeping, and what has gone of the begun one";
    EXPECT_GT(held, double(mebibyte) / 2);
    EXPECT_LE(backend.queuedBytes(slow.id), 400000u) << "three bytes each, and the begun one";
    EXPECT_EQ(backend.get("/sockets/" + slow.id).status, 200);
}

TEST_F(SmallWorker, ClosesWhoHasMostWaitingAndNobodyElse)
{
    OpenSocket most = backend.openStalled({"most"});
    OpenSocket less = backend.openStalled({"less"});
    OpenSocket quick = backend.open({"most", "less"});
    for (int i = 0; i < 12; ++i) { // 2.4 MB, of which some are in the kernel's buffers
        backend.sendToTag("less", numbered(i));
        ASSERT_TRUE(quick.socket.readMessage());
    }
    for (int i = 0; i < 100 && backend.get("/sockets/" + most.id).status == 200; ++i) {
        backend.sendToTag("most", numbered(i));
        ASSERT_TRUE(quick.socket.readMessage());
        ASSERT_LE(metric("mws_queued_bytes"), double(8 * mebibyte));
    }
    EXPECT_EQ(backend.get("/sockets/" + most.id).status, 404);
    EXPECT_EQ(most.socket.readClose(), 1013);
    EXPECT_EQ(backend.get("/sockets/" + less.id).status, 200);
    backend.sendToTag("less", "go on");
    EXPECT_EQ(quick.socket.readMessage(), "go on");
}

TEST_F(SmallWorker, CountsWhatSocketsShareOnce)
{
    std::vector<OpenSocket> slow;
    for (int i = 0; i < 30; ++i)
        slow.push_back(backend.openStalled({"all"}));
    for (int i = 0; i < 34; ++i) // 6.8 MB once, 204 MB thirty times
        ASSERT_EQ(backend.sendToTag("all", numbered(i)).header("Mws-Receivers"), "matched=30, dropped=0");
    double sum = 0;
    for (const OpenSocket &socket : slow)
        sum += double(backend.queuedBytes(socket.id));
    EXPECT_GT(sum, double(16 * mebibyte)) << "twice the limit, if each counted for itself";
    EXPECT_LE(metric("mws_queued_bytes"), 34 * 200200.0);
    EXPECT_EQ(metric("mws_slow_readers_closed_total{gateway=\"default\"}"), 0);
}

TEST_F(SmallWorker, DropsOfManySocketsUntilItFits)
{
    configure(R"({"limits":{"slowReaders":"drop_oldest"}})");
    std::vector<OpenSocket> slow;
    for (int i = 0; i < 10; ++i)
        slow.push_back(backend.openStalled({"s" + std::to_string(i)}));
    OpenSocket quick = backend.open({"quick"});
    for (int i = 0; i < 250; ++i) {
        backend.sendToTag("s" + std::to_string(i % 10), numbered(i));
        ASSERT_LE(metric("mws_queued_bytes"), double(8 * mebibyte));
    }
    EXPECT_GT(metric("mws_slow_reader_messages_dropped_total{gateway=\"default\"}"), 0);
    for (const OpenSocket &socket : slow)
        EXPECT_EQ(backend.get("/sockets/" + socket.id).status, 200) << gateway.log();
    backend.sendToTag("quick", "untouched");
    EXPECT_EQ(quick.socket.readMessage(), "untouched");
}

TEST_F(ImpatientGateway, ClosesWhoTakesNothingEvenIfItSendsPongs)
{
    configure(R"({"limits":{"slowReaders":"drop_oldest"}})");
    OpenSocket slow = backend.openStalled({"all"});
    for (int i = 0; i < 40; ++i)
        backend.sendToTag("all", numbered(i));
    ASSERT_GT(backend.queuedBytes(slow.id), 0u);
    const Deadline deadline(15s);
    while (backend.get("/sockets/" + slow.id).status == 200 && deadline.left() > 0) {
        slow.socket.send({Opcode::Pong, "mws"});
        letPass(100ms);
    }
    EXPECT_EQ(backend.get("/sockets/" + slow.id).status, 404);
    EXPECT_EQ(metric("mws_deadlines_total{deadline=\"slow_reader\"}"), 1);
    EXPECT_EQ(metric("mws_deadlines_total{deadline=\"pong\"}"), 0);
}

} // namespace mws::test
