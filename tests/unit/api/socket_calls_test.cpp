#include "token/token_codec.h"
#include "unit/api/fakes.h"

#include <gtest/gtest.h>

#include <regex>

namespace mws {
namespace {

using test::ApiFixture;

const std::string id32(32, 'a');

SocketInfo someSocket(const std::string &id)
{
    return {*SocketId::parse(id),
            WallTime(std::chrono::milliseconds(1767225600123)),
            {"a", "b\""},
            "",
            "[::1]:5",
            9};
}

std::string match(const std::string &text, const std::string &pattern)
{
    std::smatch found;
    return std::regex_match(text, found, std::regex(pattern)) ? found[1].str() : "no match: " + text;
}

TEST(SocketCalls, IssuesAUriForAnyoneInModeNone)
{
    ApiFixture fixture;
    const auto answer = fixture.ask("GET", "/v1/websocket_uri");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    const std::string token = match(
        answer.body,
        R"re(\{"uri":"ws://push\.example\.com:8080/v1/gateways/default/socket\?token=([^"]+)","expiresAt":"2026-01-01T00:05:00\.000Z","tags":\[\]\})re");
    const auto gateway = fixture.admin.gateways.find("default");
    const auto reservation = verifyToken(*gateway, token, fixture.clock.wall());
    ASSERT_TRUE(reservation) << reservation.error().detail;
    EXPECT_EQ(reservation->user, "");
    EXPECT_EQ(fixture.reservations.open("default"), 1u);
}

TEST(SocketCalls, PutsTheUsersSubjectsIntoTheUri)
{
    ApiFixture fixture;
    fixture.setGateway("default", "secret", [](Gateway &g) {
        g.settings.accessControl = AccessControl::Eds;
        g.settings.permissions.read = {"*"};
    });
    const auto answer = fixture.start("GET", "/v1/websocket_uri", {}, {{"authorization", "Bearer t"}});
    fixture.identity.waiting.at(0)(Identity{"42", {"usergroups.7", "team"}});
    const std::string token =
        match(answer->body, R"re(.*token=([^"]+)".*"tags":\["users.42","usergroups.7","team"\]\})re");
    const auto reservation =
        verifyToken(*fixture.admin.gateways.find("default"), token, fixture.clock.wall());
    ASSERT_TRUE(reservation);
    EXPECT_EQ(reservation->user, "42");
}

TEST(SocketCalls, CreatesAReservation)
{
    ApiFixture fixture;
    const auto answer = fixture.administer("POST", "/v1/sockets",
                                           R"({"tags":["b",7,"b"],"user":"u","expiresIn":60,"reuse":true})");
    EXPECT_EQ(answer.status, 201);
    const std::string token = match(
        answer.body,
        R"re(\{"id":"[A-Za-z0-9]{32}","uri":"ws://[^"]*token=([^"]+)","expiresAt":"2026-01-01T00:01:00\.000Z","tags":\["b","7"\]\})re");
    const auto reservation =
        verifyToken(*fixture.admin.gateways.find("default"), token, fixture.clock.wall());
    ASSERT_TRUE(reservation);
    EXPECT_EQ(reservation->user, "u");
    EXPECT_TRUE(reservation->reuse);
    EXPECT_EQ(fixture.administer("POST", "/v1/sockets").status, 201);
    EXPECT_EQ(fixture.ask("POST", "/v1/sockets").status, 401);
    EXPECT_EQ(fixture.administer("POST", "/v1/sockets", R"({"tags":[""]})").status, 422);
}

TEST(SocketCalls, Answers503OverTheLimitOfReservations)
{
    ApiFixture fixture;
    fixture.setGateway("default", "secret", [](Gateway &g) { g.settings.limits.reservations = 1; });
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 200);
    const auto answer = fixture.ask("GET", "/v1/websocket_uri");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("Retry-After"), "1");
}

