#include "support/gateway_test.h"

#include <functional>
#include <optional>

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Console : public GatewayTest
{
protected:
    HttpAnswer get(const std::string &target, HttpHeaders headers = {})
    {
        return backend.client().request("GET", target, {}, std::move(headers));
    }
};

TEST_F(Console, PageNeedsNoTokenAndBindsTheBrowser)
{
    const HttpAnswer page = get("/console");
    ASSERT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.header("Content-Security-Policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
              "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
              "require-trusted-types-for 'script'; trusted-types 'none'");
    EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(page.header("X-Frame-Options"), "DENY");
    EXPECT_EQ(page.header("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(page.header("Cache-Control"), "no-cache");
    EXPECT_THAT(page.body, HasSubstr("console/main.js"));
    EXPECT_THAT(page.body, Not(HasSubstr("://")));
}

TEST_F(Console, FilesHaveTheirTypesAndTags)
{
    for (const auto &[name, type] : {std::pair("main.js", "text/javascript; charset=utf-8"),
                                     std::pair("colours.css", "text/css; charset=utf-8"),
                                     std::pair("icon.svg", "image/svg+xml; charset=utf-8")}) {
        const HttpAnswer file = get("/console/" + std::string(name));
        ASSERT_EQ(file.status, 200) << name;
        EXPECT_EQ(file.header("Content-Type"), type);
        EXPECT_EQ(file.header("X-Content-Type-Options"), "nosniff");
        const std::string tag = file.header("ETag");
        const HttpAnswer again = get("/console/" + std::string(name), {{"If-None-Match", tag}});
        EXPECT_EQ(again.status, 304) << name;
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(again.header("ETag"), tag);
        EXPECT_TRUE(again.hasHeader("Content-Security-Policy"));
        EXPECT_EQ(get("/console/" + std::string(name), {{"If-None-Match", "\"other\""}}).status, 200);
        EXPECT_EQ(get("/console/" + std::string(name), {{"If-None-Match", "W/" + tag + ", \"x\""}}).status,
                  304);
    }
}

TEST_F(Console, OnlyItsFilesAreThereAndOnlyToRead)
{
    for (const char *path : {"/console/nothing.js", "/console/../console", "/console/mainXjs", "/consoles",
                             "/console/index.html", "/console/page/main.js"})
        EXPECT_EQ(get(path).status, 404) << path;
    const HttpAnswer slash = get("/console/");
    EXPECT_EQ(slash.status, 308);
    EXPECT_EQ(slash.header("Location"), "../console");
    for (const char *path : {"/console", "/console/main.js", "/console/status.json", "/v1/console"}) {
        const HttpAnswer refused = backend.client().request("POST", path, "{}");
        EXPECT_EQ(refused.status, 405) << path;
        EXPECT_EQ(refused.header("Allow"), "GET, HEAD, OPTIONS") << path;
    }
    EXPECT_EQ(get("/v1/console/socket").status, 405);
    const HttpAnswer head = [this] {
        RawConnection connection(gateway.endpoint());
        connection.send(httpText({.method = "HEAD", .target = "/console"}, gateway.endpoint()));
        return readHttpAnswer(connection, AnswerBody::None);
    }();
    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(head.hasHeader("ETag"));
}

TEST_F(Console, SaysWhetherThereIsAnOperator)
{
    EXPECT_EQ(get("/console/status.json").body, "{\"operatorToken\":true}");
    GatewayProcess open({.environment = {{"OPERATOR_TOKEN", ""}}});
    EXPECT_EQ(HttpClient(open.endpoint()).request("GET", "/console/status.json").body,
              "{\"operatorToken\":false}");
    EXPECT_EQ(HttpClient(open.endpoint()).request("POST", "/v1/console/socket").status, 401);
}

TEST_F(Console, OverviewIsTheOperators)
{
    EXPECT_EQ(backend.get("/console").status, 401);
    EXPECT_EQ(backend.post("/console/socket", "{}").status, 401);
    const HttpAnswer answer = administrator.get("/console");
    ASSERT_EQ(answer.status, 200);
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), ElementsAre("version", "node", "clustered", "ready", "defaultGateway",
                                         "publicUrl", "tokenGrace", "socketOrigins", "configurationKeys"));
    EXPECT_EQ(json.string("/defaultGateway"), "default");
    EXPECT_EQ(json.integer("/tokenGrace"), 86400);
    bool found = false;
    for (int i = 0; i < json.size("/configurationKeys"); ++i) {
        const std::string at = "/configurationKeys/" + std::to_string(i);
        if (json.string(at + "/key") != "limits.queueBytes")
            continue;
        found = true;
        EXPECT_EQ(json.string(at + "/type"), "number");
        EXPECT_EQ(json.integer(at + "/min"), 1024);
        EXPECT_EQ(json.string(at + "/unit"), "bytes");
    }
    EXPECT_TRUE(found);
}

