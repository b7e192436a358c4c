#include "support/gateway_test.h"

#include <csignal>
#include <filesystem>

namespace mws::test {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Process : public ::testing::Test
{
protected:
    GatewayRun run(const std::vector<std::string> &arguments, const Environment &environment = {})
    {
        return runGateway(arguments, environment, folder.path());
    }
    std::string configuration(std::string_view text)
    {
        writeFile(folder.path() / "gateway.toml", text);
        return (folder.path() / "gateway.toml").string();
    }
    TemporaryFolder folder;
};

TEST_F(Process, HelpAndVersionEndWithZero)
{
    const GatewayRun help = run({"--help"});
    EXPECT_EQ(help.exitCode, 0);
    for (const char *flag : {"--config", "--print-config", "--check-config", "--help", "--version"})
        EXPECT_THAT(help.output, HasSubstr(flag));
    const GatewayRun version = run({"--version"});
    EXPECT_EQ(version.exitCode, 0);
    EXPECT_THAT(version.output,
                ::testing::MatchesRegex("mws-gateway [0-9]+\\.[0-9]+\\.[0-9]+( \\([^ ()]+\\))?\n"));
}

TEST_F(Process, UnknownFlagExitsWith2)
{
    const GatewayRun wrong = run({"--colour"});
    EXPECT_EQ(wrong.exitCode, 2);
    EXPECT_THAT(wrong.errors, HasSubstr("--colour"));
}

TEST_F(Process, PrintConfigShowsWhereValuesComeFromAndHidesSecrets)
{
    const std::string file = configuration("[server]\nworkers = 3\n");
    const GatewayRun printed = run({"--config", file, "--print-config"},
                                   {{"SECURITY_TOKEN", "very-secret"}, {"MWS_HTTP_FIELDS", "77"}});
    EXPECT_EQ(printed.exitCode, 0) << printed.errors;
    EXPECT_THAT(printed.output, HasSubstr("gateway.toml:2"));
    EXPECT_THAT(printed.output, HasSubstr("MWS_HTTP_FIELDS"));
    EXPECT_THAT(printed.output, HasSubstr("77"));
    EXPECT_THAT(printed.output, HasSubstr("SECURITY_TOKEN"));
    EXPECT_THAT(printed.output + printed.errors, Not(HasSubstr("very-secret")));
}

TEST_F(Process, CheckConfigSaysWhetherItIsGood)
{
    EXPECT_EQ(run({"--config", configuration("[server]\nworkers = 3\n"), "--check-config"}).exitCode, 0);
    EXPECT_EQ(run({"--config", configuration("[server]\nworkers = -3\n"), "--check-config"}).exitCode, 2);
}

TEST_F(Process, WrongFileExitsWith2AndNamesKeyAndLine)
{
    struct Row
    {
        const char *text, *key, *line;
    };
    for (const Row &row :
         {Row{"[server]\n\nport = 70000\n", "port", "3"}, Row{"[server]\nport = \"x\"\n", "port", "2"},
          Row{"[server]\nprot = 80\n", "prot", "2"},
          Row{"[http]\nhead_timeout = \"soon\"\n", "head_timeout", "2"},
          Row{"[nothing]\na = 1\n", "nothing", "1"},
          Row{"[gateway]\naccess_control = \"guess\"\n", "access_control", "2"}, Row{"[server\n", "", "1"}}) {
        const GatewayRun wrong = run({"--config", configuration(row.text)});
        EXPECT_EQ(wrong.exitCode, 2) << row.text << wrong.errors;
        EXPECT_THAT(wrong.errors, HasSubstr(row.key)) << row.text;
        EXPECT_THAT(wrong.errors, HasSubstr(std::string("gateway.toml:") + row.line)) << row.text;
    }
}

TEST_F(Process, WrongEnvironmentExitsWith2AndNamesTheVariable)
{
    struct Row
    {
        const char *name, *value;
    };
    for (const Row &row :
         {Row{"PORT", "http"}, Row{"MWS_SERVER_WORKERS", "many"}, Row{"ACCESS_CONTROL", "guess"},
          Row{"EDS_PERMISSIONS", "{"}, Row{"MWS_GATEWAY_SIGNING_KEY", "c2hvcnQ="},
          Row{"MWS_SERVER_ADDRESS", "localhost:1"}}) {
        const GatewayRun wrong = run({}, {{row.name, row.value}});
        EXPECT_EQ(wrong.exitCode, 2) << row.name << wrong.errors;
        EXPECT_THAT(wrong.errors, HasSubstr(row.name));
    }
}

TEST_F(Process, MissingFileExitsWith2)
{
    const GatewayRun wrong = run({"--config", "/nowhere/gateway.toml"});
    EXPECT_EQ(wrong.exitCode, 2);
    EXPECT_THAT(wrong.errors, HasSubstr("/nowhere/gateway.toml"));
}

TEST_F(Process, SecondInstanceOnTheSamePortFailsLoudly)
{
    GatewayProcess first;
    const GatewayRun second = run({}, {{"MWS_SERVER_PORT", std::to_string(first.port())}});
    EXPECT_TRUE(second.exitCode && *second.exitCode != 0);
    EXPECT_THAT(second.errors, HasSubstr(std::to_string(first.port())));
    EXPECT_THAT(second.errors, HasSubstr("in use"));
    EXPECT_EQ(HttpClient(first.endpoint()).request("GET", "/").status, 200);
}

TEST_F(Process, MakesTheStateFolderAlsoWhereTheSigningKeyIsGiven)
{
    const std::filesystem::path state = folder.path() / "deep" / "state";
    GatewayProcess gateway(GatewayOptions{.environment = {
                                              {"MWS_SERVER_STATE_DIR", state.string()},
                                              {"MWS_GATEWAY_SIGNING_KEY", std::string(44, 'A')},
                                          }});
    EXPECT_TRUE(std::filesystem::exists(state / "tokens.sqlite")) << gateway.log();
    EXPECT_EQ(gateway.stop(), 0);
}

TEST_F(Process, ConfigurationFileIsInForce)
{
    GatewayProcess gateway({.configuration =
                                "[gateway]\nname = \"From file\"\nsecurity_token = \"file-secret\"\n"
                                "[[gateways]]\nid = \"second\"\nsecurity_token = \"second-secret\"\n"});
    gateway.secret("file-secret");
    gateway.secret("second-secret");
    GatewayApi api(gateway.endpoint(), "/v1", "file-secret");
    EXPECT_EQ(JsonView(api.get("/configuration").body).string("/name"), "From file");
    EXPECT_EQ(GatewayApi(gateway.endpoint(), "/v1/gateways/second", "second-secret").get("/sockets").status,
              200);
}

TEST_F(Process, TerminationSays1001AndExitsWithZero)
{
    for (const int signal : {SIGTERM, SIGINT}) {
        GatewayProcess gateway(guardedGateway());
        GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
        std::vector<OpenSocket> open;
        for (int i = 0; i < 10; ++i)
            open.push_back(backend.open());
        backend.sendToAll("accepted before");
        gateway.signal(signal);
        for (OpenSocket &socket : open) {
            EXPECT_EQ(socket.socket.readMessage(), "accepted before");
            EXPECT_EQ(socket.socket.readClose(), 1001);
        }
        EXPECT_EQ(gateway.waitForExit(), 0);
        EXPECT_FALSE(RawConnection(gateway.endpoint()).isOpen());
    }
}

TEST_F(Process, HangUpWithNothingToReloadLeavesSocketsAlone)
{
    GatewayProcess gateway(guardedGateway());
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    OpenSocket open = backend.open();
    for (int i = 0; i < 3; ++i) {
        gateway.signal(SIGHUP);
        backend.sendToAll("go on");
        EXPECT_EQ(open.socket.readMessage(), "go on");
    }
    EXPECT_TRUE(gateway.waitForLog("nothing to reload")) << gateway.log();
    EXPECT_EQ(gateway.stop(), 0); // the first SIGTERM, not the second
}

TEST_F(Process, TerminationIsNotHeldUpByIdleOrSilentPeers)
{
    GatewayProcess gateway(guardedGateway());
    GatewayApi backend(gateway.endpoint(), "/v1", securityToken);
    const RawConnection idle(gateway.endpoint());
    const OpenSocket silent = backend.open();
    EXPECT_EQ(gateway.stop(), 0);
}

TEST_F(Process, PortOfThePlatformListensOnAllAddresses)
{
    GatewayProcess gateway({.environment = {{"PORT", "0"}}});
    Endpoint other = gateway.endpoint();
    other.host = "127.0.0.9";
    EXPECT_EQ(HttpClient(other).request("GET", "/").status, 200);
    other.host = "::1";
    EXPECT_EQ(HttpClient(other).request("GET", "/").status, 200);
}

TEST_F(Process, LogIsJsonWhenAsked)
{
    GatewayProcess gateway({.environment = {{"MWS_LOG_FORMAT", "json"}}});
    const std::string log = gateway.log();
    size_t start = 0;
    for (size_t end = log.find('\n'); end != std::string::npos; start = end + 1, end = log.find('\n', start))
        EXPECT_TRUE(JsonView(log.substr(start, end - start)).isValid()) << log.substr(start, end - start);
}

TEST_F(Process, ListeningLineNamesAddressAndPort)
{
    GatewayProcess gateway;
    EXPECT_THAT(gateway.log(), ::testing::ContainsRegex(
                                   "[0-9-]+T[0-9:.]+Z +info +listening address=127\\.0\\.0\\.1 port=[0-9]+"));
}

} // namespace mws::test
