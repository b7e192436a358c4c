#include "attack_test.h"
#include "network_namespace.h"

#include <algorithm>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

/// What a peer was at when it vanished.
enum Kind : size_t {
    Idle,          ///< between two requests
    AnswersUnread, ///< more answers than the kernel takes
    Socket,
    OtherSocket, ///< messages go to half of both
    JustConnected,
    HalfHead,
    HalfBody,
    Kinds
};
constexpr size_t Patient = JustConnected; ///< kinds that the gateway leaves alone for a minute
constexpr size_t Hasty = Kinds - Patient; ///< those that it cuts off after 10 s

class VanishedPeers : public AttackTest
{
protected:
    const size_t each = scaled(30); // under sanitizers the floods would outlast the deadline of a head

    /// The first ones are patient.
    void begin(SwarmPeer &peer) const
    {
        const size_t patient = each * Patient;
        const size_t kind = peer.index() < patient ? peer.index() % Patient : Patient + peer.index() % Hasty;
        switch (Kind(kind)) {
        case JustConnected:
            return;
        case HalfHead:
            return peer.send(getText.substr(0, getText.size() / 2));
        case HalfBody:
            return peer.send("POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
        case Idle:
            return peer.send(getText);
        case AnswersUnread:
            peer.stopReading();
            return peer.flood(std::make_shared<const std::string>(getText));
        case Socket:
        case OtherSocket:
            return peer.send(upgradeText);
        case Kinds:
            return;
        }
    }
    std::vector<std::string> openSockets()
    {
        constexpr std::string_view mark = "\"id\":\"";
        constexpr size_t idLength = 32;
        const std::string list = backend.get("/sockets").body;
        std::vector<std::string> ids;
        for (size_t at = list.find(mark); at != std::string::npos; at = list.find(mark, at + 1))
            ids.push_back(list.substr(at + mark.size(), idLength));
        return ids;
    }
};

} // namespace

/// No FIN, no RST, no acknowledgement, no pong: 210 peers are gone 75 s after they vanished.
TEST_F(VanishedPeers, AreGoneInSeventyFiveSeconds)
{
    SwarmScript script;
    script.connected = [this](SwarmPeer &peer) { begin(peer); };
    Endpoint endpoint = gateway.endpoint();
    endpoint.source = NetworkNamespace::peerAddress();
    endpoint.receiveBuffer = 16 * kibibyte;
    Swarm swarm(endpoint, script);
    EXPECT_TRUE(openSockets().empty());
    startMeasuring();
    swarm.connect(each * Patient);
    ASSERT_TRUE(
        swarm.runUntil([&] { return swarm.answered(200) == each && swarm.answered(101) == 2 * each; }, 10s));
    // The floods come to a stop, and what has arrived of them is answered: also where others want the
    // processor.
    for (int quiet = 0; quiet < 4 && !HasFailure();) {
        const std::chrono::microseconds before = probe.cpu();
        swarm.runFor(500ms);
        quiet = probe.cpu() - before > 200ms ? 0 : quiet + 1;
    }
    swarm.connect(each * Hasty);
    swarm.runFor(500ms);
    measured("vanished peers", swarm.open());
    measured("by", NetworkNamespace::isPrivate() ? "losing their address"
                                                 : "silence (no right to a network of its own)");
    EXPECT_EQ(swarm.open(), each * Kinds);
    std::vector<std::string> half = openSockets();
    ASSERT_EQ(half.size(), 2 * each);
    half.resize(each);
    NetworkNamespace::cut();

    const auto begun = std::chrono::steady_clock::now();
    const auto vanishedFor = [&] { return std::chrono::steady_clock::now() - begun; };
    backend.sendTo(R"({"sockets":)" + jsonStrings(half) + '}', std::string(200 * kibibyte, 'a'));
    constexpr auto longest = 76s + 1s; // 75 s, a turn of the deadline wheel, and what a busy machine adds
    expectDescriptorsReleased(longest);
    measured("all gone after", seconds(vanishedFor()));
    EXPECT_LT(vanishedFor(), longest);
    EXPECT_TRUE(openSockets().empty());
    expectBounds(20s, 64 * mebibyte);
}

} // namespace mws::test

int main(int argc, char *argv[])
{
    testing::InitGoogleTest(&argc, argv);
    mws::test::NetworkNamespace::enter();
    return RUN_ALL_TESTS();
}
