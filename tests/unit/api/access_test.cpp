#include "unit/api/fakes.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

using test::ApiFixture;

constexpr const char *message = R"({"data":"x","receivers":{}})";

void setMode(ApiFixture &fixture, AccessControl mode, Permissions permissions = {})
{
    fixture.setGateway("default", "secret", [&](Gateway &gateway) {
        gateway.settings.accessControl = mode;
        gateway.settings.permissions = permissions;
    });
}

TEST(Access, LetsAnyoneReadAndWriteInModeNone)
{
    ApiFixture fixture;
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 200);
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message, {{"authorization", "Bearer bad"}}).status, 201);
}

TEST(Access, NeedsTheSecurityTokenForTheBackendsCallsInModeNone)
{
    ApiFixture fixture;
    for (const char *call : {"sockets", "configuration", "sockets/abc"}) {
        const std::string path = std::string("/v1/") + call;
        const auto answer = fixture.ask("GET", path);
        EXPECT_EQ(answer.status, 401) << call;
        EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
        EXPECT_EQ(answer.body,
                  R"({"error":{"reason":"AuthenticationNeeded","message":"Valid credentials are needed"}})");
        EXPECT_EQ(fixture.ask("GET", path, {}, {{"authorization", "Bearer othersecret"}}).status, 401);
        EXPECT_EQ(fixture.ask("GET", path, {}, {{"authorization", "Basic secret"}}).status, 401);
    }
    EXPECT_EQ(fixture.ask("GET", "/v1/sockets", {}, {{"authorization", "bEARER secret"}}).status, 200);
}

TEST(Access, NamesTheVariableWhereNoTokenIsConfigured)
{
    ApiFixture fixture;
    fixture.setGateway("default", "", [](Gateway &) {});
    const auto answer = fixture.administer("GET", "/v1/sockets");
    EXPECT_EQ(answer.status, 401);
    EXPECT_NE(answer.body.find("SECURITY_TOKEN"), std::string::npos);
}

TEST(Access, TakesARotatedTokenUntilItExpires)
{
    ApiFixture fixture;
    fixture.setGateway("default", "new", [&](Gateway &gateway) {
        gateway.securityTokens.push_back(
            {SecretDigest("secret"), fixture.clock.wall() + std::chrono::seconds(60)});
    });
    EXPECT_EQ(fixture.administer("GET", "/v1/sockets").status, 200);
    fixture.clock.advance(std::chrono::seconds(60));
    EXPECT_EQ(fixture.administer("GET", "/v1/sockets").status, 401);
}

TEST(Access, TakesJustTheSecurityTokenInModeCustom)
{
    ApiFixture fixture;
    setMode(fixture, AccessControl::Custom);
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 401);
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 401);
    EXPECT_EQ(fixture.administer("GET", "/v1/websocket_uri").status, 200);
    EXPECT_EQ(fixture.administer("POST", "/v1/messages", message).status, 201);
}

TEST(Access, AsksTheIdentityProviderInModeEds)
{
    ApiFixture fixture;
    setMode(fixture, AccessControl::Eds, {{"usergroups.team"}, {"users.boss"}});
    const auto as = [&](const char *method, const char *path, Result<Identity> identity) {
        const auto answer = fixture.start(method, path, message, {{"authorization", "Bearer t"}});
        fixture.identity.waiting.back()(std::move(identity));
        return answer->status;
    };
    EXPECT_EQ(as("GET", "/v1/websocket_uri", Identity{"1", {"usergroups.team"}}), 200);
    EXPECT_EQ(as("GET", "/v1/websocket_uri", Identity{"1", {"usergroups.x"}}), 403);
    EXPECT_EQ(as("POST", "/v1/messages", Identity{"boss", {}}), 201);
    EXPECT_EQ(as("POST", "/v1/messages", Identity{"1", {"usergroups.team"}}), 403);
    EXPECT_EQ(as("POST", "/v1/messages", Unexpected(ErrorCode::AuthenticationNeeded)), 401);
    const auto away = fixture.start("POST", "/v1/messages", message, {{"authorization", "Bearer t"}});
    fixture.identity.waiting.back()(Unexpected(ErrorCode::Unavailable));
    EXPECT_EQ(away->status, 503);
    EXPECT_EQ(away->header("Retry-After"), "1");
}

TEST(Access, AsksNobodyForTheSecurityTokenOrWithoutABearerInModeEds)
{
    ApiFixture fixture;
    setMode(fixture, AccessControl::Eds, {{}, {"*"}});
    EXPECT_EQ(fixture.administer("GET", "/v1/websocket_uri").status, 200);
    EXPECT_EQ(fixture.ask("GET", "/v1/websocket_uri").status, 401);
    EXPECT_EQ(fixture.ask("POST", "/v1/messages", message).status, 401);
    EXPECT_TRUE(fixture.identity.tokens.empty());
}

TEST(Access, NeedsTheOperatorsTokenForTheOperatorsCalls)
{
    ApiFixture fixture;
    EXPECT_EQ(fixture.ask("GET", "/v1/gateways").status, 401);
    EXPECT_EQ(fixture.administer("GET", "/v1/gateways").status, 401);
    EXPECT_EQ(fixture.administer("DELETE", "/v1/gateways/none").status, 401);
    EXPECT_EQ(fixture.operate("GET", "/v1/gateways").status, 200);
}

TEST(Access, TakesTheOperatorsTokenWhereASecurityTokenIsNeeded)
{
    ApiFixture fixture;
    EXPECT_EQ(fixture.operate("GET", "/v1/sockets").status, 200);
    EXPECT_EQ(fixture.operate("GET", "/v1/gateways/nobody/sockets").status, 404);
}

} // namespace
} // namespace mws
