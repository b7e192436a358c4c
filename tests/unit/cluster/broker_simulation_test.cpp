#include "cluster/stream_broker.h"
#include "fake_stream_store.h"
#include "simulation.h"
#include "support/fake_clock.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <memory>
#include <set>

// Nodes that publish and deliver over one store, with links that break and a server that trims, fails over
// and forgets, in an order that a seed decides. Nothing that was answered with success is missing at a node
// that had joined before and was not told so; nothing comes twice; a publisher's messages keep their order.
// One thing no node can know: that the server lost an entry which that node had not read yet.

namespace mws::test {
namespace {

/// A message that was published, and which nodes it must reach.
struct Sent
{
    int number;
    size_t publisher;
    std::set<size_t> receivers; ///< nodes that had joined when it was published
    bool good = false;          ///< it was answered with success
};

class SimulatedNode final : public BrokerNode
{
public:
    SimulatedNode(FakeStreamServer &server, const Clock &clock, Chance &chance)
        : store(server),
          broker(
              store, *this, clock, [&chance] { return chance.nonce(); }, metrics)
    {}

    PublishOutcome deliver(const GatewayId &, ClusterMessage &&message) override
    {
        const int number = std::stoi(message.payload);
        EXPECT_TRUE(got.insert(number).second) << number << " came twice";
        const size_t publisher = size_t(number) % 10;
        EXPECT_LT(newest[publisher], number) << "out of order";
        newest[publisher] = number;
        return {1, 0};
    }
    PublishOutcome count(const GatewayId &, const Receivers &) override { return {}; }
    void messagesLost(const GatewayId &, const std::string &) override
    {
        EXPECT_TRUE(mayLose);
        ++timesLost;
    }

    FakeStreamStore store;
    BrokerMetrics metrics;
    StreamBroker broker;
    std::set<int> got;
    std::map<size_t, int> newest;
    bool joined = false;
    bool publishing = false;
    bool mayLose = false;
    int timesLost = 0;
    int breaks = 0; ///< of its link
    bool catchingUp = false;
};

class BrokerSimulation
{
public:
    BrokerSimulation(uint64_t seed, bool disasters) : m_chance(seed), m_disasters(disasters)
    {
        for (size_t i = 0; i < 3; ++i) {
            m_nodes.push_back(std::make_unique<SimulatedNode>(m_server, m_clock, m_chance));
            m_nodes.back()->mayLose = disasters;
        }
    }

