#include "config/loader.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LoadedConfig loadText(const std::string &toml, const Environment &environment = {})
{
    return loadConfig(ConfigText{"gw.toml", toml}, environment);
}

std::string sourceOf(const LoadedConfig &loaded, const std::string &option)
{
    for (const Provenance &row : loaded.config.provenance)
        if (row.option == option)
            return row.value + " from " + row.source;
    return "no such row";
}

Environment parseDotEnv(const std::string &text)
{
    Environment environment;
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        if (const size_t equals = line.find('='); equals != std::string::npos && line[0] != '#')
            environment[line.substr(0, equals)] = line.substr(equals + 1);
        begin = end + 1;
    }
    return environment;
}

} // namespace

TEST(Loader, WorksWithNothingAndSaysSo)
{
    const LoadedConfig loaded = loadConfig(std::nullopt, {});
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_EQ(loaded.config.server, ServerConfig());
    EXPECT_EQ(loaded.config.http, HttpConfig());
    EXPECT_EQ(loaded.config.gateway.settings.accessControl, AccessControl::None);
    EXPECT_THAT(
        loaded.config.warnings,
        ElementsAre(
            "nothing is configured: listening on 127.0.0.1:8080, with the gateway default in mode none",
            "gateway default has no security token: the calls that need it answer 401; set "
            "SECURITY_TOKEN"));
}

TEST(Loader, TakesAnOldDotEnvAsItIs)
{
    const LoadedConfig loaded = loadConfig(std::nullopt, parseDotEnv(R"(# MWS
NODE_ENV=production
PORT=5000
APP_DOMAIN=mws.example.com
SECURITY_TOKEN=s3cr3t-t0ken
ACCESS_CONTROL=eds
EDS_BACKEND_ID=54be545ae5bde551410243c3
EDS_PERMISSIONS={"read":["*"],"write":["usergroups.5419"]}
EDS_URI=https://api.engin.io
REDIS_HOST=redis.internal
REDIS_PORT=6379
REDIS_PASSWORD=hunter2
LOG_LEVEL=verbose
)"));
    EXPECT_THAT(loaded.errors, IsEmpty());
    const ServiceConfig &config = loaded.config;
    EXPECT_EQ(config.server.address, "::");
    EXPECT_EQ(config.server.port, 5000);
    EXPECT_EQ(config.server.appDomain, "mws.example.com");
    EXPECT_EQ(config.log.level, LogLevel::Debug);
    EXPECT_EQ(config.gateway.id, "default");
    EXPECT_TRUE(config.gateway.securityToken.matches("s3cr3t-t0ken"));
    EXPECT_EQ(config.gateway.settings.accessControl, AccessControl::Eds);
    EXPECT_EQ(config.gateway.settings.identityProvider,
              (IdentityProvider{"https://api.engin.io", "54be545ae5bde551410243c3"}));
    EXPECT_THAT(config.gateway.settings.permissions.read, ElementsAre("*"));
    EXPECT_THAT(config.gateway.settings.permissions.write, ElementsAre("usergroups.5419"));
    EXPECT_THAT(config.warnings, IsEmpty());
    const auto redis = redisSettings(config.redis);
    ASSERT_TRUE(redis);
    EXPECT_EQ(redis->nodes, (std::vector<RedisNode>{{"redis.internal", 6379}}));
    EXPECT_EQ(redis->password, "hunter2");
    EXPECT_EQ(sourceOf(loaded, "redis.password"), "(set) from REDIS_PASSWORD");
    EXPECT_EQ(sourceOf(loaded, "gateway.permissions_read"), "[\"*\"] from EDS_PERMISSIONS");
    EXPECT_EQ(sourceOf(loaded, "server.address"), "\"::\" from default, as PORT is set");
}

TEST(Loader, LetsTheEnvironmentWinOverTheFileAndTheFileOverDefaults)
{
    const LoadedConfig loaded =
        loadText("[server]\nport = 1000\nworkers = 3\n", {{"MWS_SERVER_PORT", "2000"}});
    EXPECT_EQ(loaded.config.server.port, 2000);
    EXPECT_EQ(loaded.config.server.workers, 3u);
    EXPECT_EQ(sourceOf(loaded, "server.port"), "2000 from MWS_SERVER_PORT");
    EXPECT_EQ(sourceOf(loaded, "server.workers"), "3 from gw.toml:3");
    EXPECT_EQ(sourceOf(loaded, "server.drain"), "\"20s\" from default");
}

TEST(Loader, ListensEverywhereOnlyIfPortIsSetAndNoAddress)
{
    EXPECT_EQ(loadConfig(std::nullopt, {{"PORT", "80"}}).config.server.address, "::");
    EXPECT_EQ(loadConfig(std::nullopt, {{"MWS_SERVER_PORT", "80"}}).config.server.address, "127.0.0.1");
    EXPECT_EQ(loadText("[server]\naddress='127.0.0.2'", {{"PORT", "80"}}).config.server.address, "127.0.0.2");
}

TEST(Loader, FindsTheStateFolder)
{
    const Environment systemd{{"STATE_DIRECTORY", "/var/lib/mws:/var/lib/x"}};
    EXPECT_EQ(loadConfig(std::nullopt, {}).config.server.stateDir, "./state");
    EXPECT_EQ(loadConfig(std::nullopt, systemd).config.server.stateDir, "/var/lib/mws");
    EXPECT_EQ(loadText("[server]\nstate_dir='/x'", systemd).config.server.stateDir, "/x");
    EXPECT_EQ(loadText("[server]\nstate_dir='/x'", {{"MWS_SERVER_STATE_DIR", "/y"}}).config.server.stateDir,
              "/y");
}

TEST(Loader, ReportsAllErrorsWithTheirPlaces)
{
    const LoadedConfig loaded = loadText(R"([server]
prot = 80
port = "eighty"
body_bytes = 5
[htpp]
fields = 9
[gateway]
access_control = "oauth"
permissions_write = ["users.1", "x"]
[[gateways]]
name = "no id"
[[server2]]
)",
                                         {{"LOG_LEVEL", "loud"}, {"MWS_SERVER_WORKER", "2"}});
    EXPECT_THAT(
        loaded.errors,
        ElementsAre(
            "gw.toml:2: server.prot: no such key; did you mean port?",
            "gw.toml:3: server.port: expected an integer from 0 to 65535, found \"eighty\"",
            "gw.toml:4: server.body_bytes: no such key; it belongs in [http]",
            "gw.toml:5: [htpp]: no such section; did you mean http?",
            "gw.toml:8: gateway.access_control: expected one of none, eds, custom, jwt, found \"oauth\"",
            "gw.toml:9: gateway.permissions_write[1]: expected `*` or objectType.id, such as \"users.5419\", "
            "found \"x\"",
            "gw.toml:10: [[gateways]]: `id` is missing",
            "gw.toml:12: [[server2]]: no such section; did you mean server?",
            "MWS_SERVER_WORKER: no option has this name; did you mean MWS_SERVER_WORKERS?",
            "LOG_LEVEL: expected one of trace, debug, info, warning, error, off, found \"loud\" "
            "(log.level)"));
}