TEST_F(Console, SocketGetsStatisticsEverySecond)
{
    const OpenSocket open = backend.open();
    const HttpAnswer issued = administrator.post("/console/socket", "{}");
    ASSERT_EQ(issued.status, 201) << issued.body;
    EXPECT_EQ(issued.header("Cache-Control"), "no-store");
    const std::string target = targetOf(JsonView(issued.body).string("/uri"));
    EXPECT_THAT(target, StartsWith("/v1/gateways/_console/socket?token="));
    RawWebSocket console(gateway.endpoint(), target);
    ASSERT_EQ(console.answer().status, 101);
    backend.sendToAll("counted");
    for (int i = 0; i < 20; ++i) {
        const JsonView message(console.readMessage().value_or(""));
        ASSERT_EQ(message.string("/type"), "statistics");
        EXPECT_THAT(message.keys("/gateways"), Not(::testing::Contains("_console")));
        if (message.integer("/gateways/default/messages") == 1) {
            EXPECT_EQ(message.integer("/gateways/default/sockets"), 1);
            EXPECT_GE(message.integer("/connections"), 3);
            EXPECT_EQ(RawWebSocket(gateway.endpoint(), target).answer().status, 401); // it opens once
            return;
        }
    }
    ADD_FAILURE() << "the message is not counted";
}

TEST_F(Console, StatisticsSayWhatWaitsForAGatewaysReaders)
{
    GatewayApi other = createGateway("other");
    const OpenSocket quick = other.open({"slow"});
    const std::string text(100000, 'x');
    const auto fill = [&](const OpenSocket &socket, std::string_view tag) {
        int messages = 0;
        for (; messages < 200 && backend.queuedBytes(socket.id) < 3 * text.size(); ++messages)
            EXPECT_EQ(backend.sendToTag(tag, text).status, 201);
        EXPECT_GE(backend.queuedBytes(socket.id), 3 * text.size());
        return messages;
    };
    OpenSocket slow = backend.openStalled({"slow"});
    const int messages = fill(slow, "slow");
    std::optional<OpenSocket> gone = backend.openStalled({"gone"});
    fill(*gone, "gone");

    const HttpAnswer issued = administrator.post("/console/socket", "{}");
    RawWebSocket console(gateway.endpoint(), targetOf(JsonView(issued.body).string("/uri")));
    ASSERT_EQ(console.answer().status, 101) << issued.body;
    const auto untilQueuedIs = [&](const std::function<size_t()> &wanted) {
        for (int i = 0; i < 20; ++i) {
            const JsonView message(console.readMessage().value_or(""));
            EXPECT_EQ(message.integer("/gateways/other/queuedBytes"), 0);
            if (message.integer("/gateways/default/queuedBytes") == int64_t(wanted()))
                return true;
        }
        return false;
    };
    const auto queuedOfSlow = [&] { return backend.queuedBytes(slow.id); };
    EXPECT_TRUE(untilQueuedIs([&] { return queuedOfSlow() + backend.queuedBytes(gone->id); })) << "both";
    gone.reset();
    EXPECT_TRUE(untilQueuedIs(queuedOfSlow)) << "who is gone has no queue";
    EXPECT_GE(queuedOfSlow(), 2 * text.size()) << "it still does not read";
    for (int i = 0; i < messages; ++i)
        ASSERT_EQ(slow.socket.readMessage().value_or("").size(), text.size());
    EXPECT_TRUE(untilQueuedIs([] { return size_t(0); })) << "all of it was read";
}

