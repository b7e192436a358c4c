#include "support/gateway_test.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

constexpr size_t messageBytes = 32768;

/// A message of 32 KiB that starts with its number.
std::string numbered(int number)
{
    std::string text = std::to_string(number) + ' ';
    return text + std::string(messageBytes - text.size(), 'r');
}

} // namespace

/// Clients that relay to each other, with a gateway of so many workers.
class Relay : public GatewayTest, public ::testing::WithParamInterface<const char *>
{
protected:
    explicit Relay(Environment more = {}) : GatewayTest(options(std::move(more))) {}

    static GatewayOptions options(Environment more)
    {
        more.insert({{"MWS_GATEWAY_CLIENT_MESSAGES", "relay"}, {"MWS_SERVER_WORKERS", GetParam()}});
        return guardedGateway(std::move(more));
    }
    bool waitUntilHalfFull(const std::string &id)
    {
        const Deadline deadline(longPatience);
        while (backend.queuedBytes(id) < 512 * 1024)
            if (deadline.left() == 0)
                return false;
        return true;
    }
    /// Reads messages until `last` was there; how many came, or -1 if one was missing or out of order.
    static int readAll(RawWebSocket &socket, int last)
    {
        int expected = 0;
        while (expected <= last) {
            const auto message = socket.readMessage(longPatience);
            if (!message || message->size() != messageBytes || std::stoi(*message) != expected)
                return -1;
            ++expected;
        }
        return expected;
    }
};
INSTANTIATE_TEST_SUITE_P(Workers, Relay, ::testing::Values("1", "2"));

/// Sends numbered messages on a thread of its own, as fast as they are taken, and answers pings meanwhile.
class Sender
{
public:
    Sender(RawWebSocket &socket, int messages)
        : m_socket(socket), m_messages(messages), m_thread([this] { run(); })
    {}
    ~Sender()
    {
        m_leave = true;
        m_thread.join();
    }
    bool finished() const { return m_finished; }
    bool waitUntilSent()
    {
        const Deadline deadline(2 * longPatience);
        while (!m_finished && deadline.left() > 0)
            std::this_thread::yield();
        return m_sent == m_messages;
    }
    int pongs() const { return m_pongs; }

private:
    void run()
    {
        const Deadline deadline(2 * longPatience);
        while (deadline.left() > 0 && !(m_finished && m_leave)) {
            if (m_rest.empty() && m_sent < m_messages)
                m_rest = frameText({Opcode::Binary, numbered(m_sent++)});
            m_rest.erase(0, m_socket.connection().sendAvailable(m_rest));
            const bool blocked = !m_rest.empty();
            if (!blocked && m_sent == m_messages)
                m_finished = true;
            if (m_socket.connection().waitForData(blocked || m_finished ? 1ms : 0ms) && !answer())
                break;
        }
        m_finished = true;
    }
    bool answer()
    {
        const auto frame = m_socket.readAnyFrame();
        if (!frame || frame->opcode != Opcode::Ping)
            return false;
        m_rest += frameText({Opcode::Pong, frame->payload});
        ++m_pongs;
        return true;
    }

    RawWebSocket &m_socket;
    const int m_messages;
    std::string m_rest; ///< of a frame
    std::atomic<int> m_sent{0};
    std::atomic<int> m_pongs{0};
    std::atomic<bool> m_finished{false};
    std::atomic<bool> m_leave{false};
    std::thread m_thread;
};

TEST_P(Relay, FastSenderWaitsForSlowReceivers)
{
    constexpr int messages = 900; // 28 MiB, far more than the buffers of the kernel and two queues hold
    OpenSocket sender = backend.open({"room"});
    std::vector<OpenSocket> receivers;
    for (int i = 0; i < 4; ++i) // on both workers, if there are two
        receivers.push_back(backend.openStalled({"room"}));
    Sender sending(sender.socket, messages);
    for (const OpenSocket &receiver : receivers)
        ASSERT_TRUE(waitUntilHalfFull(receiver.id));
    EXPECT_FALSE(sending.finished());
    std::vector<std::thread> readers;
    std::atomic<int> complete{0};
    for (OpenSocket &receiver : receivers)
        readers.emplace_back(
            [&complete, &receiver] { complete += readAll(receiver.socket, messages - 1) == messages; });
    while (!sending.finished())
        for (const OpenSocket &receiver : receivers)
            EXPECT_LE(backend.queuedBytes(receiver.id), 1u << 20);
    for (std::thread &reader : readers)
        reader.join();
    EXPECT_TRUE(sending.waitUntilSent());
    EXPECT_EQ(complete, 4);
}

