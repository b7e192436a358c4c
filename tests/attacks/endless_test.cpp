#include "attack_test.h"

#include <algorithm>
#include <future>
#include <ostream>
#include <sys/resource.h>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

/// A request that never ends, and what it must be answered with.
struct Endless
{
    const char *name;
    std::string begin;
    std::string block; ///< again and again
    int status;
    size_t atOnce = 100;
};

void PrintTo(const Endless &endless, std::ostream *stream)
{
    *stream << endless.name;
}

std::string repeated(std::string_view text, size_t bytes)
{
    std::string result;
    while (result.size() < bytes)
        result += text;
    return result;
}

const std::string chunkedHead = "POST /v1/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr size_t block = 64 * kibibyte;

const Endless endlessRequests[] = {
    {"RequestLine", "GET /", repeated("a", block), 414},
    {"Method", "", repeated("A", block), 501},
    {"FieldValue", "GET / HTTP/1.1\r\nHost: a\r\nX: ", repeated("a", block), 431},
    {"Fields", "GET / HTTP/1.1\r\nHost: a\r\n", repeated("X: a\r\n", block), 431},
    {"EmptyLines", "", repeated("\r\n", block), 400},
    {"ContentLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\n\r\n",
     repeated("a", block), 413},
    {"ChunkSize", chunkedHead + "FFFFFFFFFFFFFFF\r\n", repeated("a", block), 413},
    {"ChunkSizeDigits", chunkedHead, repeated("0", block), 400},
    {"Chunks", chunkedHead, repeated("400\r\n" + std::string(1024, 'a') + "\r\n", block), 413},
    {"TinyChunks", chunkedHead, repeated("1\r\na\r\n", block), 413, 20},
    {"ChunkExtension", chunkedHead + "1;a=", repeated("a", block), 400},
    {"ChunkExtensions", chunkedHead, repeated("1;a=" + std::string(250, 'b') + "\r\na\r\n", block), 400},
    {"TrailerValue", chunkedHead + "0\r\nX: ", repeated("a", block), 431},
    {"Trailers", chunkedHead + "0\r\n", repeated("X: a\r\n", block), 431},
    {"Continued",
     "POST /v1/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
     repeated("400\r\n" + std::string(1024, 'a') + "\r\n", block), 413},
};

class EndlessRequest : public AttackTest, public testing::WithParamInterface<Endless>
{};

} // namespace

/// 100 connections send it as fast as they can, and go on when they are refused, until they are cut off.
TEST_P(EndlessRequest, IsRefusedAndCutOff)
{
    const Endless &endless = GetParam();
    const auto flood = std::make_shared<const std::string>(endless.block);
    std::chrono::nanoseconds longest{0};
    SwarmScript script;
    script.connected = [&](SwarmPeer &peer) {
        peer.send(endless.begin);
        peer.flood(flood);
    };
    script.ended = [&](SwarmPeer &peer) {
        longest = std::max<std::chrono::nanoseconds>(longest, peer.ended() - peer.started());
    };
    Swarm swarm(gateway.endpoint(), script);
    startMeasuring();
    const auto attack = [&] {
        ::setpriority(PRIO_PROCESS, 0, 10); // of this thread: real attackers take no core from the gateway
        return attackAgainAndAgain(swarm, scaled(endless.atOnce), 10s);
    };
    EXPECT_TRUE(std::async(std::launch::async, attack).get());
    EXPECT_EQ(swarm.answered(endless.status), swarm.begun());
    measured("connections", swarm.begun());
    measured("longest lived", seconds(longest));
    measured("sent", mebibytes(swarm.sent()));
    // A body is kept up to its limit of 1 MiB, in a string that grows by doubling.
    expectBounds(15s, endless.status == 413 ? 250 * mebibyte : 32 * mebibyte);
    expectDescriptorsReleased(3s);
}

INSTANTIATE_TEST_SUITE_P(Of, EndlessRequest, testing::ValuesIn(endlessRequests),
                         [](const auto &test) { return std::string(test.param.name); });

namespace {

/// A worker may hold 4 MiB of bodies.
class HeldBodies : public AttackTest
{
protected:
    HeldBodies() : AttackTest(openGateway({{"MWS_HTTP_HELD_BYTES", "4MiB"}})) {}
};

} // namespace

/// 200 bodies that are all but a byte there would be 200 MiB.
TEST_F(HeldBodies, AllTogetherAreBounded)
{
    const std::string head = "POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n";
    SwarmScript script;
    script.connected = [&](SwarmPeer &peer) { peer.send(head + std::string(mebibyte - 1, ' ')); };
    Swarm swarm(gateway.endpoint(), script);
    HttpClient small(gateway.endpoint());
    EXPECT_EQ(small.request("GET", "/").status, 200);
    startMeasuring();
    swarm.connect(scaled(200));
    const size_t kept = 8; // 4 MiB for each of two workers
    EXPECT_TRUE(swarm.runUntil([&] { return swarm.answered(503) + kept >= swarm.begun(); }, 8s));
    EXPECT_EQ(small.request("POST", "/v1/messages", R"({"data":"a","receivers":{}})").status, 201);
    measured("bodies of 1 MiB", swarm.begun());
    measured("refused", swarm.answered(503));
    expectBounds(10s, 48 * mebibyte);
    swarm.closeAll();
    expectDescriptorsReleased(3s);
    EXPECT_EQ(small
                  .request("POST", "/v1/messages",
                           R"({"data":")" + std::string(500000, 'a') + R"(","receivers":{}})")
                  .status,
              201); // all was given back
}

} // namespace mws::test
