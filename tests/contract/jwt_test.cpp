#include "support/gateway_test.h"
#include "support/jwt_maker.h"

#include <ctime>

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

namespace {

const std::string message = R"({"data":"x","receivers":{}})";
const std::string secret = "shared-with-the-login-server-0123456789";

std::string token(const std::string &claims, int64_t life = 300, const std::string &key = secret)
{
    return hsToken(R"({"alg":"HS256","typ":"JWT"})",
                   "{\"exp\":" + std::to_string(std::time(nullptr) + life) + (claims.empty() ? "" : ",") +
                       claims + '}',
                   key);
}

} // namespace

/// A gateway in mode `jwt` with a shared secret: everybody may read, admins and the writer may write.
class JwtMode : public GatewayTest
{
protected:
    JwtMode()
        : GatewayTest(
              {.environment = {{"SECURITY_TOKEN", securityToken},
                               {"OPERATOR_TOKEN", operatorToken},
                               {"ACCESS_CONTROL", "jwt"},
                               {"MWS_GATEWAY_JWT_SECRET", secret},
                               {"MWS_GATEWAY_PERMISSIONS_READ", "*"},
                               {"MWS_GATEWAY_PERMISSIONS_WRITE", "usergroups.admins,users.writer,teams.7"}}})
    {
        gateway.secret(secret);
    }
    GatewayApi user(const std::string &accessToken) { return caller("/v1", gateway.secret(accessToken)); }
    int read(const std::string &accessToken) { return user(accessToken).get("/websocket_uri").status; }
    int write(const std::string &accessToken) { return user(accessToken).post("/messages", message).status; }
};

TEST_F(JwtMode, UsersSocketCarriesUserAndGroupTags)
{
    const HttpAnswer answer =
        user(token(R"("sub":"eva","usergroups":[{"id":"guests","objectType":"usergroups"},"club.9"])"))
            .get("/websocket_uri");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), ElementsAre("uri", "expiresAt", "tags"));
    EXPECT_THAT(json.strings("/tags"), UnorderedElementsAre("users.eva", "usergroups.guests", "club.9"));
    RawWebSocket socket(gateway.endpoint(), targetOf(json.string("/uri")));
    ASSERT_TRUE(socket.isOpen());
    backend.sendToTag("users.eva", "for eva");
    backend.sendToTag("club.9", "for the club");
    EXPECT_EQ(socket.readMessage(), "for eva");
    EXPECT_EQ(socket.readMessage(), "for the club");
    const JsonView listed(backend.get("/sockets").body);
    const std::string id = listed.string("/results/0/id");
    EXPECT_EQ(JsonView(backend.get("/sockets/" + id).body).string("/user"), "eva");
}

TEST_F(JwtMode, WritePermissionIsByUserOrGroup)
{
    EXPECT_EQ(write(token(R"("sub":"writer")")), 201);
    EXPECT_EQ(write(token(R"("sub":"adam","usergroups":[{"id":"admins"}])")), 201);
    EXPECT_EQ(write(token(R"("sub":"adam","groups":["usergroups.admins"])")), 201);
    EXPECT_EQ(write(token(R"("sub":"adam","groups":[{"id":"7","objectType":"teams"}])")), 201);
    EXPECT_EQ(write(token(R"("groups":["usergroups.admins"])")), 201) << "a service without a user";
    const HttpAnswer refused =
        user(token(R"("sub":"eva","groups":["usergroups.guests"])")).post("/messages", message);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body, R"({"error":{"reason":"AccessDenied","message":"Access denied"}})");
    EXPECT_EQ(write(token("")), 403);
    EXPECT_EQ(user(token(R"("sub":"writer")")).post("/messages:batch", R"({"messages":[]})").status, 200);
    EXPECT_EQ(user(token(R"("sub":"eva")")).post("/messages:batch", R"({"messages":[]})").status, 403);
}

TEST_F(JwtMode, ReadPermissionIsByUserGroupOrEverybody)
{
    EXPECT_EQ(read(token(R"("sub":"eva")")), 200);
    const HttpAnswer nobody = user(token("")).get("/websocket_uri");
    EXPECT_EQ(nobody.status, 200) << "`*` is whoever has a good token";
    EXPECT_EQ(JsonView(nobody.body).size("/tags"), 0);
    configure(R"({"permissions":{"read":["users.eva","usergroups.guests"]}})");
    EXPECT_EQ(read(token(R"("sub":"eva")")), 200);
    EXPECT_EQ(read(token(R"("sub":"adam","groups":["usergroups.guests"])")), 200);
    EXPECT_EQ(read(token(R"("sub":"adam")")), 403);
    EXPECT_EQ(read(token("")), 403);
    configure(R"({"permissions":{"read":[]}})");
    EXPECT_EQ(read(token(R"("sub":"eva")")), 403);
}