TEST(SocketCalls, ListsOpenSockets)
{
    ApiFixture fixture;
    EXPECT_EQ(fixture.administer("GET", "/v1/sockets").body, R"({"results":[]})");
    EXPECT_EQ(fixture.hub.listed.limit, 10000u);
    fixture.hub.page.sockets = {someSocket(id32), someSocket(std::string(32, 'b'))};
    fixture.hub.page.more = true;
    const auto answer = fixture.administer("GET", "/v1/sockets?tag=user%3A4+2&limit=2&cursor=" + id32);
    EXPECT_EQ(answer.body,
              R"({"results":[{"id":")" + id32 +
                  R"(","connectedAt":"2026-01-01T00:00:00.123Z","tags":["a","b\""]},{"id":")" +
                  std::string(32, 'b') +
                  R"(","connectedAt":"2026-01-01T00:00:00.123Z","tags":["a","b\""]}],"cursor":")" +
                  std::string(32, 'b') + "\"}");
    EXPECT_EQ(fixture.hub.listed.tag, "user:4 2");
    EXPECT_EQ(fixture.hub.listed.limit, 2u);
    EXPECT_EQ(fixture.hub.listed.cursor, id32);
    for (const char *query : {"limit=0", "limit=1001", "limit=x", "limit=", "cursor=abc", "tag=", "tag=%ff"})
        EXPECT_EQ(fixture.administer("GET", std::string("/v1/sockets?") + query).status, 422) << query;
}

TEST(SocketCalls, ShowsOneSocket)
{
    ApiFixture fixture;
    EXPECT_EQ(fixture.administer("GET", "/v1/sockets/" + id32).status, 404);
    EXPECT_EQ(fixture.administer("GET", "/v1/sockets/short").status, 404);
    fixture.hub.socket = someSocket(id32);
    const std::string start =
        R"({"id":")" + id32 +
        R"(","connectedAt":"2026-01-01T00:00:00.123Z","tags":["a","b\""],"queuedBytes":9,)";
    EXPECT_EQ(fixture.administer("GET", "/v1/sockets/" + id32).body, start + R"("remote":"[::1]:5"})");
    fixture.hub.socket->user = "u";
    EXPECT_EQ(fixture.administer("GET", "/v1/sockets/" + id32).body,
              start + R"("user":"u","remote":"[::1]:5"})");
}

TEST(SocketCalls, ClosesAnOpenSocket)
{
    ApiFixture fixture;
    const std::string path = "/v1/sockets/" + id32;
    EXPECT_EQ(fixture.administer("DELETE", path).status, 404);
    fixture.hub.socket = someSocket(id32);
    const auto answer = fixture.administer("DELETE", path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "{}");
    EXPECT_EQ(fixture.hub.closed.first, CloseCode::Normal);
    fixture.administer("DELETE", path + "?code=4000&reason=see%20you");
    EXPECT_EQ(fixture.hub.closed, std::pair(CloseCode(4000), std::string("see you")));
    for (const std::string query : {"code=1002", "code=1005", "code=1006", "code=999", "code=5000",
                                    "code=1015", "code=2999", "code=x", "reason=%ff"})
        EXPECT_EQ(fixture.administer("DELETE", path + "?" + query).status, 422) << query;
    EXPECT_EQ(fixture.administer("DELETE", path + "?reason=" + std::string(123, 'x')).status, 200);
    EXPECT_EQ(fixture.administer("DELETE", path + "?reason=" + std::string(124, 'x')).status, 422);
}

TEST(SocketCalls, RevokesAReservation)
{
    ApiFixture fixture;
    const auto created = fixture.administer("POST", "/v1/sockets");
    const std::string path = "/v1/sockets/" + created.body.substr(7, 32);
    EXPECT_EQ(fixture.administer("GET", path).status, 404);
    EXPECT_EQ(fixture.administer("DELETE", path).status, 200);
    EXPECT_EQ(fixture.administer("DELETE", path).status, 404);
    EXPECT_EQ(fixture.reservations.open("default"), 0u);
}

