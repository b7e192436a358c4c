#include "support/fake_enginio.h"
#include "support/gateway_test.h"
#include "support/jwt_maker.h"

#include <ctime>
#include <filesystem>

namespace mws::test {

using ::testing::HasSubstr;
using ::testing::Not;

namespace {

const SigningPair &rsa()
{
    static const SigningPair pair = SigningPair::rsa();
    return pair;
}

const SigningPair &curve()
{
    static const SigningPair pair = SigningPair::curve();
    return pair;
}

const SigningPair &nextCurve()
{
    static const SigningPair pair = SigningPair::curve();
    return pair;
}

std::string claims()
{
    return R"({"sub":"eva","exp":)" + std::to_string(std::time(nullptr) + 300) + '}';
}

std::string esToken(const std::string &kid, const SigningPair &pair)
{
    return signedToken(R"({"alg":"ES256","kid":")" + kid + "\"}", claims(), pair);
}

std::string rsToken(const std::string &kid, const SigningPair &pair)
{
    return signedToken(R"({"alg":"RS256","kid":")" + kid + "\"}", claims(), pair);
}

/// True if `holds` within the usual patience; for what the gateway does by itself.
bool eventually(const std::function<bool()> &holds)
{
    const Deadline deadline(patience);
    while (!holds())
        if (deadline.left() == 0)
            return false;
    return true;
}

/// Made before the gateway that asks it.
struct WithKeyServer
{
    FakeEnginio keyServer;
    void serve(const std::string &set) { keyServer.add("", set); }
    size_t fetched() const { return keyServer.requests().size(); }
};

} // namespace

/// A gateway whose keys come from a URL, looked for at most once in `interval`.
class JwksUrl : public WithKeyServer, public GatewayTest
{
protected:
    explicit JwksUrl(const std::string &interval = "1m")
        : GatewayTest({.environment = {{"SECURITY_TOKEN", securityToken},
                                       {"OPERATOR_TOKEN", operatorToken},
                                       {"ACCESS_CONTROL", "jwt"},
                                       {"MWS_IDENTITY_KEYS_INTERVAL", interval},
                                       {"MWS_IDENTITY_TIMEOUT", "1s"},
                                       {"MWS_GATEWAY_JWT_JWKS", served()},
                                       {"MWS_GATEWAY_PERMISSIONS_READ", "*"}}})
    {}
    std::string served()
    {
        serve(jwkSet({rsa().jwk("r1"), curve().jwk("e1")}));
        return keyServer.uri() + "/jwks.json";
    }
    HttpAnswer read(const std::string &accessToken)
    {
        return caller("/v1", gateway.secret(accessToken)).get("/websocket_uri");
    }
};

TEST_F(JwksUrl, VerifiesBothKindsOfKeys)
{
    EXPECT_EQ(read(rsToken("r1", rsa())).status, 200);
    EXPECT_EQ(read(esToken("e1", curve())).status, 200);
    EXPECT_EQ(read(esToken("e1", nextCurve())).status, 401);
    EXPECT_EQ(read(esToken("r1", curve())).status, 401);
    EXPECT_EQ(read(rsToken("e1", rsa())).status, 401);
    EXPECT_EQ(read(hsToken(R"({"alg":"HS256","kid":"r1"})", claims(), rsa().publicPem())).status, 401);
    EXPECT_EQ(read(hsToken(R"({"alg":"HS256","kid":"r1"})", claims(), rsa().jwk("r1"))).status, 401);
}

TEST_F(JwksUrl, IsAskedAtMostOnceAMinuteWhateverIsAsked)
{
    EXPECT_EQ(read(esToken("e1", curve())).status, 200);
    serve(jwkSet({nextCurve().jwk("e2")}));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(read(esToken("unknown-" + std::to_string(i), nextCurve())).status, 401);
    EXPECT_EQ(read(esToken("e2", nextCurve())).status, 401) << "it looks again when the minute is over";
    EXPECT_EQ(read(esToken("e1", curve())).status, 200);
    EXPECT_EQ(fetched(), 1u);
}

TEST_F(JwksUrl, TokenNamesNoAddressThatIsFetched)
{
    const std::string token =
        signedToken(R"({"alg":"ES256","jku":")" + keyServer.uri() + R"(/evil","x5u":")" + keyServer.uri() +
                        R"(/evil","jwk":)" + nextCurve().jwk("") + "}",
                    claims(), nextCurve());
    EXPECT_EQ(read(token).status, 401);
    for (const std::string &request : keyServer.requests())
        EXPECT_THAT(request, Not(HasSubstr("/evil")));
}