TEST_F(JwtMode, OtherTokensAre401WithAChallenge)
{
    const std::string none =
        base64Url(R"({"alg":"none"})") + '.' + base64Url(R"({"sub":"writer","exp":9000000000})") + '.';
    const std::string good = token(R"("sub":"writer")");
    for (const std::string &bad :
         {std::string(), std::string("x"), none, none + "AAAA", token(R"("sub":"writer")", -61),
          token(R"("sub":"writer","nbf":)" + std::to_string(std::time(nullptr) + 100)),
          token(R"("sub":"writer")", 300, "another-secret-that-nobody-shared-here"),
          good.substr(0, good.size() - 4), good + '=', good + ".x",
          token(R"("sub":"writer","aud":"somebody-else")"), token(R"("sub":"writer","sub":"eva")")}) {
        for (const HttpAnswer &answer :
             {user(bad).get("/websocket_uri"), user(bad).post("/messages", message)}) {
            EXPECT_EQ(answer.status, 401) << bad;
            EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
            EXPECT_EQ(errorReason(answer), "AuthenticationNeeded");
        }
    }
    EXPECT_EQ(read(token(R"("sub":"writer")", -50)), 200) << "within the leeway";
    EXPECT_EQ(write(good), 201);
}

TEST_F(JwtMode, TokenOf8KiBIsTakenAndOneByteMoreIsNot)
{
    const auto sized = [](size_t padding) {
        return token("\"sub\":\"writer\",\"x\":\"" + std::string(padding, 'x') + '"');
    };
    size_t padding = 6000;
    while (sized(padding + 1).size() <= 8192)
        ++padding;
    EXPECT_EQ(read(sized(padding)), 200);
    const HttpAnswer answer = user(sized(padding + 1)).get("/websocket_uri");
    EXPECT_EQ(answer.status, 401);
    EXPECT_THAT(answer.body, HasSubstr("8 KiB"));
}

TEST_F(JwtMode, SecurityTokenPassesAndAccessTokenIsNone)
{
    EXPECT_EQ(backend.get("/websocket_uri").status, 200);
    EXPECT_EQ(backend.post("/messages", message).status, 201);
    GatewayApi writer = user(token(R"("sub":"writer","groups":["usergroups.admins"])"));
    for (const char *path : {"/sockets", "/configuration"})
        EXPECT_EQ(writer.get(path).status, 401) << path;
    EXPECT_EQ(writer.post("/sockets", "{}").status, 401);
    EXPECT_EQ(writer.post("/webhook_receivers/enginio", R"({"object":{}})").status, 401);
    EXPECT_EQ(writer.get("/gateways").status, 401);
}

TEST_F(JwtMode, SocketTokenIsNoAccessToken)
{
    // It is an HS256 JWT with sub and exp, too, but of another key.
    const std::string uri = backend.reserve({}, R"("user":"writer")").uri;
    EXPECT_EQ(write(uri.substr(uri.find("token=") + 6)), 401);
}

TEST_F(JwtMode, GroupsBeyondTheTagsOfASocketAre422)
{
    std::string groups;
    for (int i = 0; i < 64; ++i)
        groups += (groups.empty() ? "" : ",") + ("\"usergroups.g" + std::to_string(i) + '"');
    const HttpAnswer answer =
        user(token("\"sub\":\"eva\",\"groups\":[" + groups + "]")).get("/websocket_uri");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(errorProperty(answer), "tags");
}

