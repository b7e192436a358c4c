#include "attack_test.h"

#include <algorithm>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

std::shared_ptr<const std::string> manyTimes(std::string_view request)
{
    std::string block;
    while (block.size() < 64 * kibibyte)
        block += request;
    return std::make_shared<const std::string>(block);
}

/// What is not read is given up after 3 s instead of the 75 s by default.
class Pipelining : public AttackTest
{
protected:
    Pipelining() : AttackTest(openGateway({{"MWS_HTTP_IDLE_TIMEOUT", "3s"}})) {}

    /// 100 connections that send `request` without end, and never read.
    void floodUnread(std::string_view request)
    {
        const auto flood = manyTimes(request);
        SwarmScript script;
        script.connected = [&](SwarmPeer &peer) {
            peer.stopReading();
            peer.flood(flood);
        };
        Endpoint endpoint = gateway.endpoint();
        endpoint.receiveBuffer = 16 * kibibyte; // else the kernel takes some 30 MB for each
        Swarm swarm(endpoint, script);
        startMeasuring();
        const auto begun = std::chrono::steady_clock::now();
        swarm.connect(scaled(100));
        EXPECT_TRUE(swarm.runUntil([&] { return swarm.ended() == swarm.begun(); }, 60s));
        const auto took = std::chrono::steady_clock::now() - begun;
        EXPECT_EQ(swarm.endedBy(SwarmPeer::End::Reset), swarm.begun());
        measured("connections", swarm.begun());
        measured("all gone after", seconds(took));
        measured("sent", mebibytes(swarm.sent()));
        expectBounds(30s, 64 * mebibyte);
        expectDescriptorsReleased(3s);
    }
};

} // namespace

TEST_F(Pipelining, WhatIsNotReadIsBoundedAndEnds)
{
    floodUnread(getText);
}

TEST_F(Pipelining, InterimAnswersThatAreNotReadAreBoundedAndEnd)
{
    floodUnread("POST /v1/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                "Expect: 100-continue\r\n\r\n0\r\n\r\n");
}

/// Who reads may go on for ever, and keeps nobody waiting.
TEST_F(Pipelining, LeavesTheOthersTheirTurn)
{
    const auto flood = manyTimes(getText);
    SwarmScript script;
    script.connected = [&](SwarmPeer &peer) { peer.flood(flood); };
    Swarm swarm(gateway.endpoint(), script);
    startMeasuring();
    swarm.connect(scaled(100));
    swarm.runFor(4s);
    EXPECT_EQ(swarm.open(), swarm.begun());
    EXPECT_TRUE(std::all_of(swarm.peers().begin(), swarm.peers().end(),
                            [](const auto &peer) { return peer->beginning().starts_with("HTTP/1.1 200 "); }));
    measured("connections", swarm.begun());
    measured("answers", mebibytes(swarm.received()));
    expectBounds(10s, 64 * mebibyte);
    swarm.closeAll();
    expectDescriptorsReleased(3s);
}

} // namespace mws::test
