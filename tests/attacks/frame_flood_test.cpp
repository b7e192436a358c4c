#include "attack_test.h"

#include <algorithm>
#include <ostream>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

/// Frames without end, and the code of the Close that ends it.
struct Flood
{
    const char *name;
    std::string begin;
    std::string block; ///< again and again
    int code;          ///< 0: it is allowed, and goes on until the test ends it
};

void PrintTo(const Flood &flood, std::ostream *stream)
{
    *stream << flood.name;
}

std::string frames(const std::vector<WireFrame> &some)
{
    std::string once;
    for (const WireFrame &frame : some)
        once += frameText(frame);
    std::string result;
    while (result.size() < 64 * kibibyte)
        result += once;
    return result;
}

const WireFrame beginning{.opcode = Opcode::Text, .fin = false};
const WireFrame emptyPart{.opcode = Opcode::Continuation, .fin = false};
const WireFrame part{.opcode = Opcode::Continuation, .payload = "a", .fin = false};
const WireFrame ping{.opcode = Opcode::Ping, .payload = "ping"};

const Flood floods[] = {
    {"Pings", "", frames({ping}), 1008},
    {"LongPings", "", frames({{.opcode = Opcode::Ping, .payload = std::string(125, 'a')}}), 1008},
    {"Pongs", "", frames({{.opcode = Opcode::Pong}}), 1008},
    {"EmptyFragments", frameText(beginning), frames({emptyPart}), 1008},
    {"Fragments", frameText(beginning), frames({part}), 1008},
    {"PingsAmongFragments", frameText(beginning), frames({part, ping}), 1008},
    {"LongFragments", frameText(beginning),
     frames({{.opcode = Opcode::Continuation, .payload = std::string(32 * kibibyte, 'a'), .fin = false}}),
     1009},
    {"LongMessages", "", frames({{.opcode = Opcode::Binary, .payload = std::string(60 * kibibyte, 'a')}}), 0},
    {"TinyMessages", "", frames({{.opcode = Opcode::Text, .payload = "a"}}), 0},
    {"EmptyMessages", "", frames({{.opcode = Opcode::Text}}), 0},
    {"Closes", "", frames({{.opcode = Opcode::Close, .payload = closePayload(1000)}}), 1000},
    {"Unmasked", "", frames({{.opcode = Opcode::Text, .payload = "a", .masked = false}}), 1002},
    {"HugeFrame", std::string("\x82\xff\x00\x00\x00\x7f\xff\xff\xff\xff\x01\x02\x03\x04", 14),
     std::string(64 * kibibyte, 'a'), 1009},
};

class FrameFlood : public AttackTest, public testing::WithParamInterface<Flood>
{};

std::string closeBytes(int code)
{
    return {char(code >> 8), char(code & 255)};
}

} // namespace

/// 100 sockets flood as fast as they can; the others' messages arrive meanwhile.
TEST_P(FrameFlood, EndsWithItsCodeAndLeavesTheOthersAlone)
{
    const Flood &flood = GetParam();
    const auto block = std::make_shared<const std::string>(flood.block);
    SwarmScript script;
    script.connected = [&](SwarmPeer &peer) { // the flood comes in right behind the handshake
        peer.send(upgradeText + flood.begin);
        peer.flood(block);
    };
    Swarm swarm(gateway.endpoint(), script);
    const LatencyProbe::Question question = healthyDelivery(gateway.endpoint());
    startMeasuring();
    LatencyProbe deliveries(question, 20ms);
    EXPECT_EQ(attackAgainAndAgain(swarm, scaled(100), flood.code ? 10s : 1s), flood.code != 0);
    const Latencies delivered = deliveries.stop();
    EXPECT_EQ(delivered.failures, 0U);
    const auto told = std::count_if(swarm.peers().begin(), swarm.peers().end(), [&](const auto &peer) {
        return peer->beginning().find(closeBytes(flood.code)) != std::string::npos;
    });
    EXPECT_EQ(swarm.answered(101), swarm.begun());
    EXPECT_EQ(size_t(told), flood.code ? swarm.begun() : 0);
    measured("sockets", swarm.begun());
    measured("sent", mebibytes(swarm.sent()));
    measured("delivery p99", milliseconds(delivered.p99));
    EXPECT_LT(delivered.p99, sanitized ? 1000ms : 100ms);
    expectBounds(10s, 128 * mebibyte);
}

INSTANTIATE_TEST_SUITE_P(Of, FrameFlood, testing::ValuesIn(floods),
                         [](const auto &test) { return std::string(test.param.name); });

} // namespace mws::test
