#include "config/config_change.h"

#include "config/option_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Pending = ConfigChange::Pending;

} // namespace

TEST(ConfigChange, IsEmptyWhereNothingDiffers)
{
    ServiceConfig config;
    config.gateways.resize(1);
    config.gateways[0].id = "players";
    const ConfigChange change = planChange(config, config);
    EXPECT_THAT(change.changed, IsEmpty());
    EXPECT_THAT(change.needsRestart, IsEmpty());
}

TEST(ConfigChange, NamesWhatReloads)
{
    ServiceConfig read;
    read.http.bodyBytes = 2048;
    read.server.operatorToken = SecretDigest("new");
    read.gateway.securityToken = SecretDigest("new");
    read.gateway.signingKey = SigningKey{std::string(32, 'k'), std::nullopt};
    read.log.level = LogLevel::Debug;
    const ConfigChange change = planChange({}, read);
    EXPECT_THAT(change.changed, ElementsAre("server.operator_token", "http.body_bytes", "log.level",
                                            "gateway.security_token", "gateway.signing_key"));
    EXPECT_THAT(change.needsRestart, IsEmpty());
    EXPECT_EQ(change.config.http.bodyBytes, 2048u);
    EXPECT_EQ(change.config.log.level, LogLevel::Debug);
}

TEST(ConfigChange, KeepsWhatNeedsARestart)
{
    ServiceConfig read;
    read.server.port = 9090;
    read.server.stateDir = "/var/lib/mws";
    read.redis.url = "redis://:secret@host";
    read.http.bodyBytes = 2048;
    const ConfigChange change = planChange({}, read);
    EXPECT_THAT(change.needsRestart,
                ElementsAre(Pending{"server.port", "8080", "9090"},
                            Pending{"server.state_dir", "\"./state\"", "\"/var/lib/mws\""},
                            Pending{"redis.url", "(not set)", "(set)"}));
    EXPECT_EQ(change.config.server.port, 8080);
    EXPECT_EQ(change.config.server.stateDir, "./state");
    EXPECT_EQ(change.config.redis.url, "");
    EXPECT_EQ(change.config.http.bodyBytes, 2048u);
}

TEST(ConfigChange, TlsIsNotSwitchedOnOrOffButItsFilesMayChange)
{
    ServiceConfig secure;
    secure.tls.certificate = "one.pem";
    secure.tls.key = "one.key";
    ConfigChange change = planChange({}, secure);
    EXPECT_FALSE(change.config.tls.isOn());
    EXPECT_THAT(change.needsRestart, ElementsAre(Pending{"tls.certificate", "\"\"", "\"one.pem\""},
                                                 Pending{"tls.key", "\"\"", "\"one.key\""}));
    EXPECT_TRUE(planChange(secure, {}).config.tls.isOn());
    ServiceConfig other = secure;
    other.tls.certificate = "two.pem";
    change = planChange(secure, other);
    EXPECT_EQ(change.config.tls.certificate, "two.pem");
    EXPECT_THAT(change.changed, ElementsAre("tls.certificate"));
}

TEST(ConfigChange, FollowsFurtherGatewaysByTheirIds)
{
    ServiceConfig before;
    before.gateways.resize(2);
    before.gateways[0].id = "gone";
    before.gateways[1].id = "stays";
    ServiceConfig read;
    read.gateways.resize(2);
    read.gateways[0].id = "stays";
    read.gateways[0].settings.name = "Renamed";
    read.gateways[1].id = "comes";
    const ConfigChange change = planChange(before, read);
    EXPECT_THAT(change.changed,
                ElementsAre("gateways.stays.name", "gateways.comes (new)", "gateways.gone (removed)"));
    EXPECT_EQ(change.config.gateways.size(), 2u);
}

/// Each option that is changed alone is in one of the two lists, and only in force in the first.
TEST(ConfigChange, KnowsEveryOption)
{
    for (const Option &option : allOptions()) {
        ServiceConfig before;
        ServiceConfig read;
        const Slot slot = option.slot(read, read.gateway);
        std::visit(
            [](auto *value) {
                using Value = std::remove_pointer_t<decltype(value)>;
                if constexpr (std::is_same_v<Value, bool>)
                    *value = !*value;
                else if constexpr (std::is_enum_v<Value>)
                    *value = Value(*value == Value(0) ? 1 : 0);
                else if constexpr (std::is_same_v<Value, std::string> ||
                                   std::is_same_v<Value, std::filesystem::path>)
                    *value = "other";
                else if constexpr (std::is_same_v<Value, SecretDigest>)
                    *value = SecretDigest("other");
                else if constexpr (std::is_same_v<Value, std::vector<SecurityToken>>)
                    value->push_back({SecretDigest("other"), std::nullopt});
                else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
                    value->push_back("other");
                else if constexpr (std::is_same_v<Value, std::optional<std::vector<std::string>>>)
                    *value = std::vector<std::string>{"other"};
                else if constexpr (std::is_same_v<Value, std::optional<SigningKey>>)
                    *value = SigningKey{std::string(32, 'o'), std::nullopt};
                else
                    ++*value;
            },
            slot);
        const ConfigChange change = planChange(before, read);
        EXPECT_EQ(change.changed.size() + change.needsRestart.size(), 1u) << option.name();
        if (option.reloads() && option.name() != "tls.certificate") {
            EXPECT_THAT(change.changed, ElementsAre(option.name()));
        } else {
            EXPECT_THAT(change.changed, IsEmpty()) << option.name();
        }
    }
}

} // namespace mws
