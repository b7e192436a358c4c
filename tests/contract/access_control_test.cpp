#include "support/gateway_test.h"

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

/// Calls that need the security token in every mode.
const HttpHeaders guardedCalls{{"POST", "/sockets"},
                               {"GET", "/sockets"},
                               {"DELETE", "/sockets?tag=a"},
                               {"GET", "/sockets/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
                               {"DELETE", "/sockets/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
                               {"PATCH", "/sockets/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
                               {"POST", "/webhook_receivers/enginio"},
                               {"GET", "/configuration"},
                               {"PUT", "/configuration"}};
const std::string message = R"({"data":"x","receivers":{}})";

} // namespace

class CustomMode : public EachBase
{};
MWS_FOR_EACH_BASE(CustomMode);

TEST_P(CustomMode, OnlyTheSecurityTokenReadsAndWrites)
{
    EXPECT_EQ(api.get("/websocket_uri").status, 200);
    EXPECT_EQ(api.post("/messages", message).status, 201);
    EXPECT_EQ(api.post("/messages:batch", R"({"messages":[]})").status, 200);
    for (const char *bearer : {"", "wrong", "backend-secret-7f3a91c", "backend-secret-7f3a91c22"}) {
        GatewayApi stranger(api.client().endpoint(), api.base(), bearer);
        EXPECT_EQ(stranger.get("/websocket_uri").status, 401) << bearer;
        EXPECT_EQ(stranger.post("/messages", message).status, 401) << bearer;
        EXPECT_EQ(stranger.post("/messages:batch", R"({"messages":[]})").status, 401) << bearer;
    }
}

TEST_P(CustomMode, GuardedCallsAre401WithAnErrorBody)
{
    for (const char *bearer : {"", "wrong"}) {
        GatewayApi stranger(api.client().endpoint(), api.base(), bearer);
        for (const auto &[method, path] : guardedCalls) {
            const HttpAnswer answer = stranger.call(method, path, method == "GET" ? "" : "{}");
            EXPECT_EQ(answer.status, 401) << method << ' ' << path;
            EXPECT_EQ(errorReason(answer), "AuthenticationNeeded") << method << ' ' << path;
            EXPECT_THAT(JsonView(answer.body).keys("/error"), ElementsAre("reason", "message"));
        }
    }
}

TEST_P(CustomMode, OtherFormsOfAuthorizationAre401)
{
    for (const std::string &value : {"Basic " + api.bearer(), api.bearer(), std::string("Bearer"),
                                     "Bearer " + api.bearer() + " " + api.bearer()}) {
        const HttpAnswer answer =
            api.client().request("GET", api.base() + "/sockets", {}, {{"Authorization", value}});
        EXPECT_EQ(answer.status, 401);
    }
    // The scheme's name has no case (RFC 9110 §11.1).
    EXPECT_EQ(api.client()
                  .request("GET", api.base() + "/sockets", {}, {{"Authorization", "bearer " + api.bearer()}})
                  .status,
              200);
}

TEST_P(CustomMode, ErrorsNeverRepeatTheSecret)
{
    const std::string guess = "guess-that-must-not-come-back";
    GatewayApi stranger(api.client().endpoint(), api.base(), gateway.secret(guess));
    EXPECT_THAT(stranger.get("/sockets").body, ::testing::Not(HasSubstr(guess)));
}

class NoneMode : public GatewayTest
{
protected:
    NoneMode() : GatewayTest({.environment = {{"SECURITY_TOKEN", securityToken}}}) {}
};

TEST_F(NoneMode, AnyoneReadsAndWrites)
{
    GatewayApi anyone = caller("/v1", "");
    const HttpAnswer issued = anyone.get("/websocket_uri");
    ASSERT_EQ(issued.status, 200);
    RawWebSocket socket(gateway.endpoint(), targetOf(JsonView(issued.body).string("/uri")));
    ASSERT_TRUE(socket.isOpen());
    EXPECT_EQ(anyone.sendToAll("open to all").status, 201);
    EXPECT_EQ(socket.readMessage(), "open to all");
}

TEST_F(NoneMode, GuardedCallsNeedTheSecurityTokenNevertheless)
{
    GatewayApi anyone = caller("/v1", "");
    for (const auto &[method, path] : guardedCalls)
        EXPECT_EQ(anyone.call(method, path, method == "GET" ? "" : "{}").status, 401)
            << method << ' ' << path;
    EXPECT_EQ(backend.get("/sockets").status, 200);
}

TEST_F(NoneMode, OperatorsCallsAre401AndSayWhy)
{
    const HttpAnswer answer = backend.get("/gateways");
    EXPECT_EQ(answer.status, 401);
    EXPECT_THAT(answer.body, HasSubstr("OPERATOR_TOKEN"));
}

class NothingSet : public GatewayTest
{
protected:
    NothingSet() : GatewayTest(GatewayOptions{}) {}
};

TEST_F(NothingSet, DefaultGatewayIsInModeNoneAndTheLogSaysSo)
{
    EXPECT_EQ(caller("/v1", "").get("/websocket_uri").status, 200);
    EXPECT_THAT(gateway.log(), HasSubstr("none"));
}

TEST_F(NothingSet, GuardedCallsAre401AndNameSecurityToken)
{
    for (const char *bearer : {"", "anything"}) {
        GatewayApi stranger = caller("/v1", bearer);
        for (const auto &[method, path] : guardedCalls) {
            const HttpAnswer answer = stranger.call(method, path, method == "GET" ? "" : "{}");
            EXPECT_EQ(answer.status, 401) << method << ' ' << path;
            EXPECT_THAT(answer.body, HasSubstr("SECURITY_TOKEN")) << method << ' ' << path;
        }
    }
    EXPECT_THAT(gateway.log(), HasSubstr("SECURITY_TOKEN"));
}

} // namespace mws::test
