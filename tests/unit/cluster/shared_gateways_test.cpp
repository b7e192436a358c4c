#include "cluster/shared_gateways.h"
#include "fake_gateway_store.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

namespace mws::test {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Gateways = std::map<GatewayId, std::string>;

class Node final : public SharedGatewaysOwner
{
public:
    Node(FakeGatewayServer &server, const Clock &clock, SharedGatewayState own,
         SharedGateways::Options options = {})
        : store(server),
          logic(
              store, *this, clock, std::move(own),
              [] {
                  static int last = 0;
                  return "w" + std::to_string(++last);
              },
              options)
    {
        logic.storeUp();
        settle();
    }
    void gatewaysChanged(std::shared_ptr<const SharedGatewayState> state) override
    {
        told = std::move(state);
        ++changes;
    }
    void gatewaysRefused(const std::string &reason) override { refusals.push_back(reason); }

    void settle()
    {
        while (store.busy()) {
            store.perform();
            store.answer();
        }
    }
    /// JSON by id, of those that are not removed.
    Gateways gateways() const
    {
        Gateways all;
        if (told)
            for (const auto &[id, gateway] : told->gateways)
                if (!gateway.json.empty())
                    all.emplace(id, gateway.json);
        return all;
    }
    void change(const Gateways &wanted, bool keysOnly = false)
    {
        logic.change({told->nonce, wanted, keysOnly},
                     [this](SharedGatewaysChanged result, const Error &error) {
                         results.push_back(result);
                         lastError = error;
                     });
    }
    /// The link breaks, and is mended.
    void reconnect(bool isLate = false)
    {
        store.breakLink(isLate);
        logic.storeDown();
        store.mendLink();
        logic.storeUp();
        settle();
    }

    FakeGatewayStore store;
    SharedGateways logic;
    std::shared_ptr<const SharedGatewayState> told;
    int changes = 0;
    std::vector<std::string> refusals;
    std::vector<SharedGatewaysChanged> results;
    Error lastError;
};

class SharedGatewaysTest : public ::testing::Test
{
protected:
    using Changed = SharedGatewaysChanged;

    std::unique_ptr<Node> start(const Gateways &own = {}, bool fresh = false)
    {
        SharedGatewayState state;
        state.version = 1;
        state.fresh = fresh;
        for (const auto &[id, json] : own)
            state.gateways[id] = {1, json};
        return std::make_unique<Node>(server, clock, state);
    }
    void poll(Node &node)
    {
        clock.advance(milliseconds(250));
        node.logic.tick();
        node.settle();
    }

