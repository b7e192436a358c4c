#include "cluster/shared_gateways.h"
#include "fake_gateway_store.h"
#include "simulation.h"
#include "support/fake_clock.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>

// Nodes that change gateways, and a store that breaks links, fails over, forgets, and does late what nobody
// waits for any more, in an order that a seed decides. In the end all nodes have the same gateways, and what
// was answered as done is among them, unless the store lost it when no living node knew it.

namespace mws::test {
namespace {

using State = std::shared_ptr<const SharedGatewayState>;

enum class Disasters {
    Links,      ///< links break, nodes crash
    Store,      ///< the store fails over and forgets, too
    EmptyNodes, ///< and nodes start with nothing, as where there is no disk
};

/// A change that was answered as done.
struct Accepted
{
    uint64_t number;
    GatewayId id;
    std::string epoch;
    SharedGateway gateway;
    bool lost = false; ///< nobody has it
};

bool holds(const SharedGatewayState &state, const Accepted &change)
{
    if (state.epoch != change.epoch)
        return false;
    const auto it = state.gateways.find(change.id);
    if (it == state.gateways.end())
        return change.gateway.version <= state.floor;
    return std::tie(it->second.version, it->second.json) >=
           std::tie(change.gateway.version, change.gateway.json);
}

/// What all nodes share, and what the world expects of them.
struct World
{
    explicit World(uint64_t seed) : chance(seed) {}
    Chance chance;
    FakeClock clock;
    FakeGatewayServer server;
    std::vector<Accepted> accepted;
    uint64_t lastChange = 0;
    uint64_t words = 0;
    std::string word() { return "w" + std::to_string(++words); }
};

/// A node with what its main thread does.
class Node final : private SharedGatewaysOwner
{
public:
    Node(World &world, SharedGatewayState own)
        : store(world.server),
          file(own),
          logic(store, *this, world.clock, std::move(own), [&world] { return world.word(); }),
          m_world(world)
    {
        logic.storeUp();
    }

    /// A text that says all changes that it follows.
    void change(const GatewayId &id, bool remove)
    {
        if (told)
            attempt(id, ++m_world.lastChange, remove, 5);
    }
    void breakLink()
    {
        store.breakLink(m_world.chance.oneIn(2));
        logic.storeDown();
    }
    void mendLink()
    {
        if (store.isUp())
            return;
        store.mendLink();
        logic.storeUp();
    }

    FakeGatewayStore store;
    SharedGatewayState file; ///< which outlives a crash
    SharedGateways logic;
    State told;

private:
    void gatewaysChanged(State state) override
    {
        told = std::move(state);
        file = *told;
        if (!told->gateways.contains("key"))
            logic.change({told->nonce, {{"key", "made " + m_world.word()}}, true},
                         [](SharedGatewaysChanged, const Error &) {});
    }
    void gatewaysRefused(const std::string &reason) override { FAIL() << reason; }

    void attempt(const GatewayId &id, uint64_t number, bool remove, int attempts)
    {
        const auto before = told->gateways.find(id);
        std::string json = before == told->gateways.end() ? std::string() : before->second.json;
        json = remove ? std::string() : json + ',' + std::to_string(number) + ',';
        logic.change({told->nonce, {{id, json}}, false},
                     [this, id, number, remove, json, attempts](SharedGatewaysChanged result, const Error &) {
                         if (result == SharedGatewaysChanged::Outdated && attempts > 0)
                             attempt(id, number, remove, attempts - 1);
                         if (result != SharedGatewaysChanged::Done)
                             return;
                         const auto now = told->gateways.find(id);
                         const bool isThere = now != told->gateways.end();
                         ASSERT_EQ(isThere ? now->second.json : std::string(), json);
                         if (isThere)
                             m_world.accepted.push_back({number, id, told->epoch, now->second});
                     });
    }

    World &m_world;
};

class Simulation
{
public:
    Simulation(uint64_t seed, Disasters disasters) : m_world(seed), m_disasters(disasters)
    {
        for (int i = 0; i < 3; ++i)
            m_nodes.push_back(std::make_unique<Node>(m_world, emptyFile()));
        if (disasters != Disasters::EmptyNodes)
            settle();
    }

    void run()
    {
        for (int step = 0; step < 100; ++step)
            this->step(m_nodes[m_world.chance.below(m_nodes.size())]);
        settle();
        expectAgreement();
        if (!::testing::Test::HasFailure())
            expectAccepted();
    }

private:
    SharedGatewayState emptyFile()
    {
        SharedGatewayState own;
        own.version = 1;
        own.gateways["default"] = {1, "made " + m_world.word()};
        return own;
    }

