#include "support/fake_enginio.h"
#include "support/gateway_test.h"

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

namespace {

const std::string message = R"({"data":"x","receivers":{}})";

/// Made before the gateway that asks it.
struct WithEnginio
{
    FakeEnginio enginio;
};

} // namespace

/// A gateway in mode `eds`: everybody may read, admins may write.
class EdsMode : public WithEnginio, public GatewayTest
{
protected:
    EdsMode()
        : GatewayTest({.environment = {{"SECURITY_TOKEN", securityToken},
                                       {"ACCESS_CONTROL", "eds"},
                                       {"EDS_BACKEND_ID", "backend-77"},
                                       {"EDS_URI", enginio.uri()},
                                       {"EDS_PERMISSIONS",
                                        R"({"read":["*"],"write":["usergroups.admins","users.writer"]})"}}})
    {
        enginio.add("token-of-eva",
                    R"({"id":"eva","usergroups":[{"id":"guests","objectType":"usergroups"},"club.9"]})");
        enginio.add("token-of-adam",
                    R"({"id":"adam","usergroups":[{"id":"admins","objectType":"usergroups"}]})");
        enginio.add("token-of-writer", R"({"id":"writer","usergroups":[]})");
        for (const char *token : {"token-of-eva", "token-of-adam", "token-of-writer"})
            gateway.secret(token);
    }
    GatewayApi user(const std::string &token) { return caller("/v1", token); }
};

TEST_F(EdsMode, UsersSocketCarriesUserAndGroupTags)
{
    const HttpAnswer answer = user("token-of-eva").get("/websocket_uri");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), ElementsAre("uri", "expiresAt", "tags"));
    EXPECT_THAT(json.strings("/tags"), UnorderedElementsAre("users.eva", "usergroups.guests", "club.9"));
    RawWebSocket socket(gateway.endpoint(), targetOf(json.string("/uri")));
    ASSERT_TRUE(socket.isOpen());
    backend.sendToTag("users.eva", "for eva");
    backend.sendToTag("usergroups.guests", "for guests");
    EXPECT_EQ(socket.readMessage(), "for eva");
    EXPECT_EQ(socket.readMessage(), "for guests");
}

TEST_F(EdsMode, ProviderIsAskedAsEnginioExpects)
{
    EXPECT_EQ(user("token-of-eva").get("/websocket_uri").status, 200);
    const auto requests = enginio.requests();
    ASSERT_EQ(requests.size(), 1u);
    EXPECT_THAT(requests[0], ::testing::StartsWith("GET /v1/user HTTP/1.1\r\n"));
    std::string head = requests[0];
    for (char &c : head)
        c = char(std::tolower(uint8_t(c)));
    EXPECT_THAT(head, HasSubstr("authorization: bearer token-of-eva\r\n"));
    EXPECT_THAT(head, HasSubstr("enginio-backend-id: backend-77\r\n"));
    EXPECT_THAT(head, HasSubstr("accept: application/json\r\n"));
}

TEST_F(EdsMode, WritePermissionIsByUserOrGroup)
{
    EXPECT_EQ(user("token-of-adam").post("/messages", message).status, 201);
    EXPECT_EQ(user("token-of-writer").post("/messages", message).status, 201);
    const HttpAnswer refused = user("token-of-eva").post("/messages", message);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body, R"({"error":{"reason":"AccessDenied","message":"Access denied"}})");
}

TEST_F(EdsMode, UnknownOrAbsentTokenIs401)
{
    EXPECT_EQ(user("token-of-nobody").get("/websocket_uri").status, 401);
    EXPECT_EQ(user("token-of-nobody").post("/messages", message).status, 401);
    EXPECT_EQ(user("").get("/websocket_uri").status, 401);
}

TEST_F(EdsMode, SecurityTokenPassesWithoutAsking)
{
    EXPECT_EQ(backend.get("/websocket_uri").status, 200);
    EXPECT_EQ(backend.post("/messages", message).status, 201);
    EXPECT_TRUE(enginio.requests().empty());
}

TEST_F(EdsMode, AccessTokenIsNoSecurityToken)
{
    EXPECT_EQ(user("token-of-adam").get("/sockets").status, 401);
    EXPECT_EQ(user("token-of-adam").get("/configuration").status, 401);
}

TEST_F(EdsMode, GoodAnswerIsCached)
{
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(user("token-of-eva").get("/websocket_uri").status, 200);
    EXPECT_LE(enginio.requests().size(), 2u); // at most once for each worker
    enginio.setMood(FakeEnginio::Mood::Failing);
    GatewayApi again = user("token-of-eva");
    EXPECT_EQ(again.get("/websocket_uri").status, 200);
}

TEST_F(EdsMode, ProviderThatFailsOrTalksNonsenseIs503)
{
    for (const auto mood : {FakeEnginio::Mood::Failing, FakeEnginio::Mood::Garbage}) {
        enginio.setMood(mood);
        const HttpAnswer answer = user("token-of-eva").get("/websocket_uri");
        EXPECT_EQ(answer.status, 503);
        EXPECT_TRUE(answer.hasHeader("Retry-After"));
        EXPECT_EQ(errorReason(answer), "Unavailable");
    }
    enginio.setMood(FakeEnginio::Mood::Well);
    EXPECT_EQ(user("token-of-eva").get("/websocket_uri").status, 200);
}

TEST_F(EdsMode, ProviderThatIsAwayIs503)
{
    enginio.close();
    const HttpAnswer answer = user("token-of-eva").get("/websocket_uri");
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.hasHeader("Retry-After"));
}

TEST_F(EdsMode, SlowProviderIs503AndBlocksNobody)
{
    enginio.setMood(FakeEnginio::Mood::Silent);
    const auto began = std::chrono::steady_clock::now();
    std::vector<RawConnection> waiting;
    for (int i = 0; i < 8; ++i) {
        waiting.emplace_back(gateway.endpoint());
        waiting.back().send(
            httpText({.target = "/v1/websocket_uri", .headers = {{"Authorization", "Bearer token-of-eva"}}},
                     gateway.endpoint()));
    }
    for (int i = 0; i < 20; ++i) {
        GatewayApi other = caller("/v1", securityToken);
        EXPECT_EQ(other.get("/sockets").status, 200);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
    for (RawConnection &connection : waiting)
        EXPECT_EQ(readHttpAnswer(connection).status, 503);
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, std::chrono::milliseconds(1500));
    EXPECT_LT(took, std::chrono::milliseconds(4000));
}

TEST_F(EdsMode, ClientThatLeavesWhileTheProviderThinksHarmsNothing)
{
    enginio.setMood(FakeEnginio::Mood::Silent);
    for (int i = 0; i < 8; ++i) {
        RawConnection leaving(gateway.endpoint());
        leaving.send(
            httpText({.target = "/v1/websocket_uri", .headers = {{"Authorization", "Bearer token-of-eva"}}},
                     gateway.endpoint()));
        leaving.reset();
    }
    letPass(std::chrono::milliseconds(2300)); // until the provider is given up
    enginio.setMood(FakeEnginio::Mood::Well);
    EXPECT_EQ(user("token-of-adam").get("/websocket_uri").status, 200);
}

} // namespace mws::test