/// The same, but it may look again after 200 ms.
class JwksRotation : public JwksUrl
{
protected:
    JwksRotation() : JwksUrl("200ms") {}
};

TEST_F(JwksRotation, UnknownKidIsLookedForAndTheOldKeyStaysAsLongAsItIsServed)
{
    EXPECT_EQ(read(esToken("e1", curve())).status, 200);
    EXPECT_EQ(read(esToken("e2", nextCurve())).status, 401);
    serve(jwkSet({curve().jwk("e1"), nextCurve().jwk("e2")}));
    EXPECT_TRUE(eventually([&] { return read(esToken("e2", nextCurve())).status == 200; }));
    EXPECT_EQ(read(esToken("e1", curve())).status, 200) << "rotation without an outage";
    serve(jwkSet({nextCurve().jwk("e2")}));
    EXPECT_TRUE(eventually([&] {
        return read(esToken("e3", curve())).status == 401 && read(esToken("e1", curve())).status == 401;
    }));
    EXPECT_EQ(read(esToken("e2", nextCurve())).status, 200);
}

TEST_F(JwksRotation, OldKeysStayInForceWhateverTheServerDoes)
{
    EXPECT_EQ(read(esToken("e1", curve())).status, 200);
    using Mood = FakeEnginio::Mood;
    serve(jwkSet({nextCurve().jwk("e2")}));
    for (const Mood mood : {Mood::Failing, Mood::Garbage, Mood::Huge, Mood::Elsewhere, Mood::Silent}) {
        keyServer.setMood(mood);
        const size_t before = fetched();
        EXPECT_TRUE(eventually([&] {
            EXPECT_EQ(read(esToken("e2", nextCurve())).status, 401);
            return fetched() > before;
        }));
        EXPECT_EQ(read(esToken("e1", curve())).status, 200);
    }
    for (const std::string &request : keyServer.requests())
        EXPECT_THAT(request, Not(HasSubstr("/elsewhere")));
    keyServer.close();
    EXPECT_EQ(read(esToken("e1", curve())).status, 200);
    EXPECT_EQ(read(esToken("e2", nextCurve())).status, 401);
}

TEST_F(JwksRotation, TenantSetsAUrlOfItsOwn)
{
    GatewayApi players = createGateway("players", R"("permissions":{"read":["*"]})");
    ASSERT_EQ(players
                  .call("PUT", "/configuration",
                        R"({"accessControl":"jwt","identityProvider":{"jwksUri":")" + keyServer.uri() +
                            "/players\"}}")
                  .status,
              200);
    serve(jwkSet({nextCurve().jwk("p1")}));
    GatewayApi player = caller("/v1/gateways/players", esToken("p1", nextCurve()));
    const HttpAnswer answer = player.get("/websocket_uri");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(caller("/v1/gateways/players", esToken("e1", curve())).get("/websocket_uri").status, 401);
    EXPECT_EQ(read(esToken("e1", curve())).status, 200);
}

/// A server of keys that is dead, slow or mad when the gateway starts.
class JwksAway : public WithKeyServer, public ::testing::Test
{
protected:
    Environment environment(const std::string &jwks) const
    {
        return {{"SECURITY_TOKEN", securityToken},       {"ACCESS_CONTROL", "jwt"},
                {"MWS_IDENTITY_KEYS_INTERVAL", "200ms"}, {"MWS_IDENTITY_TIMEOUT", "500ms"},
                {"MWS_GATEWAY_JWT_JWKS", jwks},          {"MWS_GATEWAY_PERMISSIONS_READ", "*"}};
    }
};

TEST_F(JwksAway, Is503WithRetryAfterUntilItIsThere)
{
    keyServer.setMood(FakeEnginio::Mood::Silent);
    serve(jwkSet({curve().jwk("e1")}));
    GatewayProcess gateway({.environment = environment(keyServer.uri())});
    const auto read = [&](const std::string &token) {
        return GatewayApi(gateway.endpoint(), "/v1", gateway.secret(token)).get("/websocket_uri");
    };
    const HttpAnswer answer = read(esToken("e1", curve()));
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.hasHeader("Retry-After"));
    EXPECT_EQ(errorReason(answer), "Unavailable");
    EXPECT_EQ(read("not-a-jwt").status, 401);
    EXPECT_EQ(GatewayApi(gateway.endpoint(), "/v1", securityToken).get("/websocket_uri").status, 200)
        << "the backend needs no keys";
    keyServer.setMood(FakeEnginio::Mood::Well);
    EXPECT_TRUE(eventually([&] { return read(esToken("e1", curve())).status == 200; }));
}

