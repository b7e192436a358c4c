#include "config/gateway_store.h"

#include "support/fake_clock.h"

#include <QFile>
#include <QTemporaryDir>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A node of a cluster. What Redis does is done here.
class GatewayStoreSharedTest : public testing::Test
{
protected:
    GatewayStoreSharedTest() { m_config = configOf("one"); }

    ServiceConfig configOf(const std::string &folder) const
    {
        ServiceConfig config;
        config.redis.url = "redis://127.0.0.1:1";
        config.server.stateDir = m_folder.path().toStdString() + "/" + folder;
        return config;
    }
    std::unique_ptr<GatewayStore> open(const ServiceConfig &config)
    {
        auto store = GatewayStore::open(config, m_clock);
        EXPECT_TRUE(store) << store.error().detail;
        return *std::move(store);
    }
    /// What `store` brings along, as the first state of a cluster.
    static SharedGatewayState seedOf(const GatewayStore &store)
    {
        SharedGatewayState state = store.ownState();
        state.epoch = "epoch";
        state.nonce = "first";
        return state;
    }
    static GatewayStore::Adopted adopt(GatewayStore &store, const SharedGatewayState &state)
    {
        auto adopted = store.adopt(std::make_shared<const SharedGatewayState>(state));
        EXPECT_TRUE(adopted) << adopted.error().detail;
        return adopted ? *std::move(adopted) : GatewayStore::Adopted{};
    }
    /// As Redis makes it.
    static SharedGatewayState with(const SharedGatewayState &state, const GatewayChange &change)
    {
        return changed(state,
                       {{change.id, change.stored ? storedGatewayJson(*change.stored) : std::string()}},
                       "nonce" + std::to_string(state.version), false);
    }
    static std::string keyOf(const GatewayStore &store, const GatewayId &id = "default")
    {
        return store.table()->find(id)->signingKeys.at(0).bytes;
    }

    QTemporaryDir m_folder;
    test::FakeClock m_clock;
    ServiceConfig m_config;
};

} // namespace

TEST_F(GatewayStoreSharedTest, WritesNoKeyOfItsOwnBeforeTheClusterHasIt)
{
    auto store = open(m_config);
    EXPECT_TRUE(store->isShared());
    EXPECT_FALSE(std::filesystem::exists(gatewayStatePath(m_config.server.stateDir)));
    const SharedGatewayState own = store->ownState();
    EXPECT_TRUE(own.fresh);
    EXPECT_EQ(own.epoch, "");
    EXPECT_THAT(own.gateways, SizeIs(1));
    const std::string key = keyOf(*store);
    EXPECT_THAT(adopt(*store, seedOf(*store)).removed, IsEmpty());
    EXPECT_EQ(keyOf(*store), key);
    EXPECT_TRUE(std::filesystem::exists(gatewayStatePath(m_config.server.stateDir)));
}

TEST_F(GatewayStoreSharedTest, TakesTheClustersKeysAndGatewaysInPlaceOfItsOwn)
{
    auto one = open(m_config);
    const SharedGatewayState seed = seedOf(*one);
    adopt(*one, seed);
    auto two = open(configOf("two"));
    ASSERT_NE(keyOf(*two), keyOf(*one));
    const auto made = one->planCreation(R"({"id":"players","name":"Players"})");
    ASSERT_TRUE(made);
    EXPECT_EQ(one->table()->find("players"), nullptr); // a plan changes nothing
    const SharedGatewayState next = with(seed, *made);
    adopt(*one, next);
    adopt(*two, next);
    EXPECT_EQ(keyOf(*two), keyOf(*one));
    EXPECT_EQ(two->table()->find("players")->settings.name, "Players");
    EXPECT_TRUE(two->table()->find("players")->isSecurityToken(made->securityToken, m_clock.wall()));
    EXPECT_EQ(two->table()->find("players")->signingKeys[0].bytes, keyOf(*one, "players"));
}

TEST_F(GatewayStoreSharedTest, KeyThatTheClusterLacksIsThisNodesAndNothingIsInForceUntilItIsShared)
{
    SharedGatewayState state;
    state.epoch = state.nonce = "e";
    state.version = 3;
    auto store = open(m_config);
    const auto table = store->table();
    const auto missing = adopt(*store, state).missingKeys;
    ASSERT_THAT(missing, SizeIs(1));
    EXPECT_EQ(store->table(), table);
    adopt(*store, changed(state, missing, "n", true));
    EXPECT_NE(store->table(), table);
    EXPECT_EQ(keyOf(*store), table->find("default")->signingKeys[0].bytes);

    ServiceConfig named = configOf("named");
    named.gateway.signingKey = SigningKey{std::string(40, 'k'), std::nullopt};
    auto configured = open(named);
    EXPECT_THAT(configured->ownState().gateways, IsEmpty());
    EXPECT_THAT(adopt(*configured, state).missingKeys, IsEmpty());
    EXPECT_EQ(keyOf(*configured), std::string(40, 'k'));
}