TEST(Loader, ReadsFurtherGateways)
{
    const LoadedConfig loaded = loadText(R"([gateway]
id = "main"
[[gateways]]
id = "players"
security_token = "t"
sockets = 10
[[gateways]]
id = "fans"
)");
    ASSERT_THAT(loaded.errors, IsEmpty());
    ASSERT_EQ(loaded.config.gateways.size(), 2u);
    EXPECT_EQ(loaded.config.gateways[0].settings.limits.sockets, 10u);
    EXPECT_EQ(loaded.config.gateways[1].settings.limits.sockets, 0u);
    EXPECT_EQ(sourceOf(loaded, "gateways.players.sockets"), "10 from gw.toml:6");
    EXPECT_EQ(sourceOf(loaded, "gateways.fans.sockets"), "0 from default");
}

TEST(Loader, RefusesOneGatewayIdTwice)
{
    EXPECT_THAT(loadText("[[gateways]]\nid='default'\n").errors,
                ElementsAre("gw.toml:2: gateways[0].id: gateway has this id too"));
    EXPECT_THAT(loadText("[[gateways]]\nid='a'\n[[gateways]]\nid='a'\n").errors,
                ElementsAre("gw.toml:4: gateways[1].id: gateways[0] has this id too"));
}

TEST(Loader, NeverShowsSecrets)
{
    const LoadedConfig loaded = loadText(R"([server]
operator_token = "hunter2 x"
public_url = "https://hunter2:pw@x"
[gateway]
security_token = ["hunter2"]
security_tokens = ["hunter2", "hunter2 y"]
signing_key = "hunter2"
[[gateways]]
id = "a"
security_token = "hunter2"
)",
                                         {{"OPERATOR_TOKEN", "hunter2"},
                                          {"MWS_SERVER_OPERATOR_TOKEN", "hunter3"},
                                          {"EDS_PERMISSIONS", "hunter2"},
                                          {"EDS_URI", "hunter2"},
                                          {"REDIS_URL", "redis://hunter2"},
                                          {"MWS_REDIS_URL", "redis://a/hunter3"},
                                          {"REDIS_PASSWORD", "hunter2"}});
    EXPECT_EQ(loaded.errors.size(), 10u);
    std::string everything;
    for (const std::string &text : loaded.errors)
        everything += text + '\n';
    for (const std::string &text : loaded.config.warnings)
        everything += text + '\n';
    for (const Provenance &row : loaded.config.provenance)
        everything += row.value + row.source + '\n';
    EXPECT_EQ(everything.find("hunter"), std::string::npos) << everything;
}

TEST(Loader, NamesAFileThatCannotBeRead)
{
    EXPECT_THAT(loadConfigFile("/nowhere/gw.toml", {}).errors,
                ElementsAre("/nowhere/gw.toml: cannot be read: No such file or directory"));
    EXPECT_EQ(loadConfigFile("/tmp", {}).errors.size(), 1u);
}

} // namespace mws