TEST_F(Console, ItsGatewayCannotBeSeenOrMade)
{
    GatewayApi own = caller("/v1/gateways/_console", operatorToken);
    for (const char *path : {"", "/sockets", "/configuration", "/websocket_uri"})
        EXPECT_EQ(own.get(path).status, 404) << path;
    EXPECT_EQ(own.post("/messages", R"({"data":"x","receivers":{"sockets":["*"]}})").status, 404);
    EXPECT_EQ(own.call("DELETE", "").status, 404);
    EXPECT_EQ(own.post("/security_token", "").status, 404);
    EXPECT_THAT(administrator.get("/gateways").body, Not(HasSubstr("_console")));
    for (const char *id : {"_console", "_other", "_"}) {
        const HttpAnswer refused = administrator.post("/gateways", "{\"id\":" + jsonString(id) + '}');
        EXPECT_EQ(refused.status, 422) << id;
        EXPECT_EQ(errorProperty(refused), "id");
    }
    EXPECT_EQ(RawWebSocket(gateway.endpoint(), "/v1/gateways/_console/socket").answer().status, 401);
}

TEST_F(Console, ListOfSocketsSaysMoreWhenAsked)
{
    const OpenSocket open = backend.open({"red"}, R"("user":"ada")");
    const JsonView more(backend.get("/sockets?details=true").body);
    EXPECT_EQ(more.string("/results/0/user"), "ada");
    EXPECT_THAT(more.string("/results/0/remote"), HasSubstr("127.0.0.1:"));
    EXPECT_EQ(more.integer("/results/0/queuedBytes"), startsInCluster() ? -1 : 0);
    for (const char *path : {"/sockets", "/sockets?details=false"})
        EXPECT_THAT(JsonView(backend.get(path).body).keys("/results/0"),
                    ElementsAre("id", "connectedAt", "tags"));
    EXPECT_EQ(errorProperty(backend.get("/sockets?details=perhaps")), "details");
}

class PublicConsole : public GatewayTest
{
protected:
    PublicConsole() : GatewayTest(guardedGateway({{"MWS_SERVER_PUBLIC_URL", "https://push.example.com"}})) {}
};

TEST_F(PublicConsole, MayConnectToThePublicAddress)
{
    const HttpAnswer page = backend.client().request("GET", "/console");
    EXPECT_THAT(page.header("Content-Security-Policy"),
                HasSubstr("connect-src 'self' wss://push.example.com;"));
    const JsonView json(administrator.get("/console").body);
    EXPECT_EQ(json.string("/publicUrl"), "https://push.example.com");
    EXPECT_THAT(json.strings("/socketOrigins"), ElementsAre("wss://push.example.com"));
}

class NoConsole : public GatewayTest
{
protected:
    NoConsole() : GatewayTest(guardedGateway({{"MWS_SERVER_CONSOLE", "false"}})) {}
};

TEST_F(NoConsole, IsNowhere)
{
    for (const char *path :
         {"/console", "/console/", "/console/main.js", "/console/status.json", "/v1/console"})
        EXPECT_EQ(administrator.client().request("GET", path).status, 404) << path;
    EXPECT_EQ(administrator.post("/console/socket", "{}").status, 404);
    EXPECT_EQ(RawWebSocket(gateway.endpoint(), "/v1/gateways/_console/socket").answer().status, 404);
    EXPECT_EQ(administrator.get("/gateways").status, 200);
}

} // namespace mws::test
