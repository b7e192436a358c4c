#include "support/gateway_test.h"

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

class Configuration : public EachBase
{
protected:
    HttpAnswer put(const std::string &body) { return api.call("PUT", "/configuration", body); }
};
MWS_FOR_EACH_BASE(Configuration);

TEST_P(Configuration, GetShowsTheWholeWithoutSecrets)
{
    const HttpAnswer answer = api.get("/configuration");
    ASSERT_EQ(answer.status, 200);
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(),
                IsSupersetOf({"name", "identityProvider", "permissions", "accessControl", "clientMessages",
                              "allowedOrigins", "subprotocols", "anonymousSockets", "limits"}));
    EXPECT_EQ(json.string("/accessControl"), "custom");
    EXPECT_EQ(json.string("/clientMessages"), "ignore");
    EXPECT_EQ(json.integer("/limits/tagsPerSocket"), 64);
    EXPECT_THAT(answer.body, Not(HasSubstr(api.bearer())));
}

TEST_P(Configuration, PutStoresJustTheKeysItNames)
{
    const HttpAnswer answer = put(R"({"name":"First","permissions":{"read":["*"],"write":["users.1"]}})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(JsonView(answer.body).string("/name"), "First");
    EXPECT_EQ(put(R"({"name":"Second"})").status, 200);
    const JsonView json(api.get("/configuration").body);
    EXPECT_EQ(json.string("/name"), "Second");
    EXPECT_THAT(json.strings("/permissions/read"), ElementsAre("*"));
    EXPECT_THAT(json.strings("/permissions/write"), ElementsAre("users.1"));
    EXPECT_EQ(json.string("/accessControl"), "custom");
}

TEST_P(Configuration, WrongKeyOrValueIs422AndStoresNothing)
{
    struct Row
    {
        const char *body, *property;
    };
    for (const Row &row : {Row{R"({"name":"New","colour":"red"})", "colour"}, Row{R"({"name":7})", "name"},
                           Row{R"({"accessControl":"guess"})", "accessControl"},
                           Row{R"({"limits":{"tagsPerSocket":-1}})", "limits.tagsPerSocket"},
                           Row{R"({"limits":{"nothing":1}})", "limits.nothing"},
                           Row{R"({"permissions":{"read":"*"}})", "permissions.read"},
                           Row{R"({"clientMessages":"shout"})", "clientMessages"}}) {
        const HttpAnswer answer = put(row.body);
        EXPECT_EQ(answer.status, 422) << row.body;
        EXPECT_EQ(errorProperty(answer), row.property) << row.body;
    }
    EXPECT_EQ(put("nonsense").status, 422);
    EXPECT_THAT(JsonView(api.get("/configuration").body).string("/name"), Not("New"));
}

TEST_P(Configuration, IsInForceOnAllWorkersWhenItIsAnswered)
{
    ASSERT_EQ(put(R"({"limits":{"tagsPerSocket":1}})").status, 200);
    // New connections go to either worker.
    for (int i = 0; i < 20; ++i) {
        GatewayApi fresh(api.client().endpoint(), api.base(), api.bearer());
        ASSERT_EQ(fresh.post("/sockets", R"({"tags":["a","b"]})").status, 422);
    }
}

TEST_P(Configuration, SurvivesARestart)
{
    ASSERT_EQ(put(R"({"name":"Kept","limits":{"tagsPerSocket":3}})").status, 200);
    restart();
    GatewayApi again(gateway.endpoint(), api.base(), api.bearer());
    const JsonView json(again.get("/configuration").body);
    EXPECT_EQ(json.string("/name"), "Kept");
    EXPECT_EQ(json.integer("/limits/tagsPerSocket"), 3);
    EXPECT_EQ(json.string("/accessControl"), "custom");
}

TEST_P(Configuration, NeedsTheSecurityToken)
{
    GatewayApi stranger(api.client().endpoint(), api.base(), "");
    EXPECT_EQ(stranger.get("/configuration").status, 401);
    EXPECT_EQ(stranger.call("PUT", "/configuration", R"({"name":"Mine"})").status, 401);
}

class ConfigurationLayers : public GatewayTest
{
protected:
    ConfigurationLayers() : GatewayTest(guardedGateway({{"MWS_GATEWAY_NAME", "From environment"}})) {}
    std::string name() { return JsonView(backend.get("/configuration").body).string("/name"); }
};

TEST_F(ConfigurationLayers, NullGoesBackToFileOrEnvironment)
{
    EXPECT_EQ(name(), "From environment");
    configure(R"({"name":"Stored"})");
    EXPECT_EQ(name(), "Stored");
    restart();
    EXPECT_EQ(name(), "Stored");
    configure(R"({"name":null})");
    EXPECT_EQ(name(), "From environment");
    restart();
    EXPECT_EQ(name(), "From environment");
}

class BrokenState : public GatewayTest
{
protected:
    /// The file of the state folder that holds `text`; empty if there is none.
    std::filesystem::path fileWith(std::string_view text) const
    {
        for (const auto &entry : std::filesystem::recursive_directory_iterator(gateway.stateFolder()))
            if (entry.is_regular_file() && readFile(entry.path()).find(text) != std::string::npos)
                return entry.path();
        return {};
    }
};

TEST_F(BrokenState, IsReportedWithLineAndReasonAndNeverOverwritten)
{
    configure(R"({"name":"Stored name"})");
    ASSERT_EQ(gateway.stop(), 0);
    const auto file = fileWith("Stored name");
    ASSERT_FALSE(file.empty());
    const std::string whole = readFile(file);
    const std::string broken = whole.substr(0, whole.find("Stored name") + 3);
    writeFile(file, broken);
    const GatewayRun run =
        runGateway({}, {{"MWS_SERVER_PORT", "0"}, {"MWS_SERVER_STATE_DIR", gateway.stateFolder().string()}},
                   gateway.folder());
    EXPECT_TRUE(run.exitCode && *run.exitCode != 0) << run.errors;
    EXPECT_THAT(run.errors, ::testing::ContainsRegex(file.filename().string() + ":[0-9]+"));
    EXPECT_EQ(readFile(file), broken);
    writeFile(file, whole);
    gateway.start();
    backend = caller("/v1", securityToken);
    EXPECT_EQ(JsonView(backend.get("/configuration").body).string("/name"), "Stored name");
}

class UnwritableState : public GatewayTest
{
protected:
    /// The state folder cannot be made.
    UnwritableState() : GatewayTest(guardedGateway({{"MWS_SERVER_STATE_DIR", "/proc/mws-state"}})) {}
};

/// A node of a cluster stores what is put in Redis.
TEST_F(UnwritableState, PutIs503AndNothingElseSuffers)
{
    EXPECT_EQ(backend.call("PUT", "/configuration", R"({"name":"x"})").status, startsInCluster() ? 200 : 503);
    OpenSocket open = backend.open();
    backend.sendToAll("still here");
    EXPECT_EQ(open.socket.readMessage(), "still here");
}

} // namespace mws::test