TEST_F(JwtMode, RulesAreSetByPutAndSecretsAreNeverShown)
{
    const HttpAnswer answer = configure(
        R"({"identityProvider":{"issuer":"https://id.example.com","audience":["push"],"algorithms":["HS256"],"leeway":0}})");
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys("/identityProvider"),
                ElementsAre("type", "jwksUri", "issuer", "audience", "algorithms", "leeway"));
    EXPECT_EQ(json.string("/identityProvider/type"), "jwt");
    EXPECT_EQ(json.string("/identityProvider/issuer"), "https://id.example.com");
    EXPECT_EQ(json.text("/identityProvider/jwksUri"), "null");
    EXPECT_THAT(backend.get("/configuration").body, Not(HasSubstr(secret)));
    const std::string good = R"("sub":"eva","iss":"https://id.example.com","aud":["push"])";
    EXPECT_EQ(read(token(good)), 200);
    EXPECT_EQ(read(token(good, -1)), 401);
    EXPECT_EQ(read(token(R"("sub":"eva","iss":"https://id.example.com")")), 401);
    EXPECT_EQ(read(token(R"("sub":"eva","aud":"push")")), 401);
    configure(R"({"identityProvider":{"algorithms":["RS256"]}})");
    EXPECT_EQ(read(token(good)), 401);
    const HttpAnswer whole = configure(answer.body);
    EXPECT_EQ(JsonView(whole.body).text("/identityProvider"), json.text("/identityProvider"))
        << "what GET shows, PUT takes";
    restart();
    EXPECT_EQ(read(token(good)), 200);
}

TEST_F(JwtMode, PutSetsNoSecretsAndNoFiles)
{
    for (const std::string &uri :
         {std::string("/etc/passwd"), std::string("file:///etc/passwd"), std::string("jwks.json"),
          std::string("../x"), std::string("ftp://x/y"), std::string("http://"),
          std::string("https://user:word@x/"), std::string("https://x/#y"), std::string(" "),
          std::string("qrc:/x"), std::string("data:,x")}) {
        const HttpAnswer answer = backend.call(
            "PUT", "/configuration", "{\"identityProvider\":{\"jwksUri\":" + jsonString(uri) + "}}");
        EXPECT_EQ(answer.status, 422) << uri;
        EXPECT_EQ(errorProperty(answer), "identityProvider.jwksUri");
        EXPECT_THAT(answer.body, Not(HasSubstr("word")));
    }
    for (const char *key : {"secret", "jwtSecret", "publicKey", "publicKeyFile", "jwt_public_key", "jwks"})
        EXPECT_EQ(errorProperty(backend.call("PUT", "/configuration",
                                             "{\"identityProvider\":{\"" + std::string(key) + "\":\"x\"}}")),
                  "identityProvider." + std::string(key));
    EXPECT_EQ(errorProperty(
                  backend.call("PUT", "/configuration", R"({"identityProvider":{"algorithms":["none"]}})")),
              "identityProvider.algorithms[0]");
    EXPECT_EQ(backend.call("PUT", "/configuration", R"({"identityProvider":{"algorithms":[]}})").status, 422);
    EXPECT_EQ(backend.call("PUT", "/configuration", R"({"identityProvider":{"leeway":601}})").status, 422);
}

TEST_F(JwtMode, AGatewayWithoutAnyKeyIsRefused)
{
    const HttpAnswer created = administrator.post("/gateways", R"({"id":"players","accessControl":"jwt"})");
    EXPECT_EQ(created.status, 422);
    EXPECT_EQ(errorProperty(created), "accessControl");
    EXPECT_THAT(created.body, HasSubstr("jwt_jwks"));
    GatewayApi players = createGateway("players");
    EXPECT_EQ(errorProperty(players.call("PUT", "/configuration", R"({"accessControl":"jwt"})")),
              "accessControl");
    EXPECT_EQ(caller("/v1/gateways/players", token(R"("sub":"writer")")).get("/websocket_uri").status, 401)
        << "one gateway's secret is good for no other";
}

TEST(JwtConfiguration, WithoutAnyKeyIsAnErrorThatSaysSo)
{
    const TemporaryFolder folder;
    const GatewayRun run = runGateway({"--check-config"}, {{"ACCESS_CONTROL", "jwt"}}, folder.path());
    EXPECT_EQ(run.exitCode, 2);
    EXPECT_THAT(run.errors, HasSubstr("ACCESS_CONTROL"));
    EXPECT_THAT(run.errors, HasSubstr("gateway.access_control: mode jwt needs a key"));
    EXPECT_THAT(run.errors, HasSubstr("jwt_secret, jwt_public_key or jwt_jwks"));
}

TEST(JwtConfiguration, AFileThatCannotBeUsedStopsTheStartAndIsNamed)
{
    const TemporaryFolder folder;
    writeFile(folder.path() / "private.pem", SigningPair::curve().privatePem());
    for (const auto &[variable, name, option] :
         {std::tuple("MWS_GATEWAY_JWT_PUBLIC_KEY", "missing.pem", "jwt_public_key"),
          std::tuple("MWS_GATEWAY_JWT_PUBLIC_KEY", "private.pem", "jwt_public_key"),
          std::tuple("MWS_GATEWAY_JWT_JWKS", "missing.json", "jwt_jwks")}) {
        const GatewayRun run = runGateway({},
                                          {{"ACCESS_CONTROL", "jwt"},
                                           {"MWS_SERVER_PORT", "0"},
                                           {variable, (folder.path() / name).string()}},
                                          folder.path());
        EXPECT_EQ(run.exitCode, 2) << run.errors;
        EXPECT_THAT(run.errors, HasSubstr(option));
        EXPECT_THAT(run.errors, HasSubstr(name));
        EXPECT_THAT(run.errors, Not(HasSubstr("BEGIN PRIVATE"))) << name;
    }
}

TEST(JwtConfiguration, AShortSecretIsRefusedAndNotShown)
{
    const TemporaryFolder folder;
    const GatewayRun run =
        runGateway({"--check-config"}, {{"ACCESS_CONTROL", "jwt"}, {"MWS_GATEWAY_JWT_SECRET", "hunter2"}},
                   folder.path());
    EXPECT_EQ(run.exitCode, 2);
    EXPECT_THAT(run.errors, HasSubstr("MWS_GATEWAY_JWT_SECRET: expected 32 to 1024 bytes"));
    EXPECT_THAT(run.errors, Not(HasSubstr("hunter2")));
    const GatewayRun shown = runGateway(
        {"--print-config"}, {{"ACCESS_CONTROL", "jwt"}, {"MWS_GATEWAY_JWT_SECRET", secret}}, folder.path());
    EXPECT_THAT(shown.output, HasSubstr("gateway.jwt_secret = (set)"));
    EXPECT_THAT(shown.output + shown.errors, Not(HasSubstr(secret)));
}

} // namespace mws::test
