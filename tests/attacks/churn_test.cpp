#include "attack_test.h"

namespace mws::test {

namespace {

using namespace std::chrono_literals;

constexpr size_t connects = scaled(200000);
constexpr size_t warm = scaled(60000);
constexpr size_t atOnce = 400;

/// What each does once it is connected; half of them ask something.
enum Kind : size_t {
    Leaves,           ///< FIN at once
    Resets,           ///< RST at once
    AbortsHead,       ///< RST in the middle of a head
    AbortsHandshake,  ///< a whole handshake, and RST before its answer
    Asks,             ///< a request, its answer, FIN
    AsksAndResets,    ///< a request, and RST before its answer
    Posts,            ///< a request with a body in two parts, its answer, FIN
    OpensAndVanishes, ///< a WebSocket, and RST once it is open
    Kinds
};

const std::string postHead = "POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n";
const std::string postBody = R"({"data":"a","receivers":{}})";

void begin(SwarmPeer &peer)
{
    switch (Kind(peer.index() % Kinds)) {
    case Leaves:
        return peer.close();
    case Resets:
        return peer.reset();
    case AbortsHead:
        peer.send(getText.substr(0, getText.size() / 2));
        return peer.reset();
    case AbortsHandshake:
        peer.send(upgradeText);
        return peer.reset();
    case AsksAndResets:
        peer.send(getText);
        return peer.reset();
    case Asks:
        return peer.send(getText);
    case Posts:
        peer.send(postHead + "{");
        return;
    case OpensAndVanishes:
        return peer.send(upgradeText);
    case Kinds:
        return;
    }
}

class Churn : public AttackTest
{};

} // namespace

TEST_F(Churn, LeavesNothingBehind)
{
    size_t answered = 0;
    SwarmScript script;
    script.tick = 1ms;
    script.connected = begin;
    script.ticked = [](SwarmPeer &peer) {
        if (peer.index() % Kinds == Posts && peer.sent() == postHead.size() + 1)
            peer.send(std::string_view(postBody).substr(1));
    };
    script.received = [&](SwarmPeer &peer, std::string_view) {
        ++answered;
        peer.index() % Kinds == OpensAndVanishes ? peer.reset() : peer.close();
    };
    Swarm swarm(gateway.endpoint(), script);
    startMeasuring();
    const auto begun = std::chrono::steady_clock::now();
    size_t resident = 0;
    const auto churn = [&](size_t until) {
        while (swarm.begun() < until && !HasFailure()) {
            swarm.connect(std::min(until - swarm.begun(), atOnce - (swarm.begun() - swarm.ended())));
            EXPECT_TRUE(swarm.runUntil([&] { return swarm.begun() - swarm.ended() < atOnce / 2; }, 10s));
            swarm.forgetEnded();
        }
        EXPECT_TRUE(swarm.runUntil([&] { return swarm.ended() == swarm.begun(); }, 10s));
        expectDescriptorsReleased(3s);
        resident = probe.residentBytes();
    };
    churn(warm);
    const size_t before = resident;
    churn(connects);
    measured("connects", swarm.begun());
    measured("per second",
             double(swarm.begun()) /
                 std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    measured("resident after " + std::to_string(warm), mebibytes(before));
    measured("resident after " + std::to_string(connects), mebibytes(resident));
    EXPECT_EQ(answered, swarm.begun() / Kinds * 3);
    EXPECT_EQ(swarm.endedBy(SwarmPeer::End::Reset) + swarm.endedBy(SwarmPeer::End::Timeout), 0U);
    if (!sanitized) {
        EXPECT_LE(resident, before + before / 20);
    }
    expectBounds(120s, 64 * mebibyte);
}

} // namespace mws::test
