#include "socket_registry_test.h"

#include <gmock/gmock.h>

namespace mws::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(SocketRegistryTest, ShowsTheSocketsOfOthersAndNotItsOwn)
{
    a.enter('1');
    a.enter('3');
    b.enter('2');
    a.tick();
    b.tick();
    EXPECT_EQ(a.list(), "2");
    EXPECT_EQ(b.list(), "13");
    EXPECT_EQ(b.find('1'), "a");
    EXPECT_EQ(b.find('2'), "none");
    EXPECT_THAT(b.nodes(), ElementsAre("a"));
    EXPECT_THAT(a.told, IsEmpty());
}

TEST_F(SocketRegistryTest, WritesAllChangesOfATickAtOnce)
{
    for (char letter = 'a'; letter <= 'z'; ++letter)
        a.enter(letter);
    a.tick();
    EXPECT_EQ(a.store.writes, 1u);
    a.tick();
    EXPECT_EQ(a.store.writes, 1u);
    a.leave('a');
    a.registry.changed("g", idOf('b'), {"new"});
    a.registry.changed("g", idOf('z'), {"new"});
    a.tick();
    EXPECT_EQ(a.store.writes, 2u);
    EXPECT_THAT(a.store.lastWrite.rows, SizeIs(2));
    EXPECT_THAT(a.store.lastWrite.removed, ElementsAre(idOf('a')));
    EXPECT_EQ(b.list("new"), "bz");
}

TEST_F(SocketRegistryTest, PagesTellWhetherThereIsMore)
{
    for (char letter = 'a'; letter <= 'h'; ++letter)
        a.enter(letter, {letter % 2 == 0 ? "even" : "odd"});
    a.tick();
    EXPECT_EQ(b.list({}, 5), "abcde+");
    EXPECT_EQ(b.list({}, 3, idOf('e').string()), "fgh");
    EXPECT_EQ(b.list({}, 8), "abcdefgh");
    EXPECT_EQ(b.list("even", 2), "bd+");
    EXPECT_EQ(b.list("even", 4), "bdfh");
    EXPECT_EQ(b.list("none", 4), "");
}

TEST_F(SocketRegistryTest, ADeadNodesSocketsAreGoneAfterItsLease)
{
    a.enter('1');
    a.tick();
    advance(14900ms);
    EXPECT_EQ(b.list(), "1");
    EXPECT_EQ(b.find('1'), "a");
    advance(200ms);
    EXPECT_EQ(b.list(), "");
    EXPECT_EQ(b.find('1'), "none");
    EXPECT_THAT(b.nodes(), IsEmpty());
}

TEST_F(SocketRegistryTest, RenewsItsLeaseEveryFiveSeconds)
{
    a.enter('1');
    for (int i = 0; i < 600; ++i) {
        a.tick();
        advance(100ms);
        ASSERT_EQ(b.list(), "1");
    }
    EXPECT_EQ(a.store.writes, 12u);
    EXPECT_EQ(a.registry.timesLost(), 0u);
}

TEST_F(SocketRegistryTest, TheNewerOfTwoSocketsWithOneIdStays)
{
    a.enter('1');
    a.tick();
    b.enter('1');
    b.tick();
    EXPECT_THAT(b.told, ElementsAre("have 1 before a"));
    EXPECT_THAT(a.told, IsEmpty());
    advance(5s);
    a.tick(); // learns that there is something to look at
    a.tick();
    EXPECT_THAT(a.told, ElementsAre("close 1 for b"));
    a.leave('1');
    a.tick();
    EXPECT_EQ(a.list(), "1");
    EXPECT_EQ(b.list(), "");
}

TEST_F(SocketRegistryTest, TheOlderOneLearnsAtOnceWhenItChecks)
{
    a.enter('1');
    a.tick();
    b.enter('1');
    b.tick();
    a.registry.check("g", idOf('1'));
    a.tick();
    EXPECT_THAT(a.told, ElementsAre("close 1 for b"));
    b.registry.check("g", idOf('1'));
    b.tick();
    EXPECT_THAT(b.told, ElementsAre("have 1 before a", "have 1 before a"));
}

TEST_F(SocketRegistryTest, WhichIsNewerStaysWhenTheStoreForgets)
{
    a.enter('1');
    a.tick();
    b.enter('1');
    b.tick();
    b.told.clear();
    server.forget();
    b.registry.storeUp();
    b.store.settle();
    a.registry.storeUp(); // writes after b, and is the older one all the same
    a.store.settle();
    EXPECT_THAT(a.told, ElementsAre("close 1 for b"));
    EXPECT_THAT(b.told, IsEmpty());
}

TEST_F(SocketRegistryTest, AFrozenNodeLearnsThatItsSocketWasOpenedElsewhere)
{
    a.enter('1');
    a.tick();
    advance(20s);
    b.enter('1');
    b.tick();
    EXPECT_THAT(b.told, IsEmpty());
    a.tick();
    EXPECT_THAT(a.told, ElementsAre("close 1 for b"));
}