    void step(std::unique_ptr<Node> &node)
    {
        Chance &chance = m_world.chance;
        switch (chance.below(12)) {
        case 0:
            return node->change(chance.oneIn(2) ? "a" : "b", false);
        case 1:
            return node->change("c", chance.oneIn(3));
        case 2:
        case 3:
        case 4:
        case 5:
            return node->store.perform();
        case 6:
        case 7:
        case 8:
            return node->store.answer();
        case 9:
            m_world.clock.advance(std::chrono::milliseconds(100));
            return node->logic.tick();
        case 10:
            return node->store.isUp() && chance.oneIn(3) ? node->breakLink() : node->mendLink();
        case 11:
            return disaster(node);
        }
    }
    void disaster(std::unique_ptr<Node> &node)
    {
        const uint64_t kind = m_world.chance.below(24);
        if (kind == 0) {
            crash(node);
        } else if (kind < 3 && m_disasters != Disasters::Links) {
            kind == 1 ? m_world.server.forget() : m_world.server.failOver();
            for (const auto &each : m_nodes)
                each->breakLink();
            lookWhatIsLost();
        } else if (kind > 12) {
            m_world.server.replicate();
        }
    }
    void crash(std::unique_ptr<Node> &node)
    {
        const bool isEmpty = m_disasters == Disasters::EmptyNodes && m_world.chance.oneIn(2);
        SharedGatewayState file = isEmpty ? emptyFile() : node->file;
        node->store.breakLink(true);
        node = std::make_unique<Node>(m_world, std::move(file));
        lookWhatIsLost();
    }
    /// What neither the store nor any node has any more.
    void lookWhatIsLost()
    {
        const auto stored = parseGatewayFields(m_world.server.fields, {});
        for (Accepted &change : m_world.accepted) {
            const bool isKnown = std::any_of(m_nodes.begin(), m_nodes.end(), [&change](const auto &node) {
                return holds(node->logic.state(), change);
            });
            change.lost = change.lost || !(isKnown || (stored && holds(*stored, change)));
        }
    }

    void settle()
    {
        for (const auto &node : m_nodes)
            node->mendLink();
        for (int round = 0; round < 8; ++round) {
            m_world.clock.advance(std::chrono::milliseconds(250));
            for (const auto &node : m_nodes)
                node->logic.tick();
            for (int turns = 0; std::any_of(m_nodes.begin(), m_nodes.end(),
                                            [](const auto &node) { return node->store.busy(); });
                 ++turns) {
                ASSERT_LT(turns, 1000) << "they never come to an end";
                for (const auto &node : m_nodes) {
                    node->store.perform();
                    node->store.answer();
                }
            }
        }
    }
    void expectAgreement()
    {
        const auto stored = parseGatewayFields(m_world.server.fields, {});
        ASSERT_TRUE(stored) << stored.error().detail;
        for (const auto &node : m_nodes) {
            ASSERT_TRUE(node->told);
            ASSERT_TRUE(node->logic.isSettled());
            EXPECT_EQ(headOf(*node->told), headOf(*stored));
            EXPECT_EQ(node->told->gateways, stored->gateways);
        }
        EXPECT_TRUE(stored->gateways.contains("key"));
    }
    void expectAccepted()
    {
        const SharedGatewayState &state = *m_nodes[0]->told;
        for (const Accepted &change : m_world.accepted) {
            if (m_disasters == Disasters::EmptyNodes && state.epoch != change.epoch)
                continue; // of a history that another one took the place of
            EXPECT_TRUE(change.lost || holds(state, change)) << change.id << ' ' << change.number;
            if (m_disasters == Disasters::Links && change.id != "c") {
                EXPECT_FALSE(change.lost);
                EXPECT_NE(state.gateways.at(change.id).json.find(',' + std::to_string(change.number) + ','),
                          std::string::npos)
                    << change.number << " is not in " << state.gateways.at(change.id).json;
            }
        }
    }

    World m_world;
    const Disasters m_disasters;
    std::vector<std::unique_ptr<Node>> m_nodes;
};

class GatewaysSimulation : public ::testing::TestWithParam<Disasters>
{};

TEST_P(GatewaysSimulation, NodesAgreeAndKeepWhatWasAccepted)
{
    forEachSeed(3000, [](uint64_t seed) { Simulation(seed, GetParam()).run(); });
}

INSTANTIATE_TEST_SUITE_P(All, GatewaysSimulation,
                         ::testing::Values(Disasters::Links, Disasters::Store, Disasters::EmptyNodes));

} // namespace
} // namespace mws::test
