#include "attack_test.h"

#include <algorithm>
#include <array>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

/// 4,000 of CONTRACT.md's deadlines of 10 s at once.
class SlowRequests : public AttackTest
{
protected:
    /// Begins 4,000 requests; `begin` is what all send, and `drip` what each kind of them sends at each tick.
    void run(const std::string &begin, const std::vector<std::string> &drips, std::chrono::milliseconds tick)
    {
        std::vector<size_t> sentOf(scaled(4000));
        SwarmScript script;
        script.tick = tick;
        script.connected = [&](SwarmPeer &peer) { peer.send(begin); };
        script.ticked = [&](SwarmPeer &peer) {
            const std::string &drip = drips[peer.index() % drips.size()];
            if (!drip.empty())
                peer.send(drip.substr(sentOf[peer.index()]++ % drip.size(), 1));
        };
        Swarm swarm(gateway.endpoint(), script);
        startMeasuring();
        swarm.connect(scaled(4000));
        ASSERT_TRUE(swarm.runUntil([&] { return swarm.ended() == swarm.begun(); }, 30s));
        EXPECT_EQ(swarm.answered(408), swarm.begun());
        EXPECT_EQ(swarm.endedBy(SwarmPeer::End::Closed), swarm.begun());
        expectGoneInTime(swarm);
        expectDescriptorsReleased(2s);
    }

private:
    void expectGoneInTime(const Swarm &swarm)
    {
        std::chrono::nanoseconds first = 1h;
        std::chrono::nanoseconds last{0};
        for (const auto &peer : swarm.peers()) {
            const std::chrono::nanoseconds lived = peer->ended() - peer->connected();
            first = std::min(first, lived);
            last = std::max(last, lived);
        }
        measured("connections", swarm.begun());
        measured("first gone after", seconds(first));
        measured("last gone after", seconds(last));
        EXPECT_GE(first, 9500ms);
        EXPECT_LE(last, sanitized ? 15s : 11s);
    }
};

} // namespace

TEST_F(SlowRequests, HeadsAreGoneInTenSeconds)
{
    // One stops, one drips a field's value, one drips whole fields, so that there is always more to parse.
    run("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", {"", "a", "\r\na:"}, 100ms);
    expectBounds(20s, 64 * mebibyte);
}

TEST_F(SlowRequests, BodiesAreGoneInTenSeconds)
{
    // One stops, the other keeps to the letter of "10 s without a byte" and is far below the least rate.
    run("POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n{", {"", " "}, 1s);
    expectBounds(20s, 64 * mebibyte);
}

TEST_F(SlowRequests, ChunkedBodiesAreGoneInTenSeconds)
{
    run("POST /v1/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
        {"", "1\r\n \r\n", "1;a=b\r\n \r\n"}, 100ms);
    expectBounds(20s, 64 * mebibyte);
}

} // namespace mws::test
