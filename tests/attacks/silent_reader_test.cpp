#include "attack_test.h"

#include <algorithm>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

/// Sockets get back what they send.
class SilentReaders : public AttackTest
{
protected:
    SilentReaders() : AttackTest(openGateway({{"MWS_GATEWAY_CLIENT_MESSAGES", "echo"}})) {}
    bool isAnyOpen() { return backend.get("/sockets?limit=1").body.find("\"id\"") != std::string::npos; }
};

constexpr std::string_view tooSlow = "\x03\xf5the client reads too slowly";

} // namespace

/// 200 sockets take what each was sent alone into queues of 1 MiB, and then 1013.
TEST_F(SilentReaders, AreClosedWith1013AndTheOthersServed)
{
    const std::string message =
        frameText({.opcode = Opcode::Binary, .payload = std::string(30 * kibibyte, 'a')});
    std::vector<std::string> last(scaled(200));
    SwarmScript script;
    script.connected = [](SwarmPeer &peer) { peer.send(upgradeText); };
    script.received = [&](SwarmPeer &peer, std::string_view bytes) {
        std::string &tail = last[peer.index()];
        tail += bytes.substr(bytes.size() - std::min<size_t>(bytes.size(), 64));
        tail.erase(0, tail.size() - std::min<size_t>(tail.size(), 64));
    };
    Endpoint endpoint = gateway.endpoint();
    endpoint.receiveBuffer = 16 * kibibyte; // so that it is the gateway that holds what is not read
    Swarm swarm(endpoint, script);
    ASSERT_TRUE(openSockets(swarm, scaled(200)));
    EXPECT_TRUE(isAnyOpen());
    startMeasuring();
    for (const auto &peer : swarm.peers()) {
        peer->stopReading();
        peer->flood(std::make_shared<const std::string>(message));
    }
    EXPECT_TRUE(swarm.runUntil([&] { return !isAnyOpen(); }, 20s)) << "sockets that never read are open";
    for (const auto &peer : swarm.peers()) {
        peer->stopFlood();
        peer->readAgain();
    }
    EXPECT_TRUE(swarm.runUntil([&] { return swarm.ended() == swarm.begun(); }, 10s));
    const auto told = std::count_if(last.begin(), last.end(),
                                    [](const std::string &tail) { return tail.ends_with(tooSlow); });
    EXPECT_EQ(size_t(told), swarm.begun());
    measured("sockets", swarm.begun());
    measured("closed with 1013", told);
    // A queue of 1 MiB and a message for each, and what the memory allocator keeps of it.
    expectBounds(15s, scaled(200) * mebibyte * 5 / 4);
    expectDescriptorsReleased(3s);
}

/// One message for all waits in 200 queues as one copy.
TEST_F(SilentReaders, ShareWhatWaitsForAll)
{
    SwarmScript script;
    script.connected = [](SwarmPeer &peer) { peer.send(upgradeText); };
    Endpoint endpoint = gateway.endpoint();
    endpoint.receiveBuffer = 16 * kibibyte;
    Swarm swarm(endpoint, script);
    ASSERT_TRUE(openSockets(swarm, scaled(200)));
    for (const auto &peer : swarm.peers())
        peer->stopReading();
    startMeasuring();
    const std::string text(100 * kibibyte, 'a');
    size_t messages = 0;
    const Deadline deadline(20s);
    while (isAnyOpen() && deadline.left() > 0) {
        backend.sendToAll(text);
        ++messages;
    }
    measured("sockets", swarm.begun());
    measured("messages of 100 KiB", messages);
    EXPECT_LT(messages, 100U);
    expectBounds(15s, 64 * mebibyte);
}

} // namespace mws::test
