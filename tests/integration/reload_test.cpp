#include "support/gateway_test.h"
#include "support/process_probe.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

namespace mws::test {

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view notReloaded = "configuration not reloaded, the one before stays in force";

/// The file's parts; the tokens are in it, and nothing is in the environment but what tests need.
struct FileText
{
    std::string server = {};
    std::string gateway = {};
    std::string rest = {}; ///< whole sections
    std::string watch = "false";
    std::string operatorToken = mws::test::operatorToken;
    std::string securityToken = mws::test::securityToken;

    std::string text() const
    {
        return "[server]\nwatch_config = " + watch + "\noperator_token = \"" + operatorToken + "\"\n" +
               server + "\n[gateway]\naccess_control = \"custom\"\nsecurity_token = \"" + securityToken +
               "\"\n" + gateway + '\n' + rest + '\n';
    }
};

/// A gateway with a configuration file that tests change, and a socket that is open all the time.
class Reload : public GatewayTest
{
protected:
    explicit Reload(const FileText &first = {})
        : GatewayTest({.configuration = first.text()}), open(backend.open({"all"}))
    {
        gateway.secret(securityToken);
        gateway.secret(operatorToken);
    }

    void TearDown() override
    {
        backend.sendToTag("all", "still here");
        EXPECT_EQ(open.socket.readMessage(), "still here") << gateway.log();
    }

    std::filesystem::path file() const { return gateway.folder() / "gateway.toml"; }
    void write(const FileText &content) { writeFile(file(), content.text()); }
    void replaceByRename(const std::string &text)
    {
        writeFile(gateway.folder() / "new.toml", text);
        std::filesystem::rename(gateway.folder() / "new.toml", file());
    }

    size_t count(std::string_view text) const { return timesIn(gateway.log(), text); }
    bool waitForCount(std::string_view text, size_t expected) const
    {
        const Deadline deadline(longPatience);
        while (count(text) < expected && deadline.left() > 0)
            std::this_thread::yield();
        return count(text) >= expected;
    }
    /// SIGHUP, and the answer to it; true if all is in force.
    bool hangUp()
    {
        const size_t good = count("configuration reloaded");
        const size_t bad = count(notReloaded);
        gateway.signal(SIGHUP);
        const Deadline deadline(longPatience);
        while (count("configuration reloaded") == good && count(notReloaded) == bad && deadline.left() > 0)
            std::this_thread::yield();
        return count("configuration reloaded") > good;
    }
    bool reload(const FileText &content)
    {
        write(content);
        return hangUp();
    }
    std::string lastLines() const
    {
        const std::string log = gateway.log();
        return log.substr(log.size() - std::min<size_t>(log.size(), 2000));
    }
    std::string metric(const std::string &name)
    {
        const std::string page =
            administrator.client()
                .request("GET", "/metrics", {}, {{"Authorization", "Bearer " + administrator.bearer()}})
                .body;
        const size_t at = page.find('\n' + name + ' ');
        return at == std::string::npos
                   ? std::string()
                   : page.substr(at + name.size() + 2, page.find('\n', at + 1) - at - name.size() - 2);
    }
    HttpAnswer postBytes(size_t size)
    {
        return backend.post("/messages", R"({"data":")" + std::string(size, 'x') +
                                             R"(","receivers":{"tags":["nobody"]}})");
    }

    OpenSocket open;
};

std::string originOf(const Issued &issued)
{
    return issued.uri.substr(0, issued.uri.find("/v1/"));
}

} // namespace

TEST_F(Reload, LimitsOfHttpHoldForTheNextRequest)
{
    EXPECT_EQ(postBytes(4000).status, 201);
    ASSERT_TRUE(reload({.rest = "[http]\nbody_bytes = 2048\njson_depth = 5\nfields = 10"})) << gateway.log();
    EXPECT_THAT(lastLines(), HasSubstr("changed=\"http.fields, http.body_bytes, http.json_depth\""));
    EXPECT_EQ(postBytes(4000).status, 413);
    EXPECT_EQ(postBytes(100).status, 201);
    EXPECT_EQ(backend.post("/messages", R"({"data":{"a":{"b":{"c":{"d":{"e":{}}}}}},"receivers":{}})").status,
              422);
    HttpHeaders many;
    for (int i = 0; i < 10; ++i)
        many.push_back({"X-" + std::to_string(i), "1"});
    EXPECT_EQ(backend.client().request("GET", "/", {}, many).status, 431);
    ASSERT_TRUE(reload({})) << gateway.log();
    EXPECT_EQ(postBytes(4000).status, 201);
}

