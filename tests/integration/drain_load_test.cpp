#include "support/gateway_test.h"
#include "support/pipelining_client.h"
#include "support/socket_swarm.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <map>
#include <thread>

namespace mws::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A message that was answered 2xx.
struct Accepted
{
    size_t sender; ///< the connection: order is kept on each
    uint32_t number;
    uint64_t matched; ///< how many sockets the gateway counted
};

/// Posts numbered messages, one at a time and as fast as it can, to everyone, to a tag and to an id in turn.
/// As a draining gateway says `Connection: close`, it has further connections that were open before. Thread:
/// its own; accepted() after it ended.
class Publisher
{
public:
    Publisher(size_t number, const Endpoint &endpoint, std::vector<std::string> ids)
        : m_number(number), m_ids(std::move(ids))
    {
        for (size_t i = 0; i < connections; ++i)
            m_clients.emplace_back(endpoint);
    }

    void run()
    {
        for (; m_connection < m_clients.size(); ++m_connection)
            while (post(m_clients[m_connection])) {
            }
    }
    const std::vector<Accepted> &accepted() const { return m_accepted; }
    static constexpr size_t connections = 40;
    std::atomic<size_t> answered{0};

private:
    std::string receivers() const
    {
        switch (m_next % 4) {
        case 0:
            return R"({"sockets":["*"]})";
        case 1:
            return R"({"tags":["tag)" + std::to_string(m_next % 10) + "\"]}";
        default:
            return "{\"sockets\":[\"" + m_ids[m_next % m_ids.size()] + "\"]}";
        }
    }
    /// False when the connection is used up.
    bool post(PipeliningClient &client)
    {
        const std::string data =
            std::to_string(m_number * connections + m_connection) + ' ' + std::to_string(m_next);
        client.send(messagePost("/v1", securityToken,
                                "{\"data\":\"" + data + "\",\"receivers\":" + receivers() + '}'));
        const Receipt receipt = client.readReceipt();
        if (receipt.status == 204)
            m_accepted.push_back({m_number * connections + m_connection, m_next, receipt.matched});
        EXPECT_EQ(receipt.dropped, 0u);
        ++m_next; // one that was not answered may have been taken, or not
        ++answered;
        return receipt.status == 204 && !receipt.last;
    }

    const size_t m_number;
    const std::vector<std::string> m_ids;
    std::vector<PipeliningClient> m_clients;
    size_t m_connection = 0;
    uint32_t m_next = 0;
    std::vector<Accepted> m_accepted;
};

/// What arrived: how many sockets got each message, and whether order was kept.
class Ledger
{
public:
    Ledger(size_t senders, size_t sockets)
        : m_counts(senders), m_last(sockets, std::vector<int64_t>(senders, -1))
    {}

    void received(size_t socket, std::string_view payload)
    {
        size_t sender = 0;
        uint32_t number = 0;
        const size_t space = payload.find(' ');
        std::from_chars(payload.data(), payload.data() + space, sender);
        std::from_chars(payload.data() + space + 1, payload.data() + payload.size(), number);
        EXPECT_LT(m_last[socket][sender], int64_t(number)) << "reordered or doubled: " << payload;
        m_last[socket][sender] = number;
        ++m_counts[sender][number];
    }
    uint64_t count(const Accepted &message) { return m_counts[message.sender][message.number]; }

private:
    std::vector<std::map<uint32_t, uint64_t>> m_counts;
    std::vector<std::vector<int64_t>> m_last;
};

/// The largest part of the ends that lies within any `window`.
double largestShare(std::vector<std::chrono::steady_clock::time_point> ends, milliseconds window)
{
    std::sort(ends.begin(), ends.end());
    size_t largest = 0;
    for (auto first = ends.begin(); first != ends.end(); ++first)
        largest = std::max(largest, size_t(std::upper_bound(first, ends.end(), *first + window) - first));
    return double(largest) / double(ends.size());
}

} // namespace