TEST_F(JwksAway, SlowServerBlocksNobody)
{
    keyServer.setMood(FakeEnginio::Mood::Silent);
    GatewayProcess gateway({.environment = environment(keyServer.uri())});
    const auto began = std::chrono::steady_clock::now();
    std::vector<RawConnection> waiting;
    for (int i = 0; i < 16; ++i) {
        waiting.emplace_back(gateway.endpoint());
        waiting.back().send(httpText({.target = "/v1/websocket_uri",
                                      .headers = {{"Authorization", "Bearer " + esToken("e1", curve())}}},
                                     gateway.endpoint()));
    }
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(GatewayApi(gateway.endpoint(), "/v1", securityToken).get("/sockets").status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
    for (RawConnection &connection : waiting)
        EXPECT_EQ(readHttpAnswer(connection).status, 503);
    EXPECT_LE(fetched(), 8u) << "those who wait share a request";
}

TEST_F(JwksAway, DeadServerIs503)
{
    const std::string uri = keyServer.uri();
    keyServer.close();
    GatewayProcess gateway({.environment = environment(uri)});
    const HttpAnswer answer =
        GatewayApi(gateway.endpoint(), "/v1", esToken("e1", curve())).get("/websocket_uri");
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.hasHeader("Retry-After"));
    EXPECT_TRUE(gateway.waitForLog("keys of access tokens could not be loaded"));
}

/// Keys from files beside the gateway.
class JwtFiles : public ::testing::Test
{
protected:
    std::string path(const char *name) const { return (folder.path() / name).string(); }
    void replace(const char *name, const std::string &text) const
    {
        writeFile(path(name) + ".new", text);
        std::filesystem::rename(path(name) + ".new", path(name));
    }
    Environment environment() const
    {
        return {{"SECURITY_TOKEN", securityToken},           {"ACCESS_CONTROL", "jwt"},
                {"MWS_IDENTITY_KEYS_INTERVAL", "200ms"},     {"MWS_GATEWAY_JWT_PUBLIC_KEY", path("key.pem")},
                {"MWS_GATEWAY_JWT_JWKS", path("jwks.json")}, {"MWS_GATEWAY_PERMISSIONS_READ", "*"}};
    }
    TemporaryFolder folder;
};

TEST_F(JwtFiles, ArePutInForceWhenTheyChange)
{
    replace("key.pem", rsa().publicPem());
    replace("jwks.json", jwkSet({curve().jwk("e1")}));
    GatewayProcess gateway({.environment = environment()});
    const auto read = [&](const std::string &token) {
        return GatewayApi(gateway.endpoint(), "/v1", gateway.secret(token)).get("/websocket_uri").status;
    };
    EXPECT_EQ(read(rsToken("any", rsa())), 200) << "a PEM key has no kid";
    EXPECT_EQ(read(esToken("e1", curve())), 200);
    EXPECT_EQ(read(esToken("e2", nextCurve())), 401);
    replace("jwks.json", jwkSet({nextCurve().jwk("e2")}));
    EXPECT_TRUE(eventually([&] { return read(esToken("e2", nextCurve())) == 200; }));
    EXPECT_EQ(read(esToken("e1", curve())), 401);
    replace("key.pem", curve().publicPem());
    EXPECT_TRUE(eventually([&] { return read(esToken("e9", curve())) == 200; }));
    EXPECT_EQ(read(rsToken("any", rsa())), 401);
    replace("jwks.json", "broken");
    EXPECT_TRUE(eventually([&] { return gateway.log().find("not a JWK Set") != std::string::npos; }));
    EXPECT_EQ(read(esToken("e2", nextCurve())), 200) << "what was good stays";
    const JsonView configuration(
        GatewayApi(gateway.endpoint(), "/v1", securityToken).get("/configuration").body);
    EXPECT_EQ(configuration.text("/identityProvider/jwksUri"), "null") << "a tenant need not know the files";
}

} // namespace mws::test