TEST_F(Reload, RequestThatHasBegunGoesOnUnderTheLimitsOfItsBeginning)
{
    RawConnection begun(gateway.endpoint());
    const std::string body = R"({"data":"1","receivers":{"tags":["all"]}})";
    std::string head = "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                       std::string(securityToken) +
                       "\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(body.size());
    for (int i = 0; i < 20; ++i)
        head += "\r\nX-" + std::to_string(i) + ": " + std::string(100, 'x');
    ASSERT_TRUE(begun.send(head + "\r\n\r\n"));
    ASSERT_THAT(begun.readUntil("\r\n\r\n"), HasSubstr(" 100 ")); // the head was taken
    ASSERT_TRUE(begun.send(body.substr(0, 10)));
    ASSERT_TRUE(reload({.rest = "[http]\nhead_bytes = 1024\nfields = 8"})) << gateway.log();
    ASSERT_TRUE(begun.send(body.substr(10)));
    EXPECT_EQ(readHttpAnswer(begun).status, 201);
    EXPECT_EQ(open.socket.readMessage(), "1");
}

TEST_F(Reload, TokensAreReplaced)
{
    FileText next{.operatorToken = "another-operator-secret-1b",
                  .securityToken = "another-backend-secret-2c"};
    gateway.secret(next.operatorToken);
    gateway.secret(next.securityToken);
    EXPECT_EQ(administrator.get("/gateways").status, 200);
    ASSERT_TRUE(reload(next)) << gateway.log();
    EXPECT_THAT(lastLines(), HasSubstr("changed=\"server.operator_token, gateway.security_token\""));
    EXPECT_EQ(administrator.get("/gateways").status, 401);
    EXPECT_EQ(caller("/v1", next.operatorToken).get("/gateways").status, 200);
    EXPECT_EQ(backend.get("/sockets").status, 401);
    EXPECT_EQ(caller("/v1", next.securityToken).get("/sockets").status, 200);
    ASSERT_TRUE(reload({})) << gateway.log();
    EXPECT_EQ(administrator.get("/gateways").status, 200);
}

TEST_F(Reload, IssuedUrisNameTheNewHost)
{
    ASSERT_TRUE(reload({.server = "public_url = \"https://push.example.com\""})) << gateway.log();
    EXPECT_EQ(originOf(backend.reserve()), "wss://push.example.com");
    ASSERT_TRUE(reload({.server = "app_domain = \"app.example.com\""})) << gateway.log();
    EXPECT_EQ(originOf(backend.reserve()), "wss://app.example.com");
    ASSERT_TRUE(reload({.server = "trust_forwarded = true"})) << gateway.log();
    const HttpAnswer answer =
        backend.call("POST", "/sockets", R"({"tags":[]})",
                     {{"X-Forwarded-Host", "proxy.example.com"}, {"X-Forwarded-Proto", "https"}});
    EXPECT_THAT(JsonView(answer.body).string("/uri"), HasSubstr("wss://proxy.example.com/"));
}

TEST_F(Reload, AddressLimitsHoldForTheNextRequest)
{
    const RawConnection before(gateway.endpoint()); // is not counted
    ASSERT_TRUE(reload({.rest = "[limits]\nreservations_per_second = 1\nburst = 100"})) << gateway.log();
    int passed = 0;
    while (passed < 1000 && backend.post("/sockets", R"({"tags":[]})").status == 201)
        ++passed;
    EXPECT_GE(passed, 100);
    EXPECT_LT(passed, 1000);
    ASSERT_TRUE(
        reload({.rest = "[limits]\nreservations_per_second = 1\nburst = 100\nexempt = [\"127.0.0.1\"]"}));
    EXPECT_EQ(backend.post("/sockets", R"({"tags":[]})").status, 201);

    ASSERT_TRUE(reload({.rest = "[limits]\nconnections_per_address = 3"})) << gateway.log();
    std::vector<RawConnection> more;
    const auto ask = [](RawConnection &connection) {
        EXPECT_TRUE(connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        return readHttpAnswer(connection).status;
    };
    for (int i = 0; i < 3; ++i) // two workers accept; only an answer says that this one is counted
        EXPECT_EQ(ask(more.emplace_back(gateway.endpoint())), 200);
    RawConnection oneTooMany(gateway.endpoint());
    EXPECT_EQ(readHttpAnswer(oneTooMany).status, 429);
    more[0].close();
    EXPECT_EQ(ask(more[1]), 200);
    ASSERT_TRUE(reload({})) << gateway.log();
    for (int i = 0; i < 5; ++i)
        more.emplace_back(gateway.endpoint());
    EXPECT_EQ(ask(more.back()), 200);
}

TEST_F(Reload, PingsComeAtTheNewInterval)
{
    ASSERT_TRUE(reload({.rest = "[websocket]\nping_interval = \"1s\""})) << gateway.log();
    OpenSocket fresh = backend.open();
    const auto frame = fresh.socket.readAnyFrame(longPatience);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->opcode, Opcode::Ping);
}

