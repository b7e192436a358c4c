#include "cluster/socket_registry.h"
#include "fake_registry_store.h"
#include "simulation.h"
#include "support/fake_clock.h"

#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <set>

// Nodes that enter and look up sockets in one store, with links that delay, break and let commands through
// late, nodes that crash, stop and freeze for longer than their lease, and a server whose clock is another
// one, which goes back, fails over and forgets, in an order that a seed decides. All times are a fifth of the
// real ones.

namespace mws::test {
namespace {

using namespace std::chrono_literals;

constexpr auto step = 100ms;
constexpr SocketRegistryOptions options{3000ms, 1000ms, 200ms, 2000ms, 400ms, 3, 128 << 10, 2};
/// A command takes so long to the server at most, and its answer back.
constexpr size_t mostSteps = 2;
constexpr auto delay = mostSteps * step;
/// From a change until others see it: the write under way is answered, three writes follow.
constexpr auto calmDelay = 12 * delay;
/// How late a command may be done whose link has broken.
constexpr auto latest = 1000ms;

std::vector<SocketId> makeIds()
{
    std::vector<SocketId> ids;
    for (char c = 'a'; c <= 'j'; ++c)
        ids.push_back(*SocketId::parse(std::string(SocketId::length, c)));
    return ids;
}
const std::vector<SocketId> ids = makeIds();

/// A life of a node, from its start to its crash.
struct Life final : SocketRegistryListener
{
    Life(FakeRegistryServer &server, const Clock &clock, NodeId name)
        : store(server), registry(store, std::move(name), clock, *this, options)
    {}
    void superseded(const GatewayId &, const SocketId &id, const NodeId &) override { close.insert(id); }
    void openedAgain(const GatewayId &, const SocketId &, const NodeId &) override {}

    FakeRegistryStore store;
    std::map<SocketId, RegisteredSocket> sockets; ///< that are open
    std::set<SocketId> close;                     ///< as another node has opened them
    SocketRegistry registry;
    std::deque<size_t> commandsDue; ///< steps at which they are done
    std::deque<size_t> answersDue;
};

struct SimulatedNode
{
    std::unique_ptr<Life> life; ///< null: it is down
    NodeId name;
    FakeClock clock;
    size_t frozenUntil = 0; ///< step
    SteadyTime disturbed{}; ///< last trouble of it or of the server
    std::map<SocketId, SteadyTime> openedAt;
};

class RegistrySimulation
{
public:
    RegistrySimulation(uint64_t seed, bool disasters) : m_chance(seed), m_disasters(disasters)
    {
        m_server.lease = options.lease;
        for (size_t i = 0; i < 3; ++i) {
            m_nodes[i].clock.advance(std::chrono::seconds(m_chance.below(120))); // clocks are apart
            start(m_nodes[i]);
        }
    }

    void run()
    {
        for (m_step = 0; m_step < 120; ++m_step) {
            for (SimulatedNode &node : m_nodes)
                trouble(node);
            if (m_disasters)
                disaster();
            pass(true);
            if (m_step % 4 == 0) {
                expectNoGhosts();
                expectAllThatAreOpen();
            }
        }
        calmDown();
        for (SimulatedNode &node : m_nodes)
            expectTruth(node);
        for (const SocketId &id : ids)
            EXPECT_LE(holders(id), 1u) << "an id stayed open at two nodes";
    }

private:
    bool oneIn(uint64_t count) { return m_chance.oneIn(count); }
    bool runs(const SimulatedNode &node) const { return node.life && node.frozenUntil <= m_step; }

    void start(SimulatedNode &node)
    {
        node.name = "node" + std::to_string(++m_lives);
        node.life = std::make_unique<Life>(m_server, node.clock, node.name);
        node.openedAt.clear();
        node.disturbed = m_now;
    }

    // What happens to nodes and links.

