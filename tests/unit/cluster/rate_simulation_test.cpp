#include "cluster/rate_share.h"
#include "fake_rate_store.h"
#include "simulation.h"
#include "support/fake_clock.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

// Nodes that share the rate of a gateway, with loads, delays and lost answers that a seed decides. Whatever
// happens, no more passes within any time than RateShare says, and where one node has enough to do all the
// time, the rate is used.

namespace mws {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::Chance;

constexpr milliseconds step{25};
constexpr milliseconds length{3000};

/// What all nodes let pass, and the most of it beyond the rate within any time.
class Passed
{
public:
    explicit Passed(uint64_t perSecond) : m_perSecond(double(perSecond)) {}
    void add(SteadyTime now, uint64_t count)
    {
        const double allowed = m_perSecond * std::chrono::duration<double>(now.time_since_epoch()).count();
        m_least = m_total == 0 ? -allowed : std::min(m_least, double(m_total) - allowed);
        m_total += count;
        m_excess = std::max(m_excess, double(m_total) - allowed - m_least);
    }
    uint64_t total() const { return m_total; }
    double excess() const { return m_excess; }

private:
    const double m_perSecond;
    uint64_t m_total = 0;
    double m_least = 0; ///< of what had passed before some moment, less what was allowed by then
    double m_excess = 0;
};

struct World
{
    explicit World(Chance &chance, uint64_t perSecond) : chance(chance), passed(perSecond) {}
    Chance &chance;
    test::FakeClock clock;
    test::FakeRateServer server{clock};
    Passed passed;
    uint64_t largest = 1;   ///< number of messages that passed at once
    milliseconds oldest{0}; ///< D: the age of what was told, when its answer was there
    bool lossy = false;
    milliseconds longestDelay{0};
};

class Node
{
public:
    Node(World &world, const Gateway &gateway)
        : m_world(world),
          m_gateway(gateway),
          m_rates(world.clock),
          m_store(world.server),
          m_share(m_rates, m_store, world.clock),
          m_nextTick(world.clock.now() + milliseconds(world.chance.below(RateShare::interval.count()) + 1))
    {}

    void saturate()
    {
        m_load = 3;
        m_changes = false;
    }
    void step()
    {
        travel();
        while (m_world.clock.now() >= m_nextTick) {
            m_share.tick();
            m_told = m_load == 0;
            m_nextTick += RateShare::interval;
        }
        if (m_changes && m_world.chance.oneIn(25))
            m_load = m_world.chance.below(4);
        work();
    }
    /// No more load; true if all was told and answered.
    bool settle()
    {
        m_changes = false;
        m_load = 0;
        step();
        return m_told && m_store.told.empty();
    }
    bool used() const { return m_used; }

private:
    /// Nothing, a message now and then, a batch now and then, more than any rate here.
    void work()
    {
        Chance &chance = m_world.chance;
        if (m_load == 1 && chance.oneIn(5))
            take(1);
        else if (m_load == 2 && chance.oneIn(20))
            take(1 + chance.below(40));
        else if (m_load == 3)
            while (take(1)) {
            }
    }
    bool take(uint64_t count)
    {
        m_used = true;
        if (m_rates.take(GatewayRate::Messages, m_gateway, count))
            return false;
        m_world.passed.add(m_world.clock.now(), count);
        m_world.largest = std::max(m_world.largest, count);
        return true;
    }
    /// What is on its way goes on.
    void travel()
    {
        if (m_store.told.empty()) {
            m_arrives = {};
            return;
        }
        const SteadyTime now = m_world.clock.now();
        if (m_arrives == SteadyTime()) {
            m_since = now - m_store.told.front().report.rates[size_t(GatewayRate::Messages)].age;
            m_lost = m_world.lossy && m_losses < 2 && m_world.chance.oneIn(4);
            m_arrives = now + delay();
        }
        if (now < m_arrives)
            return;
        if (!m_store.told.front().debts && !(m_lost && m_world.chance.oneIn(2))) {
            m_store.perform();
            m_arrives = now + delay();
            return;
        }
        m_losses = m_lost ? m_losses + 1 : 0;
        m_arrives = {};
        m_store.answer(m_lost);
        if (!m_lost)
            m_world.oldest =
                std::max(m_world.oldest, std::chrono::duration_cast<milliseconds>(now - m_since) + mws::step);
    }
    milliseconds delay() { return milliseconds(m_world.chance.below(m_world.longestDelay.count() + 1)); }

    World &m_world;
    const Gateway &m_gateway;
    GatewayRates m_rates;
    test::FakeRateStore m_store;
    RateShare m_share;
    SteadyTime m_nextTick;
    SteadyTime m_arrives{}; ///< at the server, or back; none: nothing was sent
    SteadyTime m_since{};   ///< when the first of it was taken
    bool m_lost = false;
    int m_losses = 0;
    uint64_t m_load = 0;
    bool m_changes = true;
    bool m_told = false; ///< it was asked what there is to tell since there is no more load
    bool m_used = false;
};

/// Until all was told; false if that never happens.
bool settle(World &world, const std::vector<std::unique_ptr<Node>> &nodes)
{
    const SteadyTime end = world.clock.now() + 10s;
    for (bool all = false; !all && world.clock.now() < end; world.clock.advance(step)) {
        all = true;
        for (const auto &node : nodes)
            all &= node->settle();
    }
    return world.clock.now() < end;
}

void simulate(uint64_t seed)
{
    Chance chance(seed);
    Gateway gateway;
    gateway.id = "g";
    Limits &limits = gateway.settings.limits;
    limits.messagesPerSecond = std::array<uint64_t, 4>{1, 5, 20, 100}[chance.below(4)];
    limits.burst = std::array<std::chrono::seconds, 3>{1s, 2s, 5s}[chance.below(3)];
    World world(chance, limits.messagesPerSecond);
    world.lossy = chance.oneIn(3);
    world.longestDelay = std::array<milliseconds, 3>{0ms, 20ms, 120ms}[chance.below(3)];
    std::vector<std::unique_ptr<Node>> nodes;
    for (uint64_t count = 1 + chance.below(5); nodes.size() < count;)
        nodes.push_back(std::make_unique<Node>(world, gateway));
    const bool busy = chance.oneIn(2);
    if (busy)
        nodes[0]->saturate();
    const SteadyTime end = world.clock.now() + length;
    for (; world.clock.now() < end; world.clock.advance(step))
        for (const auto &node : nodes)
            node->step();
    const double rate = double(limits.messagesPerSecond);
    if (busy && !world.lossy) { // what was told twice counts twice
        EXPECT_GE(double(world.passed.total()), 0.8 * rate * std::chrono::duration<double>(length).count());
    }
    EXPECT_TRUE(settle(world, nodes));
    uint64_t used = 0;
    for (const auto &node : nodes)
        used += node->used();
    const double burst =
        std::max(rate * std::chrono::duration<double>(limits.burst).count(), double(world.largest));
    const double late = std::chrono::duration<double>(world.oldest).count();
    EXPECT_LE(world.passed.excess(), double(used) * (burst + rate * late) + 1e-3)
        << used << " nodes, rate " << rate << ", burst " << burst << ", D " << late;
}

TEST(RateSimulation, NoMorePassesThanIsDocumented)
{
    test::forEachSeed(5000, simulate);
}

} // namespace
} // namespace mws
