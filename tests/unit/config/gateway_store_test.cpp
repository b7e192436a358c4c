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

class GatewayStoreTest : public testing::Test
{
protected:
    GatewayStoreTest()
    {
        m_config.server.stateDir = m_folder.path().toStdString() + "/state";
        m_config.gateway.securityToken = SecretDigest("configured");
    }

    std::unique_ptr<GatewayStore> open()
    {
        auto store = GatewayStore::open(m_config, m_clock);
        EXPECT_TRUE(store) << store.error().detail;
        return *std::move(store);
    }

    QByteArray stateFile() const
    {
        QFile file(QString::fromStdString(gatewayStatePath(m_config.server.stateDir).string()));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    /// From now on the state folder cannot be made.
    void blockStateFolder()
    {
        QFile blocker(m_folder.filePath(QStringLiteral("file")));
        EXPECT_TRUE(blocker.open(QIODevice::WriteOnly));
        m_config.server.stateDir = m_folder.path().toStdString() + "/file/state";
    }

    bool passes(const GatewayStore &store, const GatewayId &id, std::string_view token) const
    {
        return store.table()->find(id)->isSecurityToken(token, m_clock.wall());
    }

    QTemporaryDir m_folder;
    test::FakeClock m_clock;
    ServiceConfig m_config;
};

TEST_F(GatewayStoreTest, HasAConsoleOnlyForAnOperator)
{
    EXPECT_EQ(open()->table()->console, nullptr);
    m_config.server.operatorToken = SecretDigest("operator");
    const auto store = open();
    const auto console = store->table()->console;
    ASSERT_NE(console, nullptr);
    ASSERT_TRUE(store->create(R"({"id":"players"})"));
    EXPECT_EQ(store->table()->console, console);
    const auto reserved = store->create(R"({"id":"_console"})");
    ASSERT_FALSE(reserved);
    EXPECT_EQ(reserved.error().property, "id");
    m_config.server.console = false;
    EXPECT_EQ(open()->table()->console, nullptr);
}

} // namespace

TEST_F(GatewayStoreTest, MakesASigningKeyOnceAndKeepsIt)
{
    const std::string key = open()->table()->find("default")->signingKeys.at(0).bytes;
    EXPECT_EQ(key.size(), 32u);
    EXPECT_EQ(open()->table()->find("default")->signingKeys.at(0).bytes, key);
    m_config.gateway.signingKey = SigningKey{std::string(40, 'k'), std::nullopt};
    EXPECT_EQ(open()->table()->find("default")->signingKeys.at(0).bytes, std::string(40, 'k'));
}

TEST_F(GatewayStoreTest, ConfiguresAtOnceAndOverARestart)
{
    m_config.gateway.settings.name = "from the file";
    auto store = open();
    const auto before = store->table();
    const auto gateway = store->configure("default", R"({"name":"stored","limits":{"sockets":7}})");
    ASSERT_TRUE(gateway) << gateway.error().detail;
    EXPECT_EQ((*gateway)->settings.name, "stored");
    EXPECT_EQ((*gateway)->serial, before->find("default")->serial);
    EXPECT_EQ(before->find("default")->settings.name, "from the file");
    EXPECT_EQ(store->table()->find("default"), *gateway);

    store = open();
    EXPECT_EQ(store->table()->find("default")->settings.name, "stored");
    EXPECT_EQ(store->table()->find("default")->settings.limits.sockets, 7u);
    ASSERT_TRUE(store->configure("default", R"({"name":null})"));
    EXPECT_EQ(store->table()->find("default")->settings.name, "from the file");
    EXPECT_EQ(store->table()->find("default")->settings.limits.sockets, 7u);
}