TEST_F(SocketRegistryTest, AnIdThatIsOpenedAgainHereStaysUntilBothHaveLeft)
{
    a.enter('1', {"old"});
    a.tick();
    advance(1s);
    a.enter('1', {"new"});
    a.leave('1');
    a.tick();
    EXPECT_EQ(b.list("new"), "1");
    a.leave('1');
    a.leave('1');
    a.tick();
    EXPECT_EQ(b.list(), "");
}

TEST_F(SocketRegistryTest, AnnouncesBeforeTheFirstSocketOpens)
{
    std::optional<bool> announced;
    a.registry.announce("g", [&](const Result<void> &result) { announced = bool(result); });
    EXPECT_FALSE(announced);
    a.store.settle();
    EXPECT_EQ(announced, true);
    EXPECT_THAT(b.nodes(), ElementsAre("a"));
    // It costs nothing while there is a lease.
    announced.reset();
    a.registry.announce("g", [&](const Result<void> &result) { announced = bool(result); });
    EXPECT_EQ(announced, true);
    EXPECT_EQ(a.store.writes, 1u);
    // Nobody came.
    advance(10s);
    a.tick();
    EXPECT_THAT(b.nodes(), IsEmpty());
    EXPECT_EQ(a.registry.gateways(), 0u);
}

TEST_F(SocketRegistryTest, ANodeWithoutSocketsIsNamedForAWhile)
{
    a.enter('1');
    a.tick();
    a.leave('1');
    for (int i = 0; i < 99; ++i) {
        a.tick();
        EXPECT_THAT(b.nodes(), ElementsAre("a"));
        advance(100ms);
    }
    EXPECT_EQ(b.list(), "");
    advance(100ms);
    a.tick();
    EXPECT_THAT(b.nodes(), IsEmpty());
    a.enter('2');
    a.tick();
    EXPECT_EQ(b.list(), "2");
}

TEST_F(SocketRegistryTest, GivesUpItsLeasesWhenTheNodeStops)
{
    a.enter('1');
    a.enter('2', {}, "h");
    a.tick();
    bool closed = false;
    a.registry.close([&] { closed = true; });
    EXPECT_FALSE(closed);
    a.store.settle();
    EXPECT_TRUE(closed);
    EXPECT_EQ(b.list(), "");
    EXPECT_THAT(b.nodes(), IsEmpty());
    a.enter('3');
    a.tick();
    EXPECT_EQ(b.list(), "");
    bool announced = true;
    a.registry.announce("g", [&](const Result<void> &result) { announced = bool(result); });
    EXPECT_FALSE(announced);
}

TEST_F(SocketRegistryTest, WritesManySocketsInSeveralStepsOneAfterTheOther)
{
    RegistryNode c{server, clock, "c", {.rowsPerWrite = 10}};
    for (int i = 0; i < 95; ++i)
        c.registry.entered("g", {SocketId::random(), clock.wall(), clock.wall(), {}, {}, {}});
    c.registry.tick();
    EXPECT_EQ(c.store.commands(), 1u);
    c.store.settle();
    EXPECT_EQ(c.store.writes, 10u);
    EXPECT_EQ(server.gateways["g"].rows["c"].size(), 95u);
    server.forget();
    c.registry.storeUp();
    c.store.settle();
    EXPECT_EQ(server.gateways["g"].rows["c"].size(), 95u);
}

TEST_F(SocketRegistryTest, WritesFewGatewaysAtATimeAndAllInTurn)
{
    RegistryNode c{server, clock, "c", {.writesAtOnce = 4}};
    for (int i = 0; i < 30; ++i)
        c.enter('1', {}, "g" + std::to_string(i));
    c.registry.tick();
    EXPECT_EQ(c.store.commands(), 4u);
    c.store.settle();
    EXPECT_EQ(c.store.writes, 30u);
    EXPECT_EQ(c.registry.unwritten(), 0u);
}

TEST_F(SocketRegistryTest, SkipsRowsOfAnotherVersion)
{
    a.enter('1');
    a.enter('2');
    a.tick();
    server.gateways["g"].rows["a"][idOf('1')].body[0] = 9;
    EXPECT_EQ(b.list(), "2");
    EXPECT_EQ(b.find('1'), "a");
}

TEST_F(SocketRegistryTest, HandlersDoNotComeAfterItsEnd)
{
    bool called = false;
    FakeRegistryStore store(server);
    auto registry = std::make_unique<SocketRegistry>(store, "c", clock, a);
    registry->announce("g", [&](const Result<void> &) { called = true; });
    registry->nodes("g", [&](const Result<std::vector<NodeId>> &) { called = true; });
    registry->list("g", {}, 10, {}, [&](const Result<RegisteredPage> &) { called = true; });
    registry->find("g", idOf('1'), [&](const Result<std::optional<NodeId>> &) { called = true; });
    registry.reset();
    store.settle();
    EXPECT_FALSE(called);
}
} // namespace
} // namespace mws::test