TEST_F(Reload, LogLevelChanges)
{
    const auto refused = [this] {
        RawConnection connection(gateway.endpoint());
        EXPECT_TRUE(connection.send("NONSENSE\r\n\r\n"));
        EXPECT_EQ(readHttpAnswer(connection).status, 400);
    };
    refused();
    ASSERT_TRUE(reload({.rest = "[log]\nlevel = \"debug\""})) << gateway.log();
    EXPECT_EQ(count("request refused"), 0u);
    refused();
    EXPECT_TRUE(waitForCount("request refused", 1));
    ASSERT_TRUE(reload({.rest = "[log]\nlevel = \"error\""})) << "less is said from then on, not before";
    write({.server = "drain = \"nonsense\""});
    EXPECT_FALSE(hangUp());
    EXPECT_EQ(count("request refused"), 1u);
    write({.rest = "[log]\nlevel = \"info\""});
    EXPECT_TRUE(hangUp()) << "more is said at once";
}

TEST_F(Reload, SettingsOfTheGatewayHoldForWhatComesNext)
{
    ASSERT_TRUE(reload({.gateway = "name = \"Renamed\"\nclient_messages = \"echo\"\ntags_per_socket = 1"}))
        << gateway.log();
    EXPECT_EQ(JsonView(backend.get("/configuration").body).string("/name"), "Renamed");
    EXPECT_EQ(backend.post("/sockets", R"({"tags":["a","b"]})").status, 422);
    OpenSocket fresh = backend.open();
    EXPECT_TRUE(fresh.socket.sendText("echo me"));
    EXPECT_EQ(fresh.socket.readMessage(), "echo me");
}

TEST_F(Reload, WhatWasStoredStaysOnTopOfTheFile)
{
    EXPECT_EQ(configure(R"({"name":"Stored","limits":{"tagsPerSocket":7}})").status, 200);
    ASSERT_TRUE(reload({.gateway = "name = \"File\"\nqueue_bytes = 4096"})) << gateway.log();
    const std::string configuration = backend.get("/configuration").body;
    EXPECT_EQ(JsonView(configuration).string("/name"), "Stored");
    EXPECT_THAT(configuration, AllOf(HasSubstr(R"("tagsPerSocket":7)"), HasSubstr(R"("queueBytes":4096)")));
    EXPECT_EQ(configure(R"({"name":null})").status, 200);
    EXPECT_EQ(JsonView(backend.get("/configuration").body).string("/name"), "File");
}

TEST_F(Reload, GatewaysComeAndGo)
{
    const std::string second =
        "[[gateways]]\nid = \"second\"\nsecurity_token = \"second-secret-77\"\naccess_control = \"custom\"";
    gateway.secret("second-secret-77");
    GatewayApi other = caller("/v1/gateways/second", "second-secret-77");
    GatewayApi made = createGateway("made");
    OpenSocket ofMade = made.open({"all"});
    EXPECT_EQ(other.get("/sockets").status, 404);
    ASSERT_TRUE(reload({.rest = second})) << gateway.log();
    EXPECT_THAT(lastLines(), HasSubstr("changed=\"gateways.second (new)\""));
    OpenSocket ofSecond = other.open({"all"});
    other.sendToTag("all", "to the second");
    EXPECT_EQ(ofSecond.socket.readMessage(), "to the second");
    const Issued issued = other.reserve();
    RawWebSocket spent = other.openIssued(issued);
    ASSERT_TRUE(spent.isOpen());

    ASSERT_TRUE(reload({})) << gateway.log();
    EXPECT_THAT(lastLines(), HasSubstr("gateways.second (removed)"));
    EXPECT_EQ(ofSecond.socket.readClose(), 1001);
    EXPECT_EQ(other.get("/sockets").status, 404);
    made.sendToTag("all", "nothing happens to those of the operator");
    EXPECT_EQ(ofMade.socket.readMessage(), "nothing happens to those of the operator");

    ASSERT_TRUE(reload({.rest = second})) << gateway.log();
    EXPECT_EQ(listedIds(other.get("/sockets")).size(), 0u);
    EXPECT_EQ(other.openIssued(issued).answer().status, 401)
        << "its key is the old one, and so are its spent tokens";
    OpenSocket again = other.open();
    EXPECT_TRUE(again.socket.isOpen());
}