    void trouble(SimulatedNode &node)
    {
        if (!node.life) {
            if (oneIn(20))
                start(node);
            return;
        }
        const auto mayHappen = [&](uint64_t count) { return oneIn(count); };
        if (mayHappen(150))
            end(node);
        else if (mayHappen(150))
            node.frozenUntil = m_step + 1 + m_chance.below(50);
        else if (node.life->store.isUp() ? mayHappen(60) : mayHappen(8))
            node.life->store.isUp() ? breakLink(node) : mend(node);
        else if (mayHappen(80))
            node.life->store.refuseNext = true;
        else
            return;
        node.disturbed = m_now;
    }
    void end(SimulatedNode &node)
    {
        Life &life = *node.life;
        if (oneIn(2) && runs(node)) { // it stops, in order
            life.registry.close([] {});
            life.store.settle();
        }
        for (const auto &[id, socket] : life.sockets)
            gone(node, id);
        breakLink(node);
        node.life.reset();
        node.frozenUntil = 0;
    }
    void breakLink(SimulatedNode &node)
    {
        Life &life = *node.life;
        if (!life.store.isUp())
            return;
        life.commandsDue.clear();
        life.answersDue.clear();
        if (runs(node))
            life.registry.storeDown();
        for (const auto &command : life.store.breakLink())
            if (oneIn(2))
                m_late.push_back({m_step + m_chance.below(uint64_t(latest / step)), command});
        node.disturbed = m_now;
    }
    void mend(SimulatedNode &node)
    {
        node.life->store.mendLink();
        node.life->registry.storeUp();
    }
    void disaster()
    {
        if (oneIn(2))
            m_server.replicate();
        if (!oneIn(120))
            return;
        for (SimulatedNode &node : m_nodes) {
            if (node.life)
                breakLink(node);
            node.disturbed = m_now;
        }
        m_disasterAt = m_now;
        if (oneIn(3)) {
            m_server.forget();
            return;
        }
        m_server.failOver();
        if (oneIn(2)) // the replica's clock is apart
            m_server.advance(oneIn(2) ? 60s : -60s);
    }

    // What happens in one step.

    void pass(bool clientsAct)
    {
        m_now += step;
        m_server.advance(step);
        for (SimulatedNode &node : m_nodes) {
            node.clock.advance(step);
            if (!node.life)
                continue;
            deliver(node);
            if (!runs(node))
                continue;
            if (node.frozenUntil == m_step && node.frozenUntil > 0)
                node.disturbed = m_now;
            for (const SocketId &id : std::exchange(node.life->close, {}))
                superseded(node, id);
            if (clientsAct)
                act(node);
            node.life->registry.tick();
            schedule(node);
        }
        for (auto it = m_late.begin(); it != m_late.end();) {
            if (it->first > m_step) {
                ++it;
                continue;
            }
            it->second->perform();
            it = m_late.erase(it);
        }
    }
    /// Links deliver in order, each command and answer after a delay of its own.
    void deliver(SimulatedNode &node)
    {
        Life &life = *node.life;
        schedule(node);
        while (!life.commandsDue.empty() && life.commandsDue.front() <= m_step) {
            life.commandsDue.pop_front();
            life.store.perform();
            life.answersDue.push_back(m_step + m_chance.below(mostSteps + 1));
        }
        if (!runs(node))
            return;
        size_t due = life.answersDue.size();
        for (; due > 0 && life.answersDue.front() <= m_step; --due) {
            life.answersDue.pop_front();
            life.store.answer();
        }
        if (life.answersDue.empty() && life.store.commands() == 0)
            while (life.store.busy()) // refusals, which no server gave
                life.store.answer();
        schedule(node);
    }
    void schedule(SimulatedNode &node)
    {
        Life &life = *node.life;
        while (life.commandsDue.size() < life.store.commands())
            life.commandsDue.push_back(m_step + 1 + m_chance.below(mostSteps));
    }
    void act(SimulatedNode &node)
    {
        Life &life = *node.life;
        const SocketId id = ids[m_chance.below(ids.size())];
        const auto open = life.sockets.find(id);
        switch (m_chance.below(8)) {
        case 0:
            if (open == life.sockets.end() && (holders(id) == 0 || oneIn(3)))
                enter(node, id);
            break;
        case 1:
            if (open != life.sockets.end()) {
                life.sockets.erase(open);
                gone(node, id);
                life.registry.left("g", id);
            }
            break;
        case 2:
            if (open != life.sockets.end()) {
                open->second.tags = {std::to_string(m_chance.below(100))};
                life.registry.changed("g", id, open->second.tags);
            }
            break;
        default:
            break;
        }
    }
    void enter(SimulatedNode &node, const SocketId &id)
    {
        const RegisteredSocket socket{
            id,           std::chrono::floor<std::chrono::milliseconds>(node.clock.wall()),
            WallTime(1s), {"a"},
            "ann",        "127.0.0.1:1"};
        node.life->sockets[id] = socket;
        node.openedAt[id] = m_now;
        node.life->registry.entered("g", socket);
        m_goneAt.erase({node.name, id});
    }
    void gone(SimulatedNode &node, const SocketId &id)
    {
        m_goneAt[{node.name, id}] = m_now;
        m_ended.insert(id);
    }
    void superseded(SimulatedNode &node, const SocketId &id)
    {
        if (node.life->sockets.erase(id) == 0)
            return;
        m_goneAt[{node.name, id}] = m_now;
        node.life->registry.left("g", id);
        EXPECT_TRUE(m_ended.contains(id) || holders(id) > 0) << "all sockets with an id were closed";
    }
    size_t holders(const SocketId &id) const
    {
        size_t count = 0;
        for (const SimulatedNode &node : m_nodes)
            count += node.life && node.life->sockets.contains(id) ? 1 : 0;
        return count;
    }