TEST_P(Relay, SlowReceiverOfOneRoomDoesNotHoldUpAnother)
{
    OpenSocket stalledSender = backend.open({"slow"});
    const OpenSocket stalled = backend.openStalled({"slow"});
    OpenSocket sender = backend.open({"quick"});
    OpenSocket receiver = backend.open({"quick"});
    {
        Sender sending(stalledSender.socket, 1500);
        ASSERT_TRUE(waitUntilHalfFull(stalled.id));
        for (int i = 0; i < 100; ++i) {
            sender.socket.sendText(std::to_string(i));
            ASSERT_EQ(receiver.socket.readMessage(), std::to_string(i));
        }
        EXPECT_EQ(backend.call("DELETE", "/sockets/" + stalledSender.id).status, 200);
        EXPECT_FALSE(sending.waitUntilSent()); // its Close comes, although it was held up
    }
}

/// Who reads nothing for a second is closed.
class RelayToTheDeaf : public Relay
{
protected:
    RelayToTheDeaf()
        : Relay({{"MWS_WEBSOCKET_SLOW_READER_TIMEOUT", "1s"},
                 {"MWS_WEBSOCKET_PING_INTERVAL", "1s"},
                 {"MWS_WEBSOCKET_PONG_TIMEOUT", "3s"},
                 {"MWS_WEBSOCKET_CLOSE_TIMEOUT", "1s"}})
    {}
};
INSTANTIATE_TEST_SUITE_P(Workers, RelayToTheDeaf, ::testing::Values("1", "2"));

TEST_P(RelayToTheDeaf, ReceiverThatReadsNothingIsClosedAndTheOthersGetAll)
{
    constexpr int messages = 900;
    OpenSocket sender = backend.open({"room"});
    const OpenSocket deaf = backend.openStalled({"room"});
    OpenSocket listening = backend.open({"room"});
    Sender sending(sender.socket, messages);
    EXPECT_EQ(readAll(listening.socket, messages - 1), messages);
    EXPECT_TRUE(sending.waitUntilSent());
    EXPECT_EQ(backend.get("/sockets/" + deaf.id).status, 404);
    EXPECT_TRUE(gateway.waitForLog("reads too slowly"));
    EXPECT_EQ(backend.get("/sockets/" + listening.id).status, 200);
}

/// Pings every second and wants the pong within one, with queues of 64 KiB.
class RelayUnderPings : public Relay
{
protected:
    RelayUnderPings()
        : Relay({{"MWS_WEBSOCKET_PING_INTERVAL", "1s"},
                 {"MWS_WEBSOCKET_PONG_TIMEOUT", "2s"},
                 {"MWS_GATEWAY_QUEUE_BYTES", "64KiB"}})
    {}
};
INSTANTIATE_TEST_SUITE_P(Workers, RelayUnderPings, ::testing::Values("1", "2"));

TEST_P(RelayUnderPings, SenderWhosePongWaitsBehindItsMessagesIsNotDropped)
{
    constexpr int messages = 400;
    OpenSocket sender = backend.open({"room"});
    OpenSocket receiver = backend.openStalled({"room"});
    std::atomic<int> received{0};
    std::thread reading([&received, &receiver] {
        while (received < messages) { // some three messages for each ping of the sender
            const auto message = receiver.socket.readMessage(longPatience);
            if (!message || std::stoi(*message) != received)
                return;
            ++received;
            letPass(15ms);
        }
    });
    Sender sending(sender.socket, messages);
    EXPECT_TRUE(sending.waitUntilSent());
    reading.join();
    EXPECT_EQ(received, messages) << gateway.log();
    EXPECT_GE(sending.pongs(), 2);
}

} // namespace mws::test