    FakeClock clock;
    FakeGatewayServer server;
};

TEST_F(SharedGatewaysTest, EmptyStoreIsGivenWhatTheFirstNodeHas)
{
    const auto one = start({{"a", "1"}});
    EXPECT_THAT(one->gateways(), ElementsAre(std::pair("a", "1")));
    const auto two = start({{"b", "2"}});
    EXPECT_THAT(two->gateways(), ElementsAre(std::pair("a", "1")));
    EXPECT_EQ(headOf(*two->told), headOf(*one->told));
}

TEST_F(SharedGatewaysTest, KeysAloneGiveWayToGateways)
{
    const auto one = start({{"default", "key of one"}}, true);
    const auto two = start({{"default", "key of two"}}, true);
    EXPECT_THAT(two->gateways(), ElementsAre(std::pair("default", "key of one")));
    const auto three = start({{"default", "key of three"}, {"a", "1"}});
    poll(*one);
    EXPECT_EQ(one->gateways(), three->gateways());
    EXPECT_EQ(one->gateways().count("a"), 1u);
}

TEST_F(SharedGatewaysTest, ChangeIsToldHereAtOnceAndElsewhereAfterAPoll)
{
    const auto one = start();
    const auto two = start();
    one->change({{"a", "1"}, {"b", "2"}});
    one->settle();
    EXPECT_THAT(one->results, ElementsAre(Changed::Done));
    EXPECT_EQ(one->gateways().size(), 2u);
    EXPECT_THAT(two->gateways(), IsEmpty());
    poll(*two);
    EXPECT_EQ(two->gateways(), one->gateways());
    two->change({{"a", ""}});
    two->settle();
    poll(*one);
    EXPECT_THAT(one->gateways(), ElementsAre(std::pair("b", "2")));
    const int changes = one->changes;
    poll(*one);
    EXPECT_EQ(one->changes, changes); // nothing new
}

TEST_F(SharedGatewaysTest, ChangeOnAnOlderStateIsSentBackWithTheNewerOne)
{
    const auto one = start();
    const auto two = start();
    one->change({{"a", "1"}});
    one->settle();
    two->change({{"b", "2"}});
    two->settle();
    EXPECT_THAT(two->results, ElementsAre(Changed::Outdated));
    EXPECT_THAT(two->gateways(), ElementsAre(std::pair("a", "1")));
    two->change({{"b", "2"}});
    two->settle();
    EXPECT_THAT(two->results, ElementsAre(Changed::Outdated, Changed::Done));
    poll(*one);
    EXPECT_EQ(one->gateways().size(), 2u);
}

TEST_F(SharedGatewaysTest, ChangeIsRefusedWhileTheStoreIsAway)
{
    const auto one = start({{"a", "1"}});
    one->store.breakLink(false);
    one->logic.storeDown();
    one->change({{"a", "2"}});
    ASSERT_THAT(one->results, ElementsAre(Changed::Refused));
    EXPECT_EQ(one->lastError.code, ErrorCode::Unavailable);
    EXPECT_GT(one->lastError.retryAfter.count(), 0);
    one->change({{"k", "key"}}, true); // waits
    one->reconnect();
    EXPECT_THAT(one->results, ElementsAre(Changed::Refused, Changed::Done));
    EXPECT_EQ(one->gateways(), (Gateways{{"a", "1"}, {"k", "key"}}));
}

TEST_F(SharedGatewaysTest, ChangeOfUnknownFateIsLookedFor)
{
    const auto one = start({{"a", "1"}});
    one->change({{"a", "2"}});
    one->store.perform(); // the answer is lost
    one->store.breakLink(false, true);
    one->settle();
    EXPECT_THAT(one->results, ElementsAre(Changed::Done));
    one->change({{"a", "3"}}); // the command is lost
    one->store.breakLink(false, true);
    one->settle();
    EXPECT_THAT(one->results, ElementsAre(Changed::Done, Changed::Done));
    EXPECT_THAT(one->gateways(), ElementsAre(std::pair("a", "3")));
}

TEST_F(SharedGatewaysTest, LateCommandChangesNothingWhenTheChangeWasMadeAnew)
{
    const auto one = start({{"a", "1"}});
    one->change({{"a", "2"}});
    one->store.breakLink(true, true); // it arrives later
    one->settle();
    EXPECT_THAT(one->results, ElementsAre(Changed::Done));
    const std::string head = server.head();
    poll(*one);
    EXPECT_EQ(server.head(), head);
}

TEST_F(SharedGatewaysTest, StoreThatForgotGetsTheNewestBack)
{
    const auto one = start({{"a", "1"}});
    const auto two = start();
    one->change({{"a", "2"}});
    one->settle();
    server.forget();
    poll(*two); // knows an older state
    poll(*one);
    poll(*two);
    EXPECT_THAT(two->gateways(), ElementsAre(std::pair("a", "2")));
    EXPECT_EQ(parseGatewayFields(server.fields, {})->gateways, one->told->gateways);
}

TEST_F(SharedGatewaysTest, BothSidesOfAFailoverAreKept)
{
    const auto one = start({{"a", "1"}});
    const auto two = start();
    server.replicate();
    one->change({{"b", "one"}});
    one->settle();
    one->change({{"c", "one"}});
    one->settle();
    server.failOver(); // before anybody else saw it
    for (const std::string id : {"d", "e", "f"}) {
        two->change({{id, "two"}});
        two->settle();
    }
    poll(*one);
    poll(*two);
    EXPECT_EQ(one->gateways(),
              (Gateways{{"a", "1"}, {"b", "one"}, {"c", "one"}, {"d", "two"}, {"e", "two"}, {"f", "two"}}));
    EXPECT_EQ(two->gateways(), one->gateways());
}

TEST_F(SharedGatewaysTest, RemovedGatewayDoesNotComeBackFromANodeThatWasAway)
{
    const auto one = start({{"a", "1"}, {"b", "2"}});
    const auto two = start();
    one->change({{"a", ""}});
    one->settle();
    two->reconnect();
    poll(*one);
    EXPECT_EQ(one->gateways(), (Gateways{{"b", "2"}}));
    EXPECT_EQ(two->gateways(), one->gateways());
}

TEST_F(SharedGatewaysTest, ManyRemovalsAreForgottenAndStillDoNotComeBack)
{
    const auto one = start({{"old", "1"}});
    const auto away = start();
    one->change({{"old", ""}});
    one->settle();
    for (int round = 0; round < 20; ++round)
        for (const char *json : {"x", ""}) {
            Gateways some;
            for (int i = 0; i < 100; ++i)
                some["g" + std::to_string(100 * round + i)] = json;
            one->change(some);
            one->settle();
        }
    EXPECT_LT(server.fields.size(), 1100u);
    poll(*away);
    EXPECT_THAT(away->gateways(), IsEmpty());
    EXPECT_EQ(headOf(*away->told), headOf(*one->told));
}

TEST_F(SharedGatewaysTest, OtherHistoryOfTheStoreWins)
{
    const auto one = start({{"a", "1"}});
    server.forget();
    const auto two = start({{"b", "2"}});
    poll(*one);
    EXPECT_EQ(one->gateways(), (Gateways{{"b", "2"}}));
    EXPECT_EQ(two->gateways(), one->gateways());
}

TEST_F(SharedGatewaysTest, WhatAnotherVersionWroteIsRefusedOnceAndLeft)
{
    const auto one = start({{"a", "1"}});
    const GatewayFields good = server.fields;
    server.fields[headField] = "2 and quite other things";
    const GatewayFields other = server.fields;
    poll(*one);
    poll(*one);
    ASSERT_EQ(one->refusals.size(), 1u);
    EXPECT_THAT(one->refusals[0], HasSubstr("another version"));
    one->change({{"a", "2"}});
    one->settle();
    EXPECT_THAT(one->results, ElementsAre(Changed::Refused));
    EXPECT_EQ(server.fields, other);
    const auto two = start({{"b", "2"}});
    EXPECT_EQ(two->told, nullptr);
    EXPECT_EQ(server.fields, other);
    server.fields = good;
    const int changes = one->changes;
    poll(*one);
    EXPECT_EQ(one->changes, changes + 1); // is told anew
    poll(*two);
    EXPECT_EQ(two->gateways(), one->gateways());
}

TEST_F(SharedGatewaysTest, NothingOverTheLimitsIsWrittenOrRead)
{
    SharedGateways::Options options;
    options.limits = {.gateways = 2, .gatewayBytes = 10, .bytes = 15};
    SharedGatewayState own;
    own.version = 1;
    Node node(server, clock, own, options);
    node.change({{"a", "12345678901"}});
    EXPECT_EQ(node.lastError.code, ErrorCode::PayloadTooLarge);
    node.change({{"a", "1234567890"}, {"b", "123456"}});
    EXPECT_EQ(node.lastError.code, ErrorCode::PayloadTooLarge);
    node.change({{"a", "1"}, {"b", "2"}, {"c", "3"}});
    EXPECT_EQ(node.lastError.code, ErrorCode::Unavailable);
    node.settle();
    EXPECT_THAT(node.gateways(), IsEmpty());
    const auto generous = start();
    generous->change({{"a", "12345678901"}});
    generous->settle();
    poll(node);
    ASSERT_EQ(node.refusals.size(), 1u);
    EXPECT_THAT(node.refusals[0], HasSubstr("too large"));
}

TEST(GatewayFields, AreReadAsTheyWereWritten)
{
    SharedGatewayState state;
    state.epoch = "e";
    state.nonce = "n";
    state.version = 7;
    state.floor = 2;
    state.fresh = false;
    state.gateways = {{"a", {7, R"({"x": 1})"}}, {"b", {3, ""}}};
    const auto read = parseGatewayFields(fieldsOf(state), {});
    ASSERT_TRUE(read);
    EXPECT_EQ(headOf(*read), "1 e 7 n 2 0");
    EXPECT_EQ(read->gateways, state.gateways);
}

TEST(GatewayFields, WhatMakesNoSenseIsRefusedWithItsReason)
{
    const auto reason = [](const GatewayFields &fields) {
        const auto read = parseGatewayFields(fields, {});
        return read ? std::string() : read.error().detail;
    };
    EXPECT_THAT(reason({}), HasSubstr("no head"));
    EXPECT_THAT(reason({{"head", "2 e 7 n 2 0"}}), HasSubstr("another version"));
    for (const char *head : {"1", "1 e x n 2 0", "1  7 n 2 0", "1 e 7 n 2 2", "1 e 7 n 2 0 "})
        EXPECT_THAT(reason({{"head", head}}), HasSubstr("head makes no sense")) << head;
    EXPECT_THAT(reason({{"head", "1 e 7 n 2 0"}, {"x", "1 {}"}}), HasSubstr("fields"));
    EXPECT_THAT(reason({{"head", "1 e 7 n 2 0"}, {"g:a", "8 {}"}}), HasSubstr("gateway a"));
    EXPECT_THAT(reason({{"head", "1 e 7 n 2 0"}, {"g:a", "secret"}}), HasSubstr("gateway a"));
    EXPECT_EQ(reason({{"head", "1 e 7 n 2 0"}, {"g:a", "secret"}}).find("secret"), std::string::npos);
}

} // namespace
} // namespace mws::test
