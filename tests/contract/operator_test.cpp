#include "support/gateway_test.h"

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::MatchesRegex;
using ::testing::Not;

class Operator : public GatewayTest
{
protected:
    std::vector<std::string> gatewayIds()
    {
        const JsonView json(administrator.get("/gateways").body);
        std::vector<std::string> ids;
        for (int i = 0; i < json.size("/results"); ++i)
            ids.push_back(json.string("/results/" + std::to_string(i) + "/id"));
        return ids;
    }
};

TEST_F(Operator, CallsNeedTheOperatorsToken)
{
    for (const char *bearer : {"", "wrong", securityToken}) {
        GatewayApi stranger = caller("/v1", bearer);
        EXPECT_EQ(stranger.get("/gateways").status, 401);
        EXPECT_EQ(stranger.post("/gateways", "{}").status, 401);
        EXPECT_EQ(stranger.get("/gateways/default").status, 401);
        EXPECT_EQ(stranger.call("DELETE", "/gateways/default").status, 401);
        EXPECT_EQ(stranger.post("/gateways/default/security_token", "{}").status, 401);
    }
}

TEST_F(Operator, TokenPassesWhereASecurityTokenDoes)
{
    GatewayApi players = createGateway("players");
    GatewayApi operatorOfPlayers = caller("/v1/gateways/players", operatorToken);
    OpenSocket open = operatorOfPlayers.open({"red"});
    EXPECT_THAT(listedIds(players.get("/sockets")), ElementsAre(open.id));
    EXPECT_THAT(listedIds(operatorOfPlayers.get("/sockets")), ElementsAre(open.id));
    operatorOfPlayers.sendToTag("red", "from the operator");
    EXPECT_EQ(open.socket.readMessage(), "from the operator");
    EXPECT_EQ(operatorOfPlayers.get("/websocket_uri").status, 200);
    EXPECT_EQ(operatorOfPlayers.get("/configuration").status, 200);
    EXPECT_EQ(operatorOfPlayers.call("PUT", "/configuration", R"({"name":"P"})").status, 200);
    EXPECT_EQ(operatorOfPlayers.call("DELETE", "/sockets/" + open.id).status, 200);
    EXPECT_EQ(open.socket.readClose(), 1000);
    EXPECT_EQ(administrator.get("/sockets").status, 200);
}

TEST_F(Operator, SecurityTokenIsNoOperatorsAndNoOtherGateways)
{
    GatewayApi players = createGateway("players");
    EXPECT_EQ(caller("/v1", players.bearer()).get("/gateways").status, 401);
    EXPECT_EQ(caller("/v1", players.bearer()).get("/sockets").status, 401);
    for (const std::string &wrong :
         {std::string(operatorToken) + "x", std::string(operatorToken).substr(1), std::string()})
        EXPECT_EQ(caller("/v1/gateways/players", wrong).get("/sockets").status, 401) << wrong;
}

TEST_F(Operator, CreateAnswersIdTokenAndConfiguration)
{
    const HttpAnswer answer =
        administrator.post("/gateways", R"({"id":"players","name":"Players","accessControl":"custom"})");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), ElementsAre("id", "securityToken", "configuration"));
    EXPECT_EQ(json.string("/id"), "players");
    EXPECT_EQ(json.string("/configuration/name"), "Players");
    EXPECT_EQ(json.string("/configuration/accessControl"), "custom");
    GatewayApi owner = caller("/v1/gateways/players", gateway.secret(json.string("/securityToken")));
    EXPECT_EQ(owner.get("/sockets").status, 200);
}

TEST_F(Operator, CreateMakesAnIdWhereNoneIsGiven)
{
    const JsonView json(administrator.post("/gateways", "{}").body);
    EXPECT_THAT(json.string("/id"), MatchesRegex("[A-Za-z0-9_-]{1,64}"));
    gateway.secret(json.string("/securityToken"));
}

TEST_F(Operator, CreateRefusesTakenOrWrongIds)
{
    createGateway("players");
    EXPECT_EQ(administrator.post("/gateways", R"({"id":"players"})").status, 409);
    EXPECT_EQ(administrator.post("/gateways", R"({"id":"default"})").status, 409);
    for (const std::string &id :
         {std::string("a b"), std::string("a/b"), std::string(), std::string(65, 'x')}) {
        const HttpAnswer answer = administrator.post("/gateways", "{\"id\":" + jsonString(id) + '}');
        EXPECT_EQ(answer.status, 422) << id;
        EXPECT_EQ(errorProperty(answer), "id");
    }
    EXPECT_EQ(errorProperty(administrator.post("/gateways", R"({"colour":"red"})")), "colour");
}

