#include "attack_test.h"

#include <algorithm>

namespace mws::test {

using namespace std::chrono_literals;

class Storm : public AttackTest
{};

TEST_F(Storm, FiveThousandConnectsAtOnceAreAllAnswered)
{
    SwarmScript script;
    script.connected = [](SwarmPeer &peer) { peer.send(getText); };
    Swarm swarm(gateway.endpoint(), script);
    startMeasuring();
    const auto begun = std::chrono::steady_clock::now();
    swarm.connect(scaled(5000));
    EXPECT_TRUE(swarm.runUntil([&] { return swarm.answered(200) + swarm.ended() >= swarm.begun(); }, 20s));
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_EQ(swarm.answered(200), swarm.begun());
    EXPECT_EQ(swarm.ended(), 0U);
    EXPECT_LT(took, 5s);
    measured("connections", swarm.begun());
    measured("all answered after", seconds(took));
    expectBounds(5s, 256 * mebibyte);
    swarm.closeAll();
    expectDescriptorsReleased(2s);
}

} // namespace mws::test