    // What must hold.

    /// No row of a socket that was gone for longer than its node's lease and what a command takes.
    void expectNoGhosts()
    {
        const auto lease = m_now - m_disasterAt < 3 * options.lease ? 2 * options.lease : options.lease;
        const auto &gateway = m_server.gateways["g"];
        for (const NodeId &node : m_server.nodes("g", "nobody")) {
            const auto rows = gateway.rows.find(node);
            if (rows == gateway.rows.end())
                continue;
            for (const auto &[id, row] : rows->second) {
                const auto goneAt = m_goneAt.find({node, id});
                if (goneAt == m_goneAt.end())
                    continue;
                const SteadyTime since = std::max(goneAt->second, m_disasterAt);
                EXPECT_LE(m_now - since, lease + latest + calmDelay)
                    << "step " << m_step << ": " << node << " still shows " << id.view();
            }
        }
    }
    /// All is up, and has been for a while: whatever is open is seen.
    void expectAllThatAreOpen()
    {
        for (const SimulatedNode &node : m_nodes) {
            const auto calmSince = node.disturbed + options.renewEvery + options.retryAfter + 2 * calmDelay;
            if (!node.life || !node.life->store.isUp() || m_now < calmSince)
                continue;
            for (const auto &[id, socket] : node.life->sockets) {
                if (m_now - node.openedAt.at(id) < calmDelay)
                    continue;
                const std::vector<NodeId> found = m_server.find("g", "nobody", id);
                EXPECT_NE(std::find(found.begin(), found.end(), node.name), found.end())
                    << "step " << m_step << ": nobody sees " << id.view() << " of " << node.name;
            }
        }
    }
    void calmDown()
    {
        for (SimulatedNode &node : m_nodes) {
            if (node.life && !node.life->store.isUp() && runs(node))
                mend(node);
            node.frozenUntil = 0;
        }
        const size_t until = m_step + size_t((2 * options.lease + latest) / step);
        for (; m_step < until; ++m_step) {
            for (SimulatedNode &node : m_nodes)
                if (node.life && !node.life->store.isUp())
                    mend(node);
            pass(false);
        }
    }
    void expectTruth(SimulatedNode &asked)
    {
        if (!asked.life)
            return;
        std::map<SocketId, RegisteredSocket> truth;
        std::set<NodeId> withSockets;
        for (const SimulatedNode &node : m_nodes) {
            if (!node.life || &node == &asked)
                continue;
            truth.insert(node.life->sockets.begin(), node.life->sockets.end());
            if (!node.life->sockets.empty())
                withSockets.insert(node.name);
        }
        Life &life = *asked.life;
        EXPECT_EQ(life.registry.unwritten(), 0u);
        std::map<SocketId, RegisteredSocket> seen;
        std::vector<NodeId> nodes;
        life.registry.list("g", {}, 100, {}, [&](const Result<RegisteredPage> &page) {
            ASSERT_TRUE(page);
            for (const RegisteredSocket &socket : page->sockets)
                seen.emplace(socket.id, socket);
        });
        life.registry.nodes("g", [&](const Result<std::vector<NodeId>> &found) {
            ASSERT_TRUE(found);
            nodes = *found;
        });
        life.store.settle();
        EXPECT_EQ(seen, truth);
        EXPECT_EQ(std::set<NodeId>(nodes.begin(), nodes.end()), withSockets);
    }

    Chance m_chance;
    const bool m_disasters;
    FakeRegistryServer m_server;
    SimulatedNode m_nodes[3];
    size_t m_lives = 0;
    size_t m_step = 0;
    SteadyTime m_now{1h};
    SteadyTime m_disasterAt{};
    std::deque<std::pair<size_t, std::shared_ptr<FakeLink::Command>>>
        m_late; ///< commands of broken links, and when
    std::map<std::pair<NodeId, SocketId>, SteadyTime> m_goneAt;
    std::set<SocketId> m_ended; ///< ids of sockets that ended by themselves
};

class RegistrySimulationTest : public ::testing::TestWithParam<bool>
{};

TEST_P(RegistrySimulationTest, EachNodeSeesWhatTheOthersHave)
{
    forEachSeed(10000, [](uint64_t seed) {
        if ((seed % 2 == 1) == GetParam()) // half of them each
            RegistrySimulation(seed, GetParam()).run();
    });
}

INSTANTIATE_TEST_SUITE_P(Disasters, RegistrySimulationTest, ::testing::Bool());

} // namespace
} // namespace mws::test