TEST_F(GatewayStoreTest, ChangesNothingOnAWrongBody)
{
    auto store = open();
    const auto table = store->table();
    const QByteArray file = stateFile();
    EXPECT_EQ(store->configure("default", R"({"name":"x","limits":{"sokets":1}})").error().property,
              "limits.sokets");
    EXPECT_EQ(store->configure("default", R"({"name":"x","limits":{"sockets":-1}})").error().property,
              "limits.sockets");
    const auto conflict =
        store->configure("default", R"({"accessControl":"custom","anonymousSockets":{"enabled":true}})");
    EXPECT_EQ(conflict.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(conflict.error().property, "anonymousSockets.enabled");
    EXPECT_EQ(store->configure("nobody", "{}").error().code, ErrorCode::NotFound);
    EXPECT_EQ(store->table(), table);
    EXPECT_EQ(stateFile(), file);
}

TEST_F(GatewayStoreTest, CreatesAndRemovesGateways)
{
    auto store = open();
    const auto made = store->create(R"({"id":"players","accessControl":"custom"})");
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_TRUE(passes(*store, "players", made->securityToken));
    EXPECT_FALSE(passes(*store, "default", made->securityToken));
    EXPECT_EQ(store->create(R"({"id":"players"})").error().code, ErrorCode::Conflict);
    EXPECT_EQ(store->create(R"({"id":"default"})").error().code, ErrorCode::Conflict);
    EXPECT_FALSE(stateFile().contains(QByteArray::fromStdString(made->securityToken)));

    store = open();
    EXPECT_TRUE(passes(*store, "players", made->securityToken));
    EXPECT_EQ(store->table()->find("players")->settings.accessControl, AccessControl::Custom);
    const uint32_t serial = store->table()->find("players")->serial;
    ASSERT_TRUE(store->remove("players"));
    EXPECT_EQ(store->table()->find("players"), nullptr);
    EXPECT_EQ(store->remove("players").error().code, ErrorCode::NotFound);
    EXPECT_EQ(store->remove("default").error().code, ErrorCode::AccessDenied);
    const auto again = store->create(R"({"id":"players"})");
    EXPECT_NE(again->gateway->serial, serial);
    EXPECT_FALSE(passes(*store, "players", made->securityToken));
}

TEST_F(GatewayStoreTest, InventsAnIdOfSixteenLowerCaseCharacters)
{
    const auto made = open()->create("");
    ASSERT_TRUE(made);
    EXPECT_THAT(made->gateway->id, testing::MatchesRegex("[a-z0-9]+"));
    EXPECT_EQ(made->gateway->id.size(), 16u);
}

TEST_F(GatewayStoreTest, RotatesWithAGracePeriod)
{
    auto store = open();
    const auto rotated = store->rotateSecurityToken("default");
    ASSERT_TRUE(rotated);
    EXPECT_EQ(rotated->previousValidUntil, m_clock.wall() + std::chrono::hours(24));
    EXPECT_TRUE(passes(*store, "default", rotated->securityToken));
    EXPECT_TRUE(passes(*store, "default", "configured"));

    m_clock.advance(std::chrono::hours(25));
    EXPECT_FALSE(passes(*store, "default", "configured"));
    store = open();
    EXPECT_TRUE(passes(*store, "default", rotated->securityToken));
    EXPECT_FALSE(passes(*store, "default", "configured")) << "though it is still in the environment";
    ASSERT_TRUE(store->rotateSecurityToken("default"));
    EXPECT_FALSE(passes(*store, "default", "configured"));
    EXPECT_TRUE(passes(*store, "default", rotated->securityToken));

    m_config.gateway.securityToken = SecretDigest("new in the environment");
    EXPECT_TRUE(passes(*open(), "default", "new in the environment"));
}

TEST_F(GatewayStoreTest, RunsWithoutAStateFolderButChangesNothing)
{
    blockStateFolder();
    auto store = open();
    EXPECT_THAT(store->warnings(), ElementsAre(HasSubstr("signing keys live in memory only")));
    EXPECT_EQ(store->table()->find("default")->signingKeys.size(), 1u);
    const auto table = store->table();
    EXPECT_EQ(store->configure("default", R"({"name":"x"})").error().code, ErrorCode::Unavailable);
    EXPECT_EQ(store->create("{}").error().code, ErrorCode::Unavailable);
    EXPECT_EQ(store->rotateSecurityToken("default").error().code, ErrorCode::Unavailable);
    EXPECT_EQ(store->table(), table);
}

TEST_F(GatewayStoreTest, NeverOverwritesABrokenStateFile)
{
    open();
    QFile file(QString::fromStdString(gatewayStatePath(m_config.server.stateDir).string()));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write("{\n  \"version\": 1,\n  oops\n}\n");
    file.close();
    const auto store = GatewayStore::open(m_config, m_clock);
    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().detail, HasSubstr("/state/gateways.json:3:"));
    EXPECT_EQ(stateFile(), "{\n  \"version\": 1,\n  oops\n}\n");
}