    void run()
    {
        for (int step = 0; step < 300; ++step) {
            this->step(m_chance.below(m_nodes.size()));
            m_clock.advance(std::chrono::milliseconds(m_chance.below(20)));
        }
        settle();
        for (const Sent &sent : m_sent)
            for (const size_t node : sent.receivers)
                expectReceived(sent, node);
        for (const auto &node : m_nodes) {
            EXPECT_FALSE(node->publishing) << "a message was never answered";
            EXPECT_FALSE(node->catchingUp);
        }
    }
    /// How often a node was sure to have caught up.
    int caughtUp() const { return m_caughtUp; }

private:
    void expectReceived(const Sent &sent, size_t node)
    {
        const bool told = m_lostAfter[{node, sent.number}] != m_nodes[node]->timesLost;
        if (!sent.good || told || m_lostByServer.contains(sent.number))
            return;
        EXPECT_TRUE(m_nodes[node]->got.contains(sent.number))
            << "message " << sent.number << " is missing at node " << node;
    }
    void step(size_t index)
    {
        SimulatedNode &node = *m_nodes[index];
        switch (m_chance.below(15)) {
        case 0:
        case 1:
        case 2:
            publish(index);
            break;
        case 3:
        case 4:
            node.store.perform();
            break;
        case 5:
        case 6:
            node.store.answer();
            break;
        case 7:
        case 8:
            node.store.push();
            break;
        case 9:
            join(node);
            break;
        case 10:
            node.broker.tick();
            break;
        case 11:
            if (m_chance.below(6) == 0)
                breakLink(node);
            break;
        case 12:
            node.store.mendLink();
            break;
        case 13:
            disaster();
            break;
        case 14:
            catchUp(index);
            break;
        }
    }
    static void breakLink(SimulatedNode &node)
    {
        if (!node.store.isUp())
            return;
        ++node.breaks;
        node.store.breakLink();
    }
    /// What had been accepted has come when the node says so in time and its link has held.
    void catchUp(size_t index)
    {
        SimulatedNode &node = *m_nodes[index];
        if (!node.store.isUp() || std::exchange(node.catchingUp, true))
            return;
        std::vector<Sent> accepted;
        std::ranges::copy_if(m_sent, std::back_inserter(accepted), [index](const Sent &sent) {
            return sent.good && sent.receivers.contains(index);
        });
        const auto within = std::chrono::milliseconds(1000);
        node.broker.catchUp(
            within, [this, &node, index, accepted, breaks = node.breaks, end = m_clock.now() + within] {
                node.catchingUp = false;
                if (node.breaks != breaks || m_clock.now() >= end)
                    return;
                ++m_caughtUp;
                for (const Sent &sent : accepted)
                    expectReceived(sent, index);
            });
    }
    void join(SimulatedNode &node)
    {
        node.broker.join("g",
                         [&node](const Result<void> &result) { node.joined = node.joined || bool(result); });
    }
    /// One at a time for each node, as one connection does.
    void publish(size_t index)
    {
        SimulatedNode &node = *m_nodes[index];
        if (std::exchange(node.publishing, true))
            return;
        const size_t at = m_sent.size();
        Sent sent{int(10 * (at + 1) + index), index, {}};
        for (size_t i = 0; i < m_nodes.size(); ++i)
            if (m_nodes[i]->joined) {
                sent.receivers.insert(i);
                m_lostAfter[{i, sent.number}] = m_nodes[i]->timesLost;
            }
        m_sent.push_back(sent);
        BrokerMessage message;
        message.gateway = "g";
        message.message.payload = std::to_string(sent.number);
        node.broker.publish(std::move(message), [this, at, &node](const Result<PublishOutcome> &outcome) {
            m_sent[at].good = bool(outcome);
            node.publishing = false;
        });
    }
    void disaster()
    {
        const uint64_t kind = m_chance.below(24);
        if (kind > 3 || !m_disasters)
            return m_server.replicate();
        if (kind == 0)
            return m_server.trim("g", m_chance.below(6));
        for (const auto &node : m_nodes)
            breakLink(*node);
        const std::set<int> before = kept();
        kind == 1 ? m_server.forget() : m_server.failOver();
        const std::set<int> after = kept();
        std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                            std::inserter(m_lostByServer, m_lostByServer.end()));
    }
    /// The messages that the server has, or had trimmed.
    std::set<int> kept()
    {
        std::set<int> numbers;
        for (const std::string &body : m_server.streams["g"].written)
            numbers.insert(std::stoi(decodeClusterMessage(body)->payload));
        return numbers;
    }
    void settle()
    {
        for (int round = 0; round < 3; ++round) {
            for (const auto &node : m_nodes)
                node->store.mendLink();
            for (const auto &node : m_nodes)
                node->store.settle();
            m_clock.advance(std::chrono::seconds(6)); // checks are due, and answers that will not come
            for (const auto &node : m_nodes)
                node->broker.tick();
            for (const auto &node : m_nodes)
                node->store.settle();
        }
    }

    FakeClock m_clock;
    Chance m_chance;
    FakeStreamServer m_server;
    const bool m_disasters;
    std::vector<std::unique_ptr<SimulatedNode>> m_nodes;
    std::vector<Sent> m_sent;
    std::set<int> m_lostByServer;
    int m_caughtUp = 0;
    std::map<std::pair<size_t, int>, int>
        m_lostAfter; ///< by node and message: how often that node had lost some before
};

class BrokerSimulationTest : public ::testing::TestWithParam<bool>
{};

TEST_P(BrokerSimulationTest, NothingThatWasAcceptedIsMissingUnnoticed)
{
    int caughtUp = 0;
    forEachSeed(10000, [&caughtUp](uint64_t seed) {
        if ((seed % 2 == 1) != GetParam()) // half of them each
            return;
        BrokerSimulation simulation(seed, GetParam());
        simulation.run();
        caughtUp += simulation.caughtUp();
    });
    EXPECT_GT(caughtUp, 0);
}

INSTANTIATE_TEST_SUITE_P(Disasters, BrokerSimulationTest, ::testing::Bool());

} // namespace
} // namespace mws::test