TEST_F(Operator, ListShowsIdNameAndOpenSockets)
{
    GatewayApi players = createGateway("players", R"("name":"Players")");
    const OpenSocket open = players.open();
    const JsonView json(administrator.get("/gateways").body);
    ASSERT_EQ(json.size("/results"), 2);
    EXPECT_THAT(gatewayIds(), ::testing::UnorderedElementsAre("default", "players"));
    for (int i = 0; i < 2; ++i) {
        const std::string at = "/results/" + std::to_string(i);
        EXPECT_THAT(json.keys(at), ElementsAre("id", "name", "sockets"));
        const bool isPlayers = json.string(at + "/id") == "players";
        EXPECT_EQ(json.integer(at + "/sockets"), isPlayers ? 1 : 0);
    }
}

TEST_F(Operator, OneIsShownWithItsConfigurationAndNoSecret)
{
    GatewayApi players = createGateway("players", R"("name":"Players")");
    const HttpAnswer answer = administrator.get("/gateways/players");
    ASSERT_EQ(answer.status, 200);
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), IsSupersetOf({"id", "name", "sockets", "configuration"}));
    EXPECT_EQ(json.string("/configuration/name"), "Players");
    EXPECT_THAT(answer.body, Not(HasSubstr(players.bearer())));
    EXPECT_EQ(administrator.get("/gateways/nobody").status, 404);
}

TEST_F(Operator, DeleteClosesItsSocketsWith1001)
{
    GatewayApi players = createGateway("players");
    OpenSocket open = players.open();
    const Issued reserved = players.reserve();
    OpenSocket other = backend.open();
    const HttpAnswer answer = administrator.call("DELETE", "/gateways/players");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(JsonView(answer.body).text(), "{}");
    EXPECT_EQ(open.socket.readClose(), 1001);
    EXPECT_EQ(players.get("/sockets").status, 404);
    EXPECT_EQ(players.openIssued(reserved).answer().status, 404);
    EXPECT_EQ(administrator.call("DELETE", "/gateways/players").status, 404);
    backend.sendToAll("others go on");
    EXPECT_EQ(other.socket.readMessage(), "others go on");
}

TEST_F(Operator, GatewayMadeAnewUnderAnOldIdIsAnotherOne)
{
    GatewayApi first = createGateway("players");
    const Issued issued = first.reserve();
    ASSERT_EQ(administrator.call("DELETE", "/gateways/players").status, 200);
    GatewayApi second = createGateway("players");
    EXPECT_NE(first.bearer(), second.bearer());
    EXPECT_EQ(first.get("/sockets").status, 401);
    EXPECT_EQ(second.openIssued(issued).answer().status, 401);
}

TEST_F(Operator, DefaultGatewayOfFileOrEnvironmentCannotBeDeleted)
{
    EXPECT_EQ(administrator.call("DELETE", "/gateways/default").status, 403);
    EXPECT_EQ(backend.get("/sockets").status, 200);
}

TEST_F(Operator, GatewaysSurviveARestart)
{
    GatewayApi players = createGateway("players", R"("name":"Players")");
    const Issued issued = players.reserve();
    restart();
    GatewayApi again = caller("/v1/gateways/players", players.bearer());
    EXPECT_EQ(JsonView(again.get("/configuration").body).string("/name"), "Players");
    EXPECT_EQ(again.openIssued(issued).answer().status, 101);
    ASSERT_EQ(administrator.call("DELETE", "/gateways/players").status, 200);
    restart();
    EXPECT_THAT(gatewayIds(), ElementsAre("default"));
}

TEST_F(Operator, RotatedSecurityTokenIsGoodForAGracePeriod)
{
    GatewayApi players = createGateway("players");
    const HttpAnswer answer = administrator.post("/gateways/players/security_token", "");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), ElementsAre("securityToken", "previousValidUntil"));
    EXPECT_THAT(json.string("/previousValidUntil"), MatchesRegex(".*T.*Z"));
    GatewayApi rotated = caller("/v1/gateways/players", gateway.secret(json.string("/securityToken")));
    EXPECT_EQ(rotated.get("/sockets").status, 200);
    EXPECT_EQ(players.get("/sockets").status, 200);
    EXPECT_EQ(administrator.post("/gateways/nobody/security_token", "").status, 404);
    restart();
    EXPECT_EQ(caller("/v1/gateways/players", rotated.bearer()).get("/sockets").status, 200);
    EXPECT_EQ(caller("/v1/gateways/players", players.bearer()).get("/sockets").status, 200);
}

class ShortGrace : public GatewayTest
{
protected:
    ShortGrace() : GatewayTest(guardedGateway({{"MWS_SERVER_TOKEN_GRACE", "1s"}})) {}
};

TEST_F(ShortGrace, RotatedOutTokenEnds)
{
    GatewayApi players = createGateway("players");
    const HttpAnswer answer = administrator.post("/gateways/players/security_token", "");
    GatewayApi rotated =
        caller("/v1/gateways/players", gateway.secret(JsonView(answer.body).string("/securityToken")));
    letPass(std::chrono::milliseconds(1500));
    EXPECT_EQ(players.get("/sockets").status, 401);
    EXPECT_EQ(rotated.get("/sockets").status, 200);
}

} // namespace mws::test
