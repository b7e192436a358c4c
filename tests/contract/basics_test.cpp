#include "support/gateway_test.h"

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Basics : public GatewayTest
{};

TEST_F(Basics, RootNamesTheService)
{
    const HttpAnswer answer = backend.client().request("GET", "/");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(JsonView(answer.body).text(), R"({"name":"MWS"})");
    EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
}

TEST_F(Basics, HealthNeedsNoToken)
{
    EXPECT_EQ(backend.client().request("GET", "/health/live").status, 200);
    EXPECT_EQ(backend.client().request("GET", "/health/ready").status, 200);
}

TEST_F(Basics, UnknownPathIs404WithAnErrorBody)
{
    for (const char *path : {"/v1/nothing", "/v2/sockets", "/nothing", "/v1/gateways/default/nothing"}) {
        const HttpAnswer answer = backend.client().request("GET", path);
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_THAT(JsonView(answer.body).keys(), ElementsAre("error")) << path;
        EXPECT_THAT(JsonView(answer.body).keys("/error"), ElementsAre("reason", "message")) << path;
        EXPECT_EQ(errorReason(answer), "NotFound") << path;
        EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
    }
}

TEST_F(Basics, SocketAddressOpenedByAPlainGetSaysWhatItIsFor)
{
    for (const char *path : {"/v1/socket?token=x", "/v1/gateways/default/socket"}) {
        const HttpAnswer answer = backend.client().request("GET", path);
        EXPECT_EQ(answer.status, 426) << path;
        EXPECT_EQ(answer.header("Upgrade"), "websocket") << path;
        EXPECT_EQ(errorReason(answer), "UpgradeRequired") << path;
    }
}

TEST_F(Basics, UnknownGatewayIs404ForEveryCall)
{
    GatewayApi nobody = caller("/v1/gateways/nobody", securityToken);
    for (const auto &[method, path] : HttpHeaders{{"GET", "/websocket_uri"},
                                                  {"GET", "/sockets"},
                                                  {"POST", "/sockets"},
                                                  {"POST", "/messages"},
                                                  {"POST", "/messages:batch"},
                                                  {"GET", "/configuration"},
                                                  {"POST", "/webhook_receivers/enginio"}})
        EXPECT_EQ(nobody.call(method, path, method == "POST" ? "{}" : "").status, 404)
            << method << ' ' << path;
}

TEST_F(Basics, HeadIsGetWithoutABody)
{
    const HttpAnswer get = backend.client().request("GET", "/");
    const HttpAnswer head = backend.client().request("HEAD", "/");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), get.header("Content-Length"));
    // A body that had come would be taken for the next answer.
    EXPECT_EQ(backend.client().request("GET", "/").status, 200);
    EXPECT_EQ(backend.call("HEAD", "/sockets").status, 200);
    EXPECT_EQ(backend.client().request("HEAD", "/nothing").status, 404);
    EXPECT_EQ(backend.client().request("GET", "/").body, get.body);
}

TEST_F(Basics, RequestIdIsTakenOverOrMade)
{
    const HttpAnswer given = backend.client().request("GET", "/", {}, {{"X-Request-Id", "order-17"}});
    EXPECT_EQ(given.header("X-Request-Id"), "order-17");
    const std::string first = backend.client().request("GET", "/").header("X-Request-Id");
    const std::string second = backend.client().request("GET", "/").header("X-Request-Id");
    EXPECT_FALSE(first.empty());
    EXPECT_NE(first, second);
}

TEST_F(Basics, RequestIdIsTakenOverByRefusalsBeforeAnyHandler)
{
    const RawWebSocket refused(gateway.endpoint(), "/v1/socket?token=x", {{"X-Request-Id", "order-18"}});
    EXPECT_EQ(refused.answer().status, 401);
    EXPECT_EQ(refused.answer().header("X-Request-Id"), "order-18");
    const HttpAnswer bad = backend.client().request(
        "POST", "/v1/messages", "x", {{"X-Request-Id", "order-19"}, {"Content-Encoding", "gzip"}});
    EXPECT_EQ(bad.status, 415);
    EXPECT_EQ(bad.header("X-Request-Id"), "order-19");
}

TEST_F(Basics, ContentTypeOfARequestIsNotInsistedOn)
{
    for (const char *type : {"text/plain", "application/x-www-form-urlencoded", "application/json"}) {
        const HttpAnswer answer =
            backend.call("POST", "/messages", R"({"data":"x","receivers":{}})", {{"Content-Type", type}});
        EXPECT_EQ(answer.status, 201) << type;
    }
}

TEST_F(Basics, ContentEncodingThatItCannotReadIs415)
{
    const HttpAnswer answer =
        backend.call("POST", "/messages", "\x1f\x8b garbage", {{"Content-Encoding", "gzip"}});
    EXPECT_EQ(answer.status, 415);
}

TEST_F(Basics, BodyIs422UnlessItIsJson)
{
    for (const char *body : {"", "{", "nonsense", "[]", "\"text\"", R"({"data":"x","receivers":{}} more)",
                             "{\"data\":\"\xff\",\"receivers\":{}}", R"({"data":"\ud800","receivers":{}})"}) {
        const HttpAnswer answer = backend.post("/messages", body);
        EXPECT_EQ(answer.status, 422) << body;
        EXPECT_THAT(JsonView(answer.body).keys(), ElementsAre("errors")) << answer.body;
        EXPECT_THAT(JsonView(answer.body).keys("/errors/0"), ElementsAre("reason", "property", "message"));
    }
}