TEST(SocketCalls, ClosesAndRevokesByFilter)
{
    ApiFixture fixture;
    fixture.administer("POST", "/v1/sockets", R"({"tags":["a"],"user":"u"})");
    fixture.administer("POST", "/v1/sockets", R"({"tags":["a"]})");
    const auto answer = fixture.administer("DELETE", "/v1/sockets?tag=a&user=u");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"closed":3,"revoked":1})");
    EXPECT_EQ(fixture.hub.closed, std::pair(CloseCode::PolicyViolation, std::string("revoked")));
    EXPECT_EQ(fixture.hub.closedFilter.tag, "a");
    EXPECT_EQ(fixture.hub.closedFilter.user, "u");
    EXPECT_EQ(fixture.administer("DELETE", "/v1/sockets?issuedBefore=2026-01-01T00:00:01Z&code=1000").body,
              R"({"closed":3,"revoked":1})");
    EXPECT_EQ(fixture.hub.closed.first, CloseCode::Normal);
    for (const char *query : {"", "?", "?tag=", "?user=", "?issuedBefore=yesterday", "?other=1"})
        EXPECT_EQ(fixture.administer("DELETE", std::string("/v1/sockets") + query).status, 422) << query;
}

TEST(SocketCalls, AnswersWhenTheClusterHasTheReservation)
{
    ApiFixture fixture;
    fixture.hub.clustered = true;
    const auto created = fixture.start("POST", "/v1/sockets", {}, {{"authorization", "Bearer secret"}});
    const auto issued = fixture.start("GET", "/v1/websocket_uri");
    EXPECT_EQ(created->status + issued->status, 0);
    for (const auto &task : std::exchange(fixture.hub.tasks, {}))
        task();
    EXPECT_EQ(created->status, 201);
    EXPECT_EQ(created->header("Cache-Control"), "no-store");
    EXPECT_EQ(issued->status, 200);
    EXPECT_EQ(fixture.reservations.open("default"), 2u);
}

TEST(SocketCalls, ClosesNothingBeforeTheClusterHasRevoked)
{
    ApiFixture fixture;
    fixture.hub.clustered = true;
    fixture.hub.socket = someSocket(id32);
    for (const std::string &target : {"/v1/sockets/" + id32, std::string("/v1/sockets?tag=a")}) {
        fixture.hub.closed = {};
        const auto answer = fixture.start("DELETE", target, {}, {{"authorization", "Bearer secret"}});
        EXPECT_EQ(answer->status, 0);
        EXPECT_EQ(fixture.hub.closed.first, CloseCode());
        for (const auto &task : std::exchange(fixture.hub.tasks, {}))
            task();
        EXPECT_EQ(answer->status, 200);
        EXPECT_NE(fixture.hub.closed.first, CloseCode());
    }
}

TEST(SocketCalls, Answers503WhereTheClusterDoesNot)
{
    ApiFixture fixture;
    fixture.hub.socket = someSocket(id32);
    fixture.hub.tokensError =
        Error{ErrorCode::Unavailable, "The broker cannot be reached", {}, std::chrono::seconds(1)};
    const std::pair<const char *, std::string> calls[] = {{"POST", "/v1/sockets"},
                                                          {"GET", "/v1/websocket_uri"},
                                                          {"DELETE", "/v1/sockets/" + id32},
                                                          {"DELETE", "/v1/sockets?tag=a"}};
    for (const auto &[method, target] : calls) {
        const auto answer = fixture.administer(method, target);
        EXPECT_EQ(answer.status, 503) << method << target;
        EXPECT_EQ(answer.header("Retry-After"), "1");
    }
    EXPECT_EQ(fixture.hub.closed.first, CloseCode());
}

TEST(SocketCalls, ChangesTags)
{
    ApiFixture fixture;
    const std::string path = "/v1/sockets/" + id32;
    EXPECT_EQ(fixture.administer("PATCH", path, "{}").status, 404);
    fixture.hub.socket = someSocket(id32);
    const auto answer = fixture.administer("PATCH", path, R"({"addTags":["x"],"removeTags":["y",5]})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.substr(0, 8), R"({"id":"a)");
    EXPECT_EQ(fixture.hub.added, std::vector<Tag>{"x"});
    EXPECT_EQ(fixture.hub.removed, (std::vector<Tag>{"y", "5"}));
    for (const char *body : {"", "[]", R"({"addTags":"x"})", R"({"addTags":[""]})", R"({"removeTags":[{}]})"})
        EXPECT_EQ(fixture.administer("PATCH", path, body).status, 422) << body;
}

} // namespace
} // namespace mws
