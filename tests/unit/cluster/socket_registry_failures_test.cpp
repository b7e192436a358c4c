#include "socket_registry_test.h"

#include <gmock/gmock.h>

namespace mws::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

/// The store is away, loses what it had, or refuses.
class SocketRegistryFailures : public SocketRegistryTest
{};

TEST_F(SocketRegistryFailures, AFrozenNodeWritesItsSocketsAgain)
{
    a.enter('1');
    a.enter('2');
    a.tick();
    advance(20s);
    EXPECT_EQ(b.list(), "");
    a.tick();
    EXPECT_EQ(b.list(), "12");
    EXPECT_EQ(a.registry.timesLost(), 1u);
}

TEST_F(SocketRegistryFailures, AStoreThatForgotGetsAllAgainWhenItIsBack)
{
    a.enter('1');
    a.enter('2');
    a.tick();
    disconnect(a);
    server.forget();
    reconnect(a);
    EXPECT_EQ(b.list(), "12");
    EXPECT_EQ(a.registry.unwritten(), 0u);
}

TEST_F(SocketRegistryFailures, AStoreThatForgotAndDidNotSaySoGetsAllAgainWithTheNextRenewal)
{
    a.enter('1');
    a.tick();
    server.forget();
    advance(4900ms);
    a.tick();
    EXPECT_EQ(b.list(), "");
    advance(100ms);
    a.tick();
    EXPECT_EQ(b.list(), "1");
}

TEST_F(SocketRegistryFailures, AFailoverThatLostWritesIsNoticed)
{
    a.enter('1');
    a.tick();
    server.replicate();
    a.enter('2');
    a.leave('1');
    a.tick();
    server.failOver();
    EXPECT_EQ(b.list(), "1");
    advance(5s);
    a.tick();
    EXPECT_EQ(b.list(), "2");
}

TEST_F(SocketRegistryFailures, KeepsChangesWhileTheStoreIsAway)
{
    a.enter('1');
    a.enter('2');
    a.tick();
    disconnect(a);
    a.leave('1');
    a.enter('3');
    a.registry.changed("g", idOf('2'), {"new"});
    a.tick();
    EXPECT_EQ(b.list(), "12");
    reconnect(a);
    EXPECT_EQ(b.list(), "23");
    EXPECT_EQ(b.list("new"), "2");
}

TEST_F(SocketRegistryFailures, WhatCameAndWentWhileTheStoreWasAwayLeavesNothing)
{
    disconnect(a);
    for (int i = 0; i < 1000; ++i) {
        const SocketId id = SocketId::random();
        a.registry.entered("g", {id, clock.wall(), clock.wall(), {}, {}, {}});
        a.registry.left("g", id);
        a.tick();
    }
    EXPECT_EQ(a.registry.unwritten(), 0u);
    reconnect(a);
    EXPECT_EQ(b.list(), "");
}

TEST_F(SocketRegistryFailures, AWriteWhoseFateIsUnknownIsRepeatedWhole)
{
    a.enter('1');
    a.enter('2');
    a.registry.tick();
    a.store.perform(); // done, and the answer gets lost
    disconnect(a);
    a.leave('2');
    reconnect(a);
    EXPECT_EQ(b.list(), "1");
    EXPECT_EQ(a.registry.timesLost(), 0u);
}

TEST_F(SocketRegistryFailures, AWriteThatIsDoneLateChangesNothing)
{
    a.enter('1');
    a.registry.tick();
    a.registry.storeDown();
    const auto late = a.store.breakLink();
    a.leave('1');
    a.enter('2');
    reconnect(a);
    ASSERT_THAT(late, SizeIs(1));
    late.front()->perform();
    EXPECT_EQ(b.list(), "2");
}

TEST_F(SocketRegistryFailures, ARefusedWriteIsTriedAgainASecondLater)
{
    a.enter('1');
    a.store.refuseNext = true;
    a.tick();
    a.tick();
    EXPECT_EQ(a.store.writes, 1u);
    advance(1s);
    a.tick();
    EXPECT_EQ(a.store.writes, 2u);
    EXPECT_EQ(b.list(), "1");
}

TEST_F(SocketRegistryFailures, AnnouncesWaitForTheStoreForAWhile)
{
    disconnect(a);
    std::optional<bool> announced;
    const auto announce = [&] {
        announced.reset();
        a.registry.announce("g", [&](const Result<void> &result) { announced = bool(result); });
        a.tick();
    };
    announce();
    advance(1900ms);
    a.tick();
    EXPECT_FALSE(announced);
    advance(100ms);
    a.tick();
    EXPECT_EQ(announced, false);
    announce();
    reconnect(a);
    EXPECT_EQ(announced, true);
}

TEST_F(SocketRegistryFailures, ClosesAtOnceWhereTheStoreIsAway)
{
    a.enter('1');
    a.tick();
    disconnect(a);
    bool closed = false;
    a.registry.close([&] { closed = true; });
    EXPECT_TRUE(closed);
}

TEST_F(SocketRegistryFailures, IsUnavailableWithoutTheStore)
{
    disconnect(b);
    EXPECT_EQ(b.list(), "unavailable");
    EXPECT_EQ(b.find('1'), "unavailable");
    EXPECT_THAT(b.nodes(), ElementsAre("unavailable"));
}
} // namespace
} // namespace mws::test