TEST_F(GatewayStoreSharedTest, UnchangedGatewaysStayTheSameAndThoseMadeAnewAreOthers)
{
    auto store = open(m_config);
    SharedGatewayState state = seedOf(*store);
    adopt(*store, state);
    state = with(state, *store->planCreation(R"({"id":"players"})"));
    adopt(*store, state);
    const auto before = store->table();
    const auto byDefault = before->find("default");
    const auto players = before->find("players");

    state = with(state, *store->planConfiguration("players", R"({"name":"x"})"));
    EXPECT_THAT(adopt(*store, state).removed, IsEmpty());
    EXPECT_EQ(store->table()->find("default"), byDefault);
    EXPECT_EQ(store->table()->find("players")->serial, players->serial);
    EXPECT_EQ(store->table()->find("players")->settings.name, "x");

    SharedGatewayState again = with(state, *store->planRemoval("players"));
    auto other = open(configOf("other"));
    adopt(*other, again);
    again = with(again, *other->planCreation(R"({"id":"players"})"));
    const auto adopted = adopt(*store, again); // did not see it go
    ASSERT_THAT(adopted.removed, SizeIs(1));
    EXPECT_EQ(adopted.removed[0]->serial, players->serial);
    EXPECT_NE(store->table()->find("players")->serial, players->serial);
    EXPECT_EQ(store->table()->find("players")->settings.name, "");
}

TEST_F(GatewayStoreSharedTest, WhatCannotBeReadChangesNothingAndShowsNoSecret)
{
    auto store = open(m_config);
    SharedGatewayState state = seedOf(*store);
    adopt(*store, state);
    const auto table = store->table();
    const auto refusal = [&](const std::string &json) {
        const auto adopted = store->adopt(
            std::make_shared<const SharedGatewayState>(changed(state, {{"players", json}}, "n", false)));
        return adopted ? std::string() : adopted.error().detail;
    };
    EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
    EXPECT_THAT(refusal("{}"), HasSubstr("players"));
    EXPECT_THAT(refusal(R"({"created":true},"x":{"created":true})"), HasSubstr("expected a gateway"));
    EXPECT_THAT(refusal(R"({"created":true,"configuration":{"unheard":1}})"), HasSubstr("unheard"));
    const std::string bad = refusal(R"({"created":true,"signingKeys":[{"key":"c2VjcmV0"}]})");
    EXPECT_THAT(bad, HasSubstr("signingKeys"));
    EXPECT_EQ(bad.find("c2VjcmV0"), std::string::npos);
    EXPECT_EQ(store->table(), table);
}

TEST_F(GatewayStoreSharedTest, CopyTellsWhatItIsACopyOf)
{
    SharedGatewayState state;
    {
        auto store = open(m_config);
        state = seedOf(*store);
        adopt(*store, state);
        state = with(state, *store->planCreation(R"({"id":"players"})"));
        state = with(state, GatewayChange{.id = "gone", .stored = std::nullopt, .gateway = nullptr});
        adopt(*store, state);
    }
    const SharedGatewayState own = open(m_config)->ownState();
    EXPECT_EQ(own.epoch, state.epoch);
    EXPECT_EQ(own.nonce, state.nonce);
    EXPECT_EQ(own.version, state.version);
    EXPECT_EQ(own.fresh, state.fresh);
    EXPECT_EQ(own.gateways, state.gateways);
}

TEST_F(GatewayStoreSharedTest, FileOfAnotherHistoryIsKeptAside)
{
    ServiceConfig alone = m_config;
    alone.redis.url.clear();
    ASSERT_TRUE(open(alone)->create(R"({"id":"mine"})"));
    auto store = open(m_config);
    EXPECT_FALSE(store->ownState().fresh);
    auto other = open(configOf("other"));
    const auto warnings = adopt(*store, seedOf(*other)).warnings;
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("gateways.json.replaced")));
    EXPECT_EQ(store->table()->find("mine"), nullptr);
    EXPECT_TRUE(std::filesystem::exists(gatewayStatePath(m_config.server.stateDir).string() + ".replaced"));
}

TEST_F(GatewayStoreSharedTest, WhatDoesNotFitTheFileOfThisNodeIsTakenBackAndSaid)
{
    auto one = open(m_config);
    SharedGatewayState state = seedOf(*one);
    adopt(*one, state);
    state = with(state, *one->planConfiguration("default", R"({"anonymousSockets":{"enabled":true}})"));
    adopt(*one, state);
    EXPECT_TRUE(one->table()->find("default")->settings.anonymousSockets.enabled);
    ServiceConfig guarded = configOf("guarded");
    guarded.gateway.settings.accessControl = AccessControl::Custom;
    auto two = open(guarded);
    EXPECT_THAT(adopt(*two, state).warnings, ElementsAre(HasSubstr("opens no anonymous sockets")));
    EXPECT_FALSE(two->table()->find("default")->settings.anonymousSockets.enabled);
}

} // namespace mws