TEST_F(GatewayStoreTest, KeepsWhatIsStoredOfAGatewayThatIsNotConfiguredNow)
{
    m_config.gateways.emplace_back().id = "fans";
    ASSERT_TRUE(open()->configure("fans", R"({"name":"Fans"})"));
    m_config.gateways.clear();
    auto store = open();
    EXPECT_EQ(store->table()->find("fans"), nullptr);
    EXPECT_EQ(store->warnings().size(), 1u);
    EXPECT_TRUE(store->configure("default", R"({"name":"x"})"));
    m_config.gateways.emplace_back().id = "fans";
    EXPECT_EQ(open()->table()->find("fans")->settings.name, "Fans");
}

TEST_F(GatewayStoreTest, ClosesStoredAnonymousSocketsWhereTheFileNowAsksForTokens)
{
    ASSERT_TRUE(open()->configure("default", R"({"anonymousSockets":{"enabled":true}})"));
    m_config.gateway.settings.accessControl = AccessControl::Custom;
    auto store = open();
    EXPECT_FALSE(store->table()->find("default")->settings.anonymousSockets.enabled);
    EXPECT_EQ(store->warnings().size(), 1u);
}

TEST_F(GatewayStoreTest, SendsNoEventsWhereWhatIsStoredNeedsASecretOfTheFile)
{
    m_config.gateway.settings.events.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
    ASSERT_TRUE(open()->configure("default", R"({"events":{"url":"https://backend.example.com/"},)"
                                             R"("anonymousSockets":{"enabled":true}})"));
    EXPECT_EQ(open()->table()->find("default")->settings.events.url, "https://backend.example.com/");
    m_config.gateway.settings.events.secrets.clear();
    auto store = open();
    EXPECT_EQ(store->table()->find("default")->settings.events.url, "");
    EXPECT_TRUE(store->table()->find("default")->settings.anonymousSockets.enabled);
    ASSERT_EQ(store->warnings().size(), 1u);
    EXPECT_NE(store->warnings().front().find("sends no events"), std::string::npos);
    m_config.gateway.settings.accessControl = AccessControl::Custom;
    store = open();
    EXPECT_EQ(store->table()->find("default")->settings.events.url, "");
    EXPECT_FALSE(store->table()->find("default")->settings.anonymousSockets.enabled);
}

TEST_F(GatewayStoreTest, ShowsWhatIsStoredInTheProvenance)
{
    m_config.provenance = {{"gateway.name", "\"\"", "default"}, {"gateway.reuse", "false", "default"}};
    auto store = open();
    ASSERT_TRUE(store->configure("default", R"({"name":"x"})"));
    ASSERT_TRUE(store->create(R"({"id":"made","reuse":true})"));
    const auto stored = readGatewayState(m_config.server.stateDir);
    const auto rows = provenanceWithStored(m_config, *stored);
    EXPECT_THAT(rows, testing::Contains(Provenance{"gateway.name", "\"x\"", "stored"}));
    EXPECT_THAT(rows, testing::Contains(Provenance{"gateway.reuse", "false", "default"}));
    EXPECT_THAT(rows, testing::Contains(Provenance{"gateways.made.reuse", "true", "stored"}));
}

} // namespace mws
