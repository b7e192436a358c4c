#include "client/client_test.h"
#include "cluster/recording_client.h"
#include "support/redis_server.h"

#include <algorithm>
#include <csignal>
#include <deque>
#include <iostream>

namespace mws::test {

namespace {

constexpr size_t publisherCount = 2;
constexpr int clientsOfAKind = 12;
constexpr std::chrono::milliseconds postEvery{10};
constexpr int postsBetween = 100; ///< of each publisher, from one node to the next
constexpr auto longestWait =
    4 * longPatience; ///< for anything here: only ends a hang, also where each post takes long

/// A thread that lives as long as this: a child process ends with the thread that has started it.
class LastingThread
{
public:
    LastingThread() : m_thread([this] { run(); }) {}
    ~LastingThread()
    {
        run({});
        m_thread.join();
    }
    /// After those before. An empty one: the last.
    void run(std::function<void()> task)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_tasks.push_back(std::move(task));
            ++m_undone;
        }
        m_changed.notify_one();
    }
    bool isIdle() const { return m_undone == 0; }

private:
    void run()
    {
        while (const auto task = next()) {
            task();
            --m_undone;
        }
    }
    std::function<void()> next()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return !m_tasks.empty(); });
        auto task = std::move(m_tasks.front());
        m_tasks.pop_front();
        return task;
    }

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_tasks; // under m_mutex
    std::atomic<int> m_undone = 0;
    std::thread m_thread;
};

template <typename Number>
std::string medianAndMost(std::vector<Number> numbers)
{
    if (numbers.empty())
        return "none";
    std::sort(numbers.begin(), numbers.end());
    return "median " + std::to_string(numbers[numbers.size() / 2]) + ", most " +
           std::to_string(numbers.back());
}

} // namespace

/// Three nodes and their Redis behind haproxy, with the configuration that operators have. Parameter: how
/// long a node that is told to end waits until it refuses connections; haproxy takes it out within 2 s.
class RollingDeploy : public ::testing::TestWithParam<const char *>
{
protected:
    RollingDeploy()
    {
        Environment balancer{{"MWS_LISTEN", "127.0.0.1:" + std::to_string(m_haproxyPort)},
                             {"MWS_DESCRIPTORS", "2000"}};
        m_thread.run([&] {
            for (size_t i = 0; i < 3; ++i)
                m_nodes.push_back(startNode(freePort()));
        });
        EXPECT_TRUE(waitUntil([&] { return m_thread.isIdle(); }, longestWait));
        for (size_t i = 0; i < m_nodes.size(); ++i)
            balancer["MWS_NODE_" + std::to_string(i + 1)] = "127.0.0.1:" + std::to_string(m_nodes[i]->port());
        m_haproxy = std::make_unique<ChildProcess>(
            std::vector<std::string>{MWS_HAPROXY, "-db", "-f", MWS_HAPROXY_CONFIG}, balancer,
            m_folder.path().string());
        EXPECT_TRUE(waitForReady(Endpoint{.port = m_haproxyPort}))
            << m_haproxy->output() << m_haproxy->errors();
    }
    /// All nodes end at the same time.
    ~RollingDeploy() override
    {
        for (auto *clients : {&usual, &quick, &staying})
            clients->clear(); // no event loop would answer for them
        for (const auto &node : m_nodes)
            node->signal(SIGTERM);
        for (const auto &node : m_nodes)
            EXPECT_EQ(node->waitForExit(longPatience), 0) << node->log();
    }