TEST_F(Basics, BodyDeeperThan64Is422)
{
    const auto nested = [](int depth) {
        return R"({"data":)" + std::string(size_t(depth), '[') + std::string(size_t(depth), ']') +
               R"(,"receivers":{}})";
    };
    EXPECT_EQ(backend.post("/messages", nested(63)).status, 201);
    EXPECT_EQ(backend.post("/messages", nested(65)).status, 422);
}

TEST_F(Basics, BodyOverTheLimitIs413)
{
    EXPECT_EQ(backend.post("/messages", std::string((1 << 20) + 1, ' ')).status, 413);
    EXPECT_EQ(backend.client().request("GET", "/").status, 200);
}

class Methods : public EachBase
{};
MWS_FOR_EACH_BASE(Methods);

TEST_P(Methods, OtherMethodsAre405WithAllow)
{
    struct Row
    {
        const char *path, *method, *allowed;
    };
    for (const Row &row : {Row{"/websocket_uri", "POST", "GET"}, Row{"/messages", "GET", "POST"},
                           Row{"/messages", "PATCH", "POST"}, Row{"/messages:batch", "DELETE", "POST"},
                           Row{"/webhook_receivers/enginio", "GET", "POST"},
                           Row{"/configuration", "DELETE", "PUT"}, Row{"/configuration", "POST", "GET"},
                           Row{"/sockets", "PUT", "DELETE"}, Row{"/sockets", "PATCH", "POST"},
                           Row{"/sockets/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "POST", "PATCH"}}) {
        const HttpAnswer answer = api.call(row.method, row.path, "{}");
        EXPECT_EQ(answer.status, 405) << row.method << ' ' << row.path;
        EXPECT_EQ(errorReason(answer), "MethodNotAllowed");
        EXPECT_THAT(answer.header("Allow"), HasSubstr(row.allowed)) << row.path;
        EXPECT_THAT(answer.header("Allow"), Not(HasSubstr(row.method))) << row.path;
    }
}

TEST_P(Methods, OptionsIs204ForAnyPath)
{
    for (const char *path : {"/websocket_uri", "/sockets", "/messages", "/configuration", "/no/such/path"}) {
        const HttpAnswer answer = api.client().request("OPTIONS", api.base() + path);
        EXPECT_EQ(answer.status, 204) << path;
        EXPECT_TRUE(answer.body.empty());
    }
}

class Cors : public EachBase
{};
MWS_FOR_EACH_BASE(Cors);

TEST_P(Cors, PreflightAllowsTheOriginMethodsAndHeadersAskedFor)
{
    const HttpAnswer answer =
        api.client().request("OPTIONS", api.base() + "/messages", {},
                             {{"Origin", "https://app.example"},
                              {"Access-Control-Request-Method", "POST"},
                              {"Access-Control-Request-Headers", "authorization, x-mine"}});
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "https://app.example");
    EXPECT_EQ(answer.header("Access-Control-Allow-Methods"), "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    EXPECT_EQ(answer.header("Access-Control-Allow-Headers"), "authorization, x-mine");
}

TEST_P(Cors, AnswersNameTheOriginAlsoWhenTheyAreErrors)
{
    const HttpHeaders origin{{"Origin", "https://app.example"}};
    EXPECT_EQ(api.call("GET", "/sockets", {}, origin).header("Access-Control-Allow-Origin"),
              "https://app.example");
    const HttpAnswer refused = api.client().request("GET", api.base() + "/sockets", {}, origin);
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.header("Access-Control-Allow-Origin"), "https://app.example");
}

TEST_P(Cors, NoCorsHeaderWithoutAnOrigin)
{
    for (const auto &[name, value] : api.get("/sockets").headers)
        EXPECT_THAT(name, Not(::testing::StartsWith("Access-Control"))) << value;
}

TEST_P(Cors, OriginThatIsNotAllowedIsNotNamed)
{
    const HttpAnswer stored = api.call(
        "PUT", "/configuration", R"({"allowedOrigins":["https://good.example","https://*.wild.example"]})");
    ASSERT_EQ(stored.status, 200) << stored.body;
    const auto allowed = [&](const char *origin) {
        return api.call("GET", "/sockets", {}, {{"Origin", origin}}).header("Access-Control-Allow-Origin");
    };
    EXPECT_EQ(allowed("https://good.example"), "https://good.example");
    EXPECT_EQ(allowed("https://a.wild.example"), "https://a.wild.example");
    EXPECT_EQ(allowed("https://bad.example"), "");
    EXPECT_EQ(allowed("https://good.example.bad.example"), "");
}

TEST_P(Cors, SocketOfAnOriginThatIsNotAllowedIs403)
{
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"allowedOrigins":["https://good.example"]})").status,
              200);
    const Issued issued = api.reserve();
    EXPECT_EQ(api.openIssued(issued, {{"Origin", "https://bad.example"}}).answer().status, 403);
    // It was not spent.
    EXPECT_EQ(api.openIssued(issued, {{"Origin", "https://good.example"}}).answer().status, 101);
}

} // namespace mws::test
