#include "attack_test.h"

namespace mws::test {

using namespace std::chrono_literals;

class Descriptors : public AttackTest
{
protected:
    size_t warnings() const { return timesIn(gateway.log(), "no descriptors left"); }
};

/// 600 want to connect where 300 descriptors are all that there is.
TEST_F(Descriptors, RunOutWithoutASpinAndAreUsedAgainWithinASecond)
{
    constexpr size_t limit = 300;
    const LatencyProbe::Question delivered = healthyDelivery(gateway.endpoint());
    startMeasuring(); // with its own connections
    ASSERT_TRUE(probe.limitDescriptors(limit));
    SwarmScript script;
    script.connected = [](SwarmPeer &peer) { peer.send(getText); };
    Swarm swarm(gateway.endpoint(), script);
    swarm.connect(2 * limit);
    ASSERT_TRUE(swarm.runUntil([&] { return probe.descriptors() == limit && warnings() > 0; }, 5s));
    LatencyProbe deliveries(delivered, 20ms);
    swarm.runFor(1s);
    expectBounds(3s, 32 * mebibyte); // those that were there are served
    EXPECT_EQ(deliveries.stop().failures, 0U);

    ASSERT_TRUE(swarm.runUntil([&] { return probe.descriptors() == limit; }, 5s)); // the probes' are taken
    swarm.runFor(200ms);
    const auto cpu = probe.cpu();
    const size_t before = swarm.answered(200);
    swarm.runFor(3s);
    const auto spent = probe.cpu() - cpu;
    EXPECT_EQ(swarm.answered(200), before);
    EXPECT_EQ(swarm.ended(), 0U);
    EXPECT_LT(spent, sanitized ? 1000ms : 100ms); // of 3 s
    EXPECT_EQ(warnings(), 1U);                    // of both workers

    size_t released = 0;
    for (const auto &peer : swarm.peers()) {
        if (peer->received() > 0 && released < limit / 3) {
            peer->close();
            ++released;
        }
    }
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(swarm.runUntil([&] { return swarm.answered(200) >= before + released; }, 5s));
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_LT(took, 1s);
    measured("descriptors", limit);
    measured("CPU of 3 s without any", milliseconds(spent));
    measured("warnings", warnings());
    measured("released", released);
    measured("as many accepted after", milliseconds(took));
}

} // namespace mws::test
