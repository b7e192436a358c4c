#include "cluster/rate_share.h"

#include "fake_rate_store.h"
#include "support/fake_clock.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

using namespace std::chrono_literals;

/// Two nodes, and a gateway with ten messages a second at once.
class RateShareTest : public ::testing::Test
{
protected:
    struct Node
    {
        Node(test::FakeRateServer &server, const Clock &clock, uint32_t serial)
            : rates(clock), store(server), share(rates, store, clock)
        {
            gateway.serial = serial;
            gateway.id = "g";
            gateway.settings.limits.messagesPerSecond = 10;
        }
        bool take(uint64_t count = 1) { return !rates.take(GatewayRate::Messages, gateway, count); }
        uint64_t takeAll()
        {
            uint64_t taken = 0;
            while (take())
                ++taken;
            return taken;
        }
        void sync()
        {
            share.tick();
            store.settle();
        }

        GatewayRates rates;
        test::FakeRateStore store;
        RateShare share;
        Gateway gateway;
    };

    const RateReport::OfRate &messages(const Node &node) const
    {
        return node.store.told.front().report.rates[size_t(GatewayRate::Messages)];
    }

    test::FakeClock clock;
    test::FakeRateServer server{clock};
    Node one{server, clock, 1};
    Node two{server, clock, 7}; // serials are each node's own
};

TEST_F(RateShareTest, NodeIsChargedWhatOthersTook)
{
    EXPECT_TRUE(one.take(6));
    one.sync();
    EXPECT_TRUE(two.take(2));
    two.sync();
    EXPECT_EQ(two.takeAll(), 2u);
    two.sync();
    EXPECT_TRUE(one.take()) << "does not know yet";
    one.sync();
    EXPECT_EQ(one.takeAll(), 0u);
    clock.advance(500ms);
    EXPECT_EQ(one.takeAll(), 4u) << "one was owed";
}

TEST_F(RateShareTest, RateOfOneNodeIsNotChangedByTellingIt)
{
    EXPECT_EQ(one.takeAll(), 10u);
    for (int i = 0; i < 100; ++i) {
        clock.advance(100ms);
        EXPECT_TRUE(one.take()) << i;
        EXPECT_FALSE(one.take()) << i;
        if (i % 3 == 0)
            one.sync();
    }
}

TEST_F(RateShareTest, GatewayThatNobodyUsesCostsNothing)
{
    one.share.tick();
    EXPECT_TRUE(one.store.told.empty());
    one.gateway.settings.limits.messagesPerSecond = 0;
    EXPECT_TRUE(one.take());
    one.share.tick();
    EXPECT_TRUE(one.store.told.empty()) << "has no rate";
    EXPECT_TRUE(two.take());
    two.sync();
    two.share.tick();
    EXPECT_TRUE(two.store.told.empty()) << "once is enough";
}

TEST_F(RateShareTest, RatesThatNobodyAskedForAreLeftAlone)
{
    one.gateway.settings.limits.socketsPerSecond = 5;
    EXPECT_FALSE(one.rates.take(GatewayRate::Sockets, one.gateway, 5));
    one.sync();
    EXPECT_TRUE(two.take());
    two.sync();
    two.gateway.settings.limits.socketsPerSecond = 5;
    EXPECT_FALSE(two.rates.take(GatewayRate::Sockets, two.gateway));
    two.sync();
    EXPECT_TRUE(two.rates.take(GatewayRate::Sockets, two.gateway));
}

TEST_F(RateShareTest, WhoIsRefusedLearnsWhatOthersTook)
{
    EXPECT_EQ(one.takeAll(), 10u);
    EXPECT_EQ(two.takeAll(), 10u);
    one.sync();
    two.sync();
    EXPECT_FALSE(one.take());
    one.sync();
    clock.advance(1s);
    EXPECT_FALSE(one.take()) << "20 were taken where 10 were given";
    clock.advance(100ms);
    EXPECT_TRUE(one.take());
}

TEST_F(RateShareTest, WhatWasTakenWhileTheAnswerIsOnItsWayIsNotForgotten)
{
    EXPECT_TRUE(two.take(2));
    two.sync();
    EXPECT_TRUE(one.take(3));
    one.share.tick();
    one.store.perform();
    EXPECT_TRUE(one.take(2));
    one.share.tick(); // collected, but not told: the answer is still out
    EXPECT_EQ(one.store.told.size(), 1u);
    EXPECT_TRUE(one.take(2));
    one.store.answer();
    EXPECT_EQ(one.takeAll(), 1u) << "2, 3, 2 and 2 of 10";
    one.share.tick();
    ASSERT_EQ(one.store.told.size(), 1u);
    EXPECT_EQ(messages(one).taken, 5u);
    one.store.settle();
    EXPECT_EQ(one.takeAll(), 0u);
}

TEST_F(RateShareTest, ReportWithoutAnAnswerIsToldAgain)
{
    EXPECT_TRUE(one.take(4));
    clock.advance(100ms);
    one.share.tick();
    EXPECT_EQ(messages(one).age, 100ms);
    one.store.answer();
    EXPECT_TRUE(one.take(3));
    clock.advance(200ms);
    one.share.tick();
    EXPECT_EQ(messages(one).taken, 7u);
    EXPECT_EQ(messages(one).age, 300ms);
    one.store.perform();
    one.store.answer(true);
    one.sync(); // it had been entered all the same
    EXPECT_FALSE(one.take()) << "14 less the 3 that have come in since";
}

TEST_F(RateShareTest, StoreThatForgetsGivesNothingBack)
{
    EXPECT_EQ(one.takeAll(), 10u);
    one.sync();
    server.forget();
    EXPECT_FALSE(one.take());
    one.sync();
    EXPECT_FALSE(one.take());
    EXPECT_TRUE(two.take(10));
    two.sync();
    EXPECT_FALSE(one.take());
    one.sync();
    clock.advance(500ms);
    EXPECT_EQ(one.takeAll(), 5u);
}

TEST_F(RateShareTest, WhileTheStoreIsAwayEachNodeKeepsToTheRateByItself)
{
    uint64_t taken[2] = {};
    for (int i = 0; i < 120; ++i) {
        clock.advance(250ms);
        for (Node *node : {&one, &two}) {
            taken[node == &two] += node->takeAll();
            node->share.tick();
            node->store.answer(); // none
        }
    }
    for (const uint64_t each : taken) {
        EXPECT_GE(each, 300u);
        EXPECT_LE(each, 310u);
    }
    for (Node *node : {&one, &two})
        node->sync();
    one.take();
    one.sync();
    clock.advance(2001ms); // two seconds' worth of each, of which the rate has paid one
    EXPECT_TRUE(one.take()) << "30 s on its own are not paid for";
}

TEST_F(RateShareTest, GatewayThatWasRemovedMeanwhileIsForgotten)
{
    EXPECT_EQ(one.takeAll(), 10u);
    one.share.tick();
    one.rates.forget(1);
    one.store.settle();
    EXPECT_TRUE(one.take(10));
}

} // namespace
} // namespace mws
