#include "unit/api/fakes.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

using test::ApiFixture;

TEST(GatewayCalls, ShowsAndChangesTheConfiguration)
{
    ApiFixture fixture;
    EXPECT_EQ(fixture.administer("GET", "/v1/configuration").body, R"({"name":"The default"})");
    const auto changed = fixture.administer("PUT", "/v1/gateways/default/configuration", R"({"name":"x"})");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(changed.body, R"({"name":"The default"})");
    EXPECT_EQ(fixture.admin.body, R"({"name":"x"})");
    EXPECT_EQ(fixture.ask("PUT", "/v1/configuration", "{}").status, 401);
    fixture.admin.error = Error{ErrorCode::InvalidData, "Is not known", "nmae"};
    EXPECT_EQ(fixture.administer("PUT", "/v1/configuration", "{}").body,
              R"({"errors":[{"reason":"InvalidData","property":"nmae","message":"Is not known"}]})");
    fixture.admin.error = Error{ErrorCode::Unavailable, {}, {}};
    EXPECT_EQ(fixture.administer("PUT", "/v1/configuration", "{}").status, 503);
}

TEST(GatewayCalls, ListsAndShowsGateways)
{
    ApiFixture fixture;
    EXPECT_EQ(
        fixture.operate("GET", "/v1/gateways").body,
        R"({"results":[{"id":"default","name":"The default","sockets":7},{"id":"other","name":"The other","sockets":7}]})");
    EXPECT_EQ(fixture.operate("GET", "/v1/gateways/other").body,
              R"({"id":"other","name":"The other","sockets":7,"configuration":{"name":"The other"}})");
    EXPECT_EQ(fixture.operate("GET", "/v1/gateways/none").status, 404);
}

TEST(GatewayCalls, CreatesAGatewayAndShowsItsTokenOnce)
{
    ApiFixture fixture;
    const auto created = fixture.operate("POST", "/v1/gateways", R"({"id":"other"})");
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.body,
              R"({"id":"other","securityToken":"new-secret","configuration":{"name":"The other"}})");
    EXPECT_EQ(created.header("Cache-Control"), "no-store");
    fixture.admin.error = Error{ErrorCode::Conflict, {}, {}};
    EXPECT_EQ(fixture.operate("POST", "/v1/gateways", "{}").status, 409);
}

TEST(GatewayCalls, DeletesAGatewayWithItsSocketsAndReservations)
{
    ApiFixture fixture;
    fixture.ask("GET", "/v1/gateways/other/websocket_uri");
    EXPECT_EQ(fixture.reservations.open("other"), 1u);
    const auto answer = fixture.operate("DELETE", "/v1/gateways/other");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "{}");
    EXPECT_EQ(fixture.hub.closed.first, CloseCode::GoingAway);
    EXPECT_EQ(fixture.reservations.open("other"), 0u);
    fixture.admin.error = Error{ErrorCode::AccessDenied, {}, {}};
    EXPECT_EQ(fixture.operate("DELETE", "/v1/gateways/default").status, 403);
}

TEST(GatewayCalls, RotatesTheSecurityToken)
{
    ApiFixture fixture;
    const auto answer = fixture.operate("POST", "/v1/gateways/other/security_token");
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body,
              R"({"securityToken":"next-secret","previousValidUntil":"2026-01-01T00:00:00.000Z"})");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
}

} // namespace
} // namespace mws