/// Four publishers and 300 sockets that read, on two workers, and SIGTERM in the middle: each message that
/// was answered 2xx arrived at every socket that its answer counted, before that one's Close. What was
/// answered before the signal counted all of them.
TEST(DrainLoad, NothingAcceptedIsLost)
{
    constexpr size_t socketCount = 300;
    constexpr size_t publisherCount = 4;
    GatewayProcess gateway(guardedGateway({{"MWS_SERVER_DRAIN", "8s"}}));
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    Ledger ledger(publisherCount * Publisher::connections, socketCount);
    SocketSwarm swarm([&](size_t socket, std::string_view payload) { ledger.received(socket, payload); });
    std::vector<std::string> ids;
    for (size_t i = 0; i < socketCount; ++i) {
        OpenSocket open = backend.open({"tag" + std::to_string(i % 10)});
        ids.push_back(open.id);
        swarm.add(std::move(open.socket));
    }
    std::vector<std::unique_ptr<Publisher>> publishers;
    std::vector<std::thread> threads;
    for (size_t i = 0; i < publisherCount; ++i)
        publishers.push_back(std::make_unique<Publisher>(i, gateway.endpoint(), ids));
    for (const auto &publisher : publishers)
        threads.emplace_back([&publisher] { publisher->run(); });
    const auto allHaveBegun = [&] {
        return std::all_of(publishers.begin(), publishers.end(),
                           [](const auto &p) { return p->answered > 200; });
    };
    EXPECT_TRUE(swarm.run(allHaveBegun, seconds(20)));
    std::vector<size_t> answeredBefore;
    for (const auto &publisher : publishers)
        answeredBefore.push_back(publisher->answered);
    const auto start = std::chrono::steady_clock::now();
    gateway.signal(SIGTERM);
    EXPECT_TRUE(swarm.run([&] { return swarm.openCount() == 0; }, seconds(10)));
    for (std::thread &thread : threads)
        thread.join();
    EXPECT_EQ(gateway.waitForExit(seconds(10)), 0) << gateway.log();
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(8));

    for (size_t i = 0; i < socketCount; ++i)
        EXPECT_EQ(swarm.end(i).code, 1001) << i;
    size_t accepted = 0;
    size_t whileClosing = 0;
    for (size_t i = 0; i < publisherCount; ++i) {
        accepted += publishers[i]->accepted().size();
        for (const Accepted &message : publishers[i]->accepted()) {
            const uint64_t all = message.number % 4 == 0 ? socketCount : message.number % 4 == 1 ? 30 : 1;
            const uint64_t arrived = ledger.count(message);
            // Who is not counted any more, as its Close is next, may still get it.
            EXPECT_GE(arrived, message.matched) << message.sender << ", " << message.number;
            EXPECT_LE(arrived, all) << message.sender << ", " << message.number;
            if (message.number < answeredBefore[i]) {
                EXPECT_EQ(arrived, all) << message.sender << ", " << message.number;
            }
            whileClosing += message.matched > 0 && message.matched < all ? 1 : 0;
        }
    }
    std::printf("accepted: %zu, of these %zu for some that were open and some that were not\n", accepted,
                whileClosing);
    EXPECT_GT(whileClosing, 0u) << "no message met the drain";
}

/// The sockets of a large gateway come back elsewhere one after the other, not all in the same moment.
TEST(DrainLoad, ManySocketsAreClosedOverTheDrainTime)
{
    constexpr size_t socketCount = 2000;
    GatewayProcess gateway(
        {.environment = {{"MWS_SERVER_DRAIN", "4s"}, {"MWS_GATEWAY_ANONYMOUS_SOCKETS", "true"}}});
    SocketSwarm swarm([](size_t, std::string_view) {});
    for (size_t i = 0; i < socketCount; ++i)
        swarm.add(RawWebSocket(gateway.endpoint(), "/"));
    gateway.signal(SIGTERM);
    EXPECT_TRUE(swarm.run([&] { return swarm.openCount() == 0; }, seconds(6)));
    EXPECT_EQ(gateway.waitForExit(), 0) << gateway.log();
    EXPECT_EQ(gateway.log().find("did not end in time"), std::string::npos) << gateway.log();
    std::vector<std::chrono::steady_clock::time_point> ends;
    for (size_t i = 0; i < socketCount; ++i) {
        EXPECT_EQ(swarm.end(i).code, 1001) << i;
        ends.push_back(swarm.end(i).at);
    }
    const double share = largestShare(ends, milliseconds(400));
    std::printf("largest part of the sockets closed within 400 ms: %.3f\n", share);
    EXPECT_LT(share, 1.0 / 3);
}

} // namespace mws::test
