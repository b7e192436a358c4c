#include "config/redis_config.h"

#include "config/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> errorsOf(const Environment &environment)
{
    return loadConfig(std::nullopt, environment).errors;
}

} // namespace

TEST(RedisConfig, IsOffUntilAUrlOrAHostIsSet)
{
    const auto none = redisSettings({});
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->isOn());
    const LoadedConfig loaded = loadConfig(std::nullopt, {{"PORT", "1"}, {"REDIS_PASSWORD", "hunter2"}});
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(loaded.config.warnings,
                testing::Contains("REDIS_PASSWORD: redis.password is of no use without redis.url or "
                                  "redis.host: the node works alone"));
}

TEST(RedisConfig, TakesAUrlAndWhatItLeavesOut)
{
    RedisConfig config;
    config.url = "rediss://a:1,b:2/4";
    config.password = "p";
    config.caFile = "/ca.pem";
    config.cluster = RedisClusterMode::Off;
    const auto settings = redisSettings(config);
    ASSERT_TRUE(settings);
    EXPECT_THAT(settings->nodes, ElementsAre(RedisNode{"a", 1}, RedisNode{"b", 2}));
    EXPECT_TRUE(settings->tls);
    EXPECT_EQ(settings->password, "p");
    EXPECT_EQ(settings->database, 4u);
    EXPECT_EQ(settings->caFile, "/ca.pem");
    EXPECT_EQ(settings->cluster, RedisClusterMode::Off);
    EXPECT_EQ(settings->clientName, "mws-gateway");
}

TEST(RedisConfig, TakesAHost)
{
    for (const char *host : {"::1", "[::1]"}) {
        RedisConfig config;
        config.host = host;
        config.port = 7000;
        config.user = "u";
        config.password = "p";
        config.tls = true;
        const auto settings = redisSettings(config);
        ASSERT_TRUE(settings);
        EXPECT_THAT(settings->nodes, ElementsAre(RedisNode{"::1", 7000}));
        EXPECT_EQ(settings->user, "u");
        EXPECT_TRUE(settings->tls);
    }
}

TEST(RedisConfig, SaysWhatIsWrongAndWhere)
{
    EXPECT_THAT(errorsOf({{"REDIS_URL", "redis://:hunter2@a:x"}}),
                ElementsAre("REDIS_URL: redis.url: a port is not a number from 1 to 65535"));
    EXPECT_THAT(errorsOf({{"REDIS_URL", "redis://a"}, {"REDIS_HOST", "b"}}),
                ElementsAre("REDIS_HOST: redis.host: of no use beside redis.url: unset one of them"));
    EXPECT_THAT(
        errorsOf({{"REDIS_URL", "redis://:hunter2@a"}, {"REDIS_PASSWORD", "hunter3"}}),
        ElementsAre("REDIS_PASSWORD: redis.password: differs from the one in redis.url: unset one of them"));
    EXPECT_THAT(errorsOf({{"REDIS_URL", "redis://:hunter2@a"}, {"REDIS_PASSWORD", "hunter2"}}), IsEmpty());
    EXPECT_THAT(errorsOf({{"REDIS_HOST", "a"}, {"MWS_REDIS_USER", "u"}}),
                ElementsAre("MWS_REDIS_USER: redis.user: needs redis.password, which is not set"));
    EXPECT_THAT(errorsOf({{"REDIS_URL", "redis://a/3"}, {"MWS_REDIS_CLUSTER", "on"}}),
                ElementsAre(HasSubstr("redis.database: a Redis Cluster has only database 0")));
    EXPECT_THAT(errorsOf({{"REDIS_HOST", "a"}, {"MWS_REDIS_CA_FILE", "/ca.pem"}}),
                ElementsAre(HasSubstr("redis.ca_file: of no use without TLS")));
    for (const char *host : {"a:1", "a b", "[::1", "[::1]:1", "redis://a"})
        EXPECT_EQ(errorsOf({{"REDIS_HOST", host}}).size(), 1u) << host;
    for (const char *host : {"redis.internal", "10.0.0.1", "::1", "[::1]"})
        EXPECT_THAT(errorsOf({{"REDIS_HOST", host}}), IsEmpty()) << host;
}

TEST(RedisConfig, WarnsOfUncheckedCertificates)
{
    const LoadedConfig loaded = loadConfig(
        std::nullopt, {{"REDIS_URL", "rediss://:hunter2@a"}, {"MWS_REDIS_VERIFY_CERTIFICATE", "false"}});
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(loaded.config.warnings, testing::Contains(HasSubstr("Redis's certificate is not checked")));
    for (const Provenance &row : loaded.config.provenance)
        EXPECT_THAT(row.value, Not(HasSubstr("hunter2")));
}

} // namespace mws
