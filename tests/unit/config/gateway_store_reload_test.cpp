#include "config/gateway_store.h"

#include "support/fake_clock.h"

#include <QTemporaryDir>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class GatewayStoreReload : public testing::Test
{
protected:
    GatewayStoreReload()
    {
        m_config.server.stateDir = m_folder.path().toStdString() + "/state";
        add(m_config, "players");
        m_store = *GatewayStore::open(m_config, m_clock);
    }

    static void add(ServiceConfig &config, const GatewayId &id) { config.gateways.emplace_back().id = id; }
    std::shared_ptr<const Gateway> find(const GatewayId &id) const { return m_store->table()->find(id); }
    void reload(const ServiceConfig &config)
    {
        auto plan = m_store->planReload(config);
        ASSERT_TRUE(plan) << plan.error().detail;
        m_store->commit(*std::move(plan));
    }

    QTemporaryDir m_folder;
    test::FakeClock m_clock;
    ServiceConfig m_config;
    std::unique_ptr<GatewayStore> m_store;
};

} // namespace

TEST_F(GatewayStoreReload, PlanAloneChangesNothing)
{
    const auto before = m_store->table();
    ServiceConfig next;
    next.server.stateDir = m_config.server.stateDir;
    next.gateway.id = "main";
    add(next, "new");
    const auto plan = m_store->planReload(next);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->removed.size(), 2u);
    EXPECT_EQ(m_store->table(), before);
    EXPECT_EQ(m_store->planRemoval("players").error().code, ErrorCode::AccessDenied) << "it is configured";
    EXPECT_FALSE(readGatewayState(m_config.server.stateDir)->contains("new"));
}

TEST_F(GatewayStoreReload, NewGatewayHasAKeyThatIsKept)
{
    add(m_config, "new");
    reload(m_config);
    ASSERT_TRUE(find("new"));
    const std::string key = find("new")->signingKeys.at(0).bytes;
    EXPECT_EQ(key.size(), 32u);
    const auto again = *GatewayStore::open(m_config, m_clock);
    EXPECT_EQ(again->table()->find("new")->signingKeys.at(0).bytes, key);
}

TEST_F(GatewayStoreReload, GatewayThatComesBackIsAnotherWithItsOldKeyAndSettings)
{
    ASSERT_TRUE(m_store->configure("players", R"({"name":"Stored"})"));
    const auto before = find("players");
    ServiceConfig without = m_config;
    without.gateways.clear();
    auto plan = m_store->planReload(without);
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->removed.size(), 1u);
    EXPECT_EQ(plan->removed[0], before);
    EXPECT_THAT(plan->warnings.at(0), HasSubstr("players"));
    m_store->commit(*std::move(plan));
    EXPECT_FALSE(find("players"));
    reload(m_config);
    EXPECT_NE(find("players")->serial, before->serial);
    EXPECT_EQ(find("players")->signingKeys.at(0).bytes, before->signingKeys.at(0).bytes);
    EXPECT_EQ(find("players")->settings.name, "Stored");
}

TEST_F(GatewayStoreReload, StaysTheSameGatewayUnderOtherSettings)
{
    const uint32_t serial = find("players")->serial;
    m_config.gateways[0].settings.name = "Renamed";
    m_config.gateways[0].securityToken = SecretDigest("new token");
    auto plan = m_store->planReload(m_config);
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->removed, IsEmpty());
    m_store->commit(*std::move(plan));
    EXPECT_EQ(find("players")->serial, serial);
    EXPECT_EQ(find("players")->settings.name, "Renamed");
    EXPECT_TRUE(find("players")->isSecurityToken("new token", m_clock.wall()));
}

TEST_F(GatewayStoreReload, TokenGraceIsThatOfTheNewConfiguration)
{
    m_config.server.tokenGrace = std::chrono::minutes(1);
    reload(m_config);
    const auto rotated = m_store->rotateSecurityToken("players");
    ASSERT_TRUE(rotated);
    EXPECT_LE(rotated->previousValidUntil, m_clock.wall() + std::chrono::minutes(1));
}

TEST_F(GatewayStoreReload, DefaultGatewayMayGetAnotherId)
{
    m_config.gateway.id = "main";
    reload(m_config);
    EXPECT_EQ(m_store->table()->defaultId, "main");
    EXPECT_FALSE(find("default"));
    EXPECT_TRUE(find("main"));
}

} // namespace mws