TEST_F(Reload, MistakesAreNamedAndChangeNothing)
{
    const std::string place = file().string();
    writeFile(file(), "[server]\nwatch_config = false\n[http\n");
    EXPECT_FALSE(hangUp());
    EXPECT_THAT(gateway.log(), HasSubstr(place + ":3: "));
    FileText wrong{.server = "drain = \"soon\"",
                   .gateway = "name = \"Half\"\nsecurty_tokn = \"x\"",
                   .rest = "[http]\nbody_bytes = 2048\nfields = 100000\n[[gateways]]\nid = "
                           "\"second\"\n[[gateways]]\nname = \"no id\""};
    wrong.operatorToken = "never-in-force-secret";
    gateway.secret(wrong.operatorToken);
    write(wrong);
    EXPECT_FALSE(hangUp());
    EXPECT_THAT(gateway.log(),
                AllOf(HasSubstr("server.drain: expected"), HasSubstr("gateway.securty_tokn: no such key"),
                      HasSubstr("http.fields: expected an integer from 8 to 10000"),
                      HasSubstr("`id` is missing")));
    EXPECT_EQ(metric("mws_config_last_reload_successful"), "0");
    EXPECT_EQ(postBytes(4000).status, 201);
    EXPECT_EQ(administrator.get("/gateways").status, 200);
    EXPECT_EQ(JsonView(backend.get("/configuration").body).string("/name"), "");
    EXPECT_EQ(caller("/v1/gateways/second", "").get("/sockets").status, 404);

    std::filesystem::remove(file());
    EXPECT_FALSE(hangUp());
    EXPECT_THAT(lastLines(), HasSubstr(place + ": cannot be read"));
    ASSERT_TRUE(reload({.gateway = "name = \"Good again\""})) << gateway.log();
    EXPECT_EQ(metric("mws_config_last_reload_successful"), "1");
    EXPECT_GT(std::stoll(metric("mws_config_last_reload_success_timestamp_seconds")), 1600000000);
}

TEST_F(Reload, FilesThatItNamesAreCheckedToo)
{
    const FileText wrong{.gateway = "name = \"Half\"",
                         .rest =
                             "[[gateways]]\nid = \"second\"\naccess_control = \"jwt\"\njwt_public_key = \"" +
                             (gateway.folder() / "missing.pem").string() + "\""};
    write(wrong);
    EXPECT_FALSE(hangUp());
    EXPECT_THAT(gateway.log(),
                HasSubstr("gateway second: jwt_public_key: " + (gateway.folder() / "missing.pem").string()));
    EXPECT_EQ(JsonView(backend.get("/configuration").body).string("/name"), "");
}

TEST_F(Reload, WhatNeedsARestartIsNamedAndTheRestIsInForce)
{
    gateway.secret("redis-secret-12");
    ASSERT_TRUE(reload(
        {.server = "direct_lane = false",
         .gateway = "name = \"In force\"",
         .rest = "[redis]\nport = 7000\npassword = \"redis-secret-12\"\n[cluster]\nprefix = \"other\"\n"
                 "[tls]\nminimum_version = \"1.3\"\n[log]\nformat = \"json\""}))
        << gateway.log();
    EXPECT_EQ(JsonView(backend.get("/configuration").body).string("/name"), "In force");
    EXPECT_THAT(
        gateway.log(),
        AllOf(HasSubstr("needs a restart option=server.direct_lane in_force=true after_restart=false"),
              HasSubstr("option=redis.port in_force=6379 after_restart=7000"),
              HasSubstr("option=redis.password in_force=\"(not set)\" after_restart=(set)"),
              HasSubstr("option=cluster.prefix"), HasSubstr("option=log.format")));
    EXPECT_THAT(gateway.log(), Not(HasSubstr("option=tls.minimum_version")));
    ASSERT_TRUE(reload({})) << gateway.log();
    EXPECT_EQ(count("needs a restart option=redis.port"), 1u);
}

TEST_F(Reload, EnvironmentWinsOverTheFile)
{
    ASSERT_TRUE(reload({.server = "port = 1\nworkers = 64\nstate_dir = \"/nowhere\""})) << gateway.log();
    EXPECT_THAT(gateway.log(), Not(HasSubstr("needs a restart")));
}