    std::unique_ptr<GatewayProcess> startNode(uint16_t port)
    {
        auto node = std::make_unique<GatewayProcess>(
            guardedGateway({{"REDIS_URL", redis.url()},
                            {"MWS_SERVER_PORT", std::to_string(port)},
                            {"MWS_SERVER_TRUST_FORWARDED", "true"},
                            {"MWS_SERVER_DRAIN_DELAY", GetParam()},
                            {"MWS_GATEWAY_SIGNING_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}}));
        EXPECT_TRUE(waitForReady(node->endpoint()));
        return node;
    }
    static bool waitForReady(const Endpoint &endpoint)
    {
        HttpClient client(endpoint);
        const Deadline deadline(longPatience);
        while (client.request("GET", "/health/ready").status != 200)
            if (deadline.left() == 0)
                return false;
        return true;
    }

    void startPublishers()
    {
        for (size_t i = 0; i < publisherCount; ++i)
            publishers.push_back(std::make_unique<NumberedPublisher>(
                Endpoint{.port = m_haproxyPort}, securityToken, std::to_string(i), "all", postEvery));
    }
    std::unique_ptr<RecordingClient> makeClient(uint16_t port) const
    {
        const QUrl provider(QStringLiteral("http://127.0.0.1:%1/v1/sockets").arg(port));
        return std::make_unique<RecordingClient>(publishers, provider, QString::fromLatin1(securityToken),
                                                 QStringLiteral("all"));
    }
    void startClients()
    {
        for (int i = 0; i < clientsOfAKind; ++i) {
            usual.push_back(makeClient(m_haproxyPort));
            quick.push_back(makeClient(m_haproxyPort));
            quick.back()->client.setInitialDelay(1);
            quick.back()->client.setMaxDelay(100);
        }
        for (const auto &node : m_nodes) { // around haproxy, and not again: as long as the node lives
            staying.push_back(makeClient(node->port()));
            staying.back()->client.setFinalCloseCodes({1000, 1001});
        }
        for (const auto *some : {&usual, &quick, &staying})
            for (const auto &one : *some)
                one->client.open();
    }
    static bool areOpen(const std::vector<std::unique_ptr<RecordingClient>> &clients)
    {
        return std::all_of(clients.begin(), clients.end(),
                           [](const auto &one) { return one->client.state() == MwsClient::Open; });
    }
    /// Each publisher has come further, and every client is connected.
    bool waitForSteadyLoad()
    {
        const Numbers before = acceptedBy(publishers);
        return waitUntil(
            [&] {
                const Numbers now = acceptedBy(publishers);
                for (size_t i = 0; i < now.size(); ++i)
                    if (now[i] < before[i] + postsBetween || publishers[i]->failed())
                        return publishers[i]->failed();
                return areOpen(usual) && areOpen(quick);
            },
            longestWait);
    }

    /// SIGTERM, and a new process on the same port; until haproxy has taken it in. Returns what had been
    /// accepted when it was told to end.
    Numbers replace(size_t index)
    {
        const Numbers accepted = acceptedBy(publishers);
        GatewayProcess &node = *m_nodes[index];
        m_thread.run([&node] {
            EXPECT_EQ(node.stop(longPatience), 0) << node.log();
            node.start();
        });
        EXPECT_TRUE(waitUntil([&] { return m_thread.isIdle(); }, longestWait));
        const std::string name = "gateways/node" + std::to_string(index + 1);
        const bool isWarned = std::string_view(GetParam()) != "0s"; // else it may miss that the node was away
        EXPECT_TRUE(waitUntil(
            [&] {
                const std::string log = m_haproxy->output();
                return (!isWarned || log.find(name + " is DOWN") != std::string::npos) &&
                       timesIn(log, name + " is DOWN") == timesIn(log, name + " is UP");
            },
            longestWait));
        return accepted;
    }

    std::vector<RecordingClient *> everyone() const
    {
        std::vector<RecordingClient *> all;
        for (const auto *some : {&usual, &quick, &staying})
            for (const auto &one : *some)
                all.push_back(one.get());
        return all;
    }
    /// How many lives of each client are over.
    std::vector<size_t> closedPeriods() const
    {
        std::vector<size_t> all;
        for (const RecordingClient *one : everyone())
            all.push_back(size_t(
                std::count_if(one->periods().begin(), one->periods().end(),
                              [](const SocketPeriod &period) { return period.closeCode.has_value(); })));
        return all;
    }
    /// Sockets that were closed since `before` were closed with 1001, and got all that had been accepted when
    /// their node was told to end. How many there were.
    size_t expectAllUntil(const Numbers &accepted, const std::vector<size_t> &before) const
    {
        size_t count = 0;
        const auto after = closedPeriods();
        for (size_t i = 0; i < after.size(); ++i)
            for (size_t index = before[i]; index < after[i]; ++index, ++count) {
                const SocketPeriod &period = everyone()[i]->periods()[index];
                EXPECT_EQ(period.closeCode, 1001);
                for (size_t publisher = 0; publisher < accepted.size(); ++publisher)
                    EXPECT_GE(period.last[publisher], accepted[publisher]);
            }
        return count;
    }

    void report() const
    {
        for (const auto &publisher : publishers) {
            std::cout << "publisher: " << publisher->accepted() << " messages, one every "
                      << postEvery.count() << " ms; answers";
            for (const auto &[status, times] : publisher->answers())
                std::cout << "  " << status << ": " << times;
            std::cout << "; the longest until 201: " << publisher->longest().count() << " ms\n";
        }
        report("clients with the library's back-off", usual);
        report("clients that come back at once", quick);
    }
    void report(const char *who, const std::vector<std::unique_ptr<RecordingClient>> &clients) const
    {
        std::vector<int64_t> silences;
        std::vector<int> missed;
        std::vector<int> twice;
        std::vector<int> unseen; // accepted before the client saw the Close, and not on that socket
        for (const auto &one : clients) {
            for (const SocketMove &move : one->moves()) {
                silences.push_back(move.silence.count());
                missed.push_back(move.missed);
                twice.push_back(move.twice);
            }
            for (const SocketPeriod &period : one->periods())
                for (size_t i = 0; period.closeCode && i < period.last.size(); ++i)
                    unseen.push_back(std::max(0, period.acceptedBefore[i] - period.last[i]));
        }
        std::cout << who << ": " << silences.size() << " moves; silence in ms: " << medianAndMost(silences)
                  << "; messages missed: " << medianAndMost(missed)
                  << "; on both sockets: " << medianAndMost(twice)
                  << "; accepted before the Close and not seen, of each publisher: " << medianAndMost(unseen)
                  << '\n';
    }

    RedisServer redis;
    Publishers publishers;
    std::vector<std::unique_ptr<RecordingClient>> usual;   ///< with the library's own back-off
    std::vector<std::unique_ptr<RecordingClient>> quick;   ///< that come back at once
    std::vector<std::unique_ptr<RecordingClient>> staying; ///< one at each node, as long as it lives

private:
    TemporaryFolder m_folder;
    const uint16_t m_haproxyPort = freePort();
    LastingThread m_thread; // outlives the nodes, which it starts
    std::vector<std::unique_ptr<GatewayProcess>> m_nodes;
    std::unique_ptr<ChildProcess> m_haproxy;
};

TEST_P(RollingDeploy, LosesNothingOnSocketsThatStay)
{
    startPublishers();
    startClients();
    for (size_t node = 0; node < 3; ++node) {
        ASSERT_TRUE(waitForSteadyLoad());
        const auto before = closedPeriods();
        const Numbers accepted = replace(node);
        ASSERT_TRUE(waitUntil([&] { return areOpen(usual) && areOpen(quick); }, longestWait));
        EXPECT_GT(expectAllUntil(accepted, before), 0u) << "nobody was on node " << node + 1;
    }
    ASSERT_TRUE(waitForSteadyLoad());
    for (const auto &publisher : publishers)
        publisher->stop();
    const Numbers last = acceptedBy(publishers);
    EXPECT_EQ(last, begunBy(publishers)) << "something was never accepted";
    for (const auto *clients : {&usual, &quick})
        for (const auto &one : *clients)
            EXPECT_TRUE(waitUntil([&] { return one->hasReached(last); }, longestWait));
    for (const auto &one : everyone())
        EXPECT_THAT(one->errors(), ::testing::IsEmpty());
    for (const auto &one : staying)
        EXPECT_EQ(one->periods().size(), 1u);
    report();
}

INSTANTIATE_TEST_SUITE_P(DrainDelay, RollingDeploy, ::testing::Values("3s", "0s"),
                         [](const auto &delay) { return std::string(delay.param); });

} // namespace mws::test
