#include "unit/api/fakes.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace mws {
namespace {

using test::ApiFixture;

TEST(Api, SaysItsNameAndHealthWithoutAToken)
{
    ApiFixture fixture;
    EXPECT_EQ(fixture.ask("GET", "/").body, R"({"name":"MWS"})");
    EXPECT_EQ(fixture.ask("HEAD", "/").status, 200);
    EXPECT_EQ(fixture.ask("GET", "/health/live").status, 200);
    EXPECT_EQ(fixture.ask("GET", "/health/ready").status, 200);
    fixture.notReady = "starting";
    const auto answer = fixture.ask("GET", "/health/ready");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, R"({"error":{"reason":"Unavailable","message":"Not ready: starting"}})");
    EXPECT_EQ(fixture.ask("GET", "/health/live").status, 200);
}

TEST(Api, Answers404ForPathsThatItDoesNotHave)
{
    ApiFixture fixture;
    for (const char *path :
         {"", "/v1", "/v1/", "/v1/messages/", "//v1/messages", "/v1//messages", "/v2/messages",
          "/V1/messages", "/v1/gateways/", "/v1/gateways//messages", "/v1/gateways/a%62/messages",
          "/v1/gateways/{gateway}/messages", "/v1/sockets/", "/v1/sockets/%61", "/v1/sockets/{id}",
          "/v1/sockets/a/b", "/health", "/metrics/", "/consoles"}) {
        const auto answer = fixture.ask("GET", path);
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(answer.body, R"({"error":{"reason":"NotFound","message":"Not found"}})");
    }
}

TEST(Api, Answers405WithWhatThePathAllows)
{
    ApiFixture fixture;
    const auto allow = [&](const char *method, const char *path) {
        const auto answer = fixture.ask(method, path);
        EXPECT_EQ(answer.status, 405) << path;
        return answer.header("Allow");
    };
    EXPECT_EQ(allow("GET", "/v1/messages"), "POST, OPTIONS");
    EXPECT_EQ(allow("HEAD", "/v1/gateways/default/messages"), "POST, OPTIONS");
    EXPECT_EQ(allow("PUT", "/v1/sockets"), "POST, GET, HEAD, DELETE, OPTIONS");
    EXPECT_EQ(allow("POST", "/v1/sockets/x"), "GET, HEAD, DELETE, PATCH, OPTIONS");
    EXPECT_EQ(allow("UNKNOWN", "/v1/configuration"), "GET, HEAD, PUT, OPTIONS");
    EXPECT_EQ(allow("PATCH", "/v1/gateways"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(allow("TRACE", "/"), "GET, HEAD, OPTIONS");
}

TEST(Api, AnswersPreflightsOnAnyPath)
{
    ApiFixture fixture;
    for (const char *path : {"/v1/messages", "/nothing", "/v1/gateways/none/sockets"}) {
        const auto answer = fixture.ask("OPTIONS", path, {},
                                        {{"origin", "https://a.example"},
                                         {"access-control-request-method", "PUT"},
                                         {"access-control-request-headers", "authorization, x-custom"}});
        EXPECT_EQ(answer.status, 204);
        EXPECT_EQ(answer.body, "");
        EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "https://a.example");
        EXPECT_EQ(answer.header("Access-Control-Allow-Methods"), "GET, POST, PUT, PATCH, DELETE, OPTIONS");
        EXPECT_EQ(answer.header("Access-Control-Allow-Headers"), "authorization, x-custom");
    }
    EXPECT_EQ(fixture.ask("OPTIONS", "/v1/messages").header("Access-Control-Allow-Origin"), "");
}

TEST(Api, PutsCorsOnAnswersAndErrorsOfAllowedOrigins)
{
    ApiFixture fixture;
    fixture.setGateway("other", "s",
                       [](Gateway &g) { g.settings.allowedOrigins = {"https://good.example"}; });
    const auto origin = [&](const char *path, const char *from) {
        return fixture.ask("POST", path, "{}", {{"origin", from}}).header("Access-Control-Allow-Origin");
    };
    EXPECT_EQ(origin("/v1/messages", "https://any.example"), "https://any.example");
    EXPECT_EQ(origin("/v1/gateways/other/messages", "https://good.example"), "https://good.example");
    EXPECT_EQ(origin("/v1/gateways/other/messages", "https://bad.example"), "");
    EXPECT_EQ(fixture.ask("GET", "/").header("Vary"), "Origin");
}

TEST(Api, TakesOverOrMakesARequestId)
{
    ApiFixture fixture;
    const auto answered = [&](const std::string &id) {
        return fixture.ask("GET", "/", {}, {{"x-request-id", id}}).header("X-Request-Id");
    };
    EXPECT_EQ(answered("trace-1!"), "trace-1!");
    EXPECT_EQ(answered(std::string(128, 'x')), std::string(128, 'x'));
    for (const std::string &bad :
         {std::string(), std::string(129, 'x'), std::string("a b"), std::string("\xff")}) {
        EXPECT_EQ(answered(bad).size(), 16u);
        EXPECT_NE(answered(bad), answered(bad));
    }
}

} // namespace
TEST(Api, CountsByRouteAndStatus)
{
    ApiFixture fixture;
    const auto count = [&](const char *method, const char *route, int status) {
        const auto counters = fixture.metrics.route(method, route);
        const auto &statuses = StatusCounters::statuses;
        const auto slot = std::find(statuses.begin(), statuses.end(), status) - statuses.begin();
        return counters->countOf(size_t(slot));
    };
    const std::string message = R"({"data":"x","receivers":{"sockets":["*"]}})";
    EXPECT_EQ(fixture.administer("POST", "/v1/messages", message).status, 201);
    EXPECT_EQ(fixture.administer("POST", "/v1/gateways/default/messages", message).status, 201);
    EXPECT_EQ(fixture.administer("POST", "/v1/messages", "{").status, 422);
    EXPECT_EQ(count("POST", "/v1/gateways/{gateway}/messages", 201), 2u);
    EXPECT_EQ(count("POST", "/v1/gateways/{gateway}/messages", 422), 1u);
    EXPECT_EQ(fixture.ask("HEAD", "/health/live").status, 200);
    EXPECT_EQ(count("GET", "/health/live", 200), 1u);
    EXPECT_EQ(fixture.ask("GET", "/v1/nowhere").status, 404);
    EXPECT_EQ(fixture.ask("PUT", "/v1/messages").status, 405);
    EXPECT_EQ(count("any", "unknown", 404), 1u);
    EXPECT_EQ(count("any", "unknown", 405), 1u);
    EXPECT_EQ(fixture.ask("OPTIONS", "/v1/messages").status, 204);
    EXPECT_EQ(count("OPTIONS", "preflight", 204), 1u);
    for (const auto &[name, counters] : fixture.metrics.routes())
        EXPECT_TRUE(name.second.find("/v1/") != 0 || name.second.starts_with("/v1/gateways") ||
                    name.second.starts_with("/v1/console"))
            << name.second;
}

} // namespace mws