TEST_F(Reload, DrainOfTheFileIsTheOneThatCounts)
{
    ASSERT_TRUE(reload({.server = "drain = \"200ms\""})) << gateway.log();
    OpenSocket silent = backend.open(); // does not answer the Close
    gateway.signal(SIGTERM);
    EXPECT_EQ(open.socket.readClose(), 1001);
    EXPECT_EQ(gateway.waitForExit(), 0);
    EXPECT_THAT(gateway.log(), HasSubstr("some connections did not end in time"));
    gateway.start();
    backend = caller("/v1", securityToken);
    open = backend.open({"all"});
}

/// The watch of the file; nothing is signalled.
class ReloadWatch : public Reload
{
protected:
    ReloadWatch() : Reload({.watch = "true"}) {}

    static std::string named(const std::string &name)
    {
        return FileText{.gateway = "name = \"" + name + "\"", .watch = "true"}.text();
    }
    bool waitForName(const std::string &name)
    {
        const Deadline deadline(longPatience);
        while (JsonView(backend.get("/configuration").body).string("/name") != name && deadline.left() > 0)
            letPass(std::chrono::milliseconds(20));
        return JsonView(backend.get("/configuration").body).string("/name") == name;
    }
};

TEST_F(ReloadWatch, FollowsWritesRenamesAndLinks)
{
    writeFile(file(), named("written"));
    EXPECT_TRUE(waitForName("written")) << gateway.log();
    replaceByRename(named("renamed"));
    EXPECT_TRUE(waitForName("renamed")) << gateway.log();

    const std::filesystem::path folder = gateway.folder();
    for (const std::string name : {"one", "two"})
        writeFile(folder / ("..version_" + name) / "gateway.toml", named("linked " + name));
    std::filesystem::create_directory_symlink("..version_one", folder / "..data");
    std::filesystem::create_symlink("..data/gateway.toml", folder / "new.toml");
    std::filesystem::rename(folder / "new.toml", file());
    EXPECT_TRUE(waitForName("linked one")) << gateway.log();
    std::filesystem::create_directory_symlink("..version_two", folder / "..data_tmp");
    std::filesystem::rename(folder / "..data_tmp", folder / "..data");
    EXPECT_TRUE(waitForName("linked two")) << gateway.log();
}

TEST_F(ReloadWatch, FileThatVanishesOrIsBrokenKeepsTheOldOneInForce)
{
    writeFile(file(), named("before"));
    ASSERT_TRUE(waitForName("before"));
    std::filesystem::remove(file());
    EXPECT_TRUE(waitForCount(notReloaded, 1)) << gateway.log();
    EXPECT_THAT(gateway.log(), HasSubstr("cannot be read"));
    writeFile(file(), "broken");
    EXPECT_TRUE(waitForCount(notReloaded, 2)) << gateway.log();
    EXPECT_TRUE(waitForName("before"));
    writeFile(file(), named("after"));
    EXPECT_TRUE(waitForName("after")) << gateway.log();
    EXPECT_EQ(count(notReloaded), 2u) << "a mistake is told once";
}

TEST_F(Reload, HundredReloadsUnderTrafficLoseNothingAndLeakNothing)
{
    constexpr int reloads = 100;
    ASSERT_TRUE(hangUp());
    const ProcessProbe probe(gateway.id());
    const size_t descriptors = probe.descriptors();
    std::atomic<bool> stop{false};
    int sent = 0;
    std::thread publisher([&] {
        GatewayApi api = caller("/v1", securityToken);
        while (!stop && api.sendToTag("all", std::to_string(sent)).status == 201)
            ++sent;
    });
    int read = 0;
    bool good = true;
    for (int i = 0; i < reloads && good; ++i) {
        const std::string even = i % 2 == 0 ? "[[gateways]]\nid = \"second\"\n[http]\nbody_bytes = 4096" : "";
        good = reload({.gateway = "name = \"" + std::to_string(i) + "\"", .rest = even});
        for (; good && open.socket.connection().waitForData(std::chrono::milliseconds(0)); ++read)
            good = open.socket.readMessage() == std::to_string(read);
    }
    stop = true;
    publisher.join();
    ASSERT_TRUE(good) << lastLines();
    for (; read < sent; ++read)
        ASSERT_EQ(open.socket.readMessage(), std::to_string(read));
    EXPECT_GT(sent, reloads);
    EXPECT_EQ(JsonView(backend.get("/configuration").body).string("/name"), std::to_string(reloads - 1));
    const Deadline deadline(longPatience);
    while (probe.descriptors() > descriptors && deadline.left() > 0)
        std::this_thread::yield();
    EXPECT_LE(probe.descriptors(), descriptors);
}

} // namespace mws::test
