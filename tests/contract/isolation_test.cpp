#include "support/gateway_test.h"

namespace mws::test {

/// Two gateways in one process: nothing of one works on the other.
class Isolation : public GatewayTest
{
protected:
    GatewayApi red = createGateway("red");
    GatewayApi blue = createGateway("blue");
};

TEST_F(Isolation, MessagesStayWithinTheirGateway)
{
    OpenSocket redSocket = red.open({"players"});
    OpenSocket blueSocket = blue.open({"players"});
    EXPECT_EQ(red.sendToAll("to red").header("Mws-Receivers"), "matched=1, dropped=0");
    EXPECT_EQ(red.sendToTag("players", "to red's players").header("Mws-Receivers"), "matched=1, dropped=0");
    EXPECT_EQ(red.sendTo("{\"sockets\":[\"" + blueSocket.id + "\"]}", "to nobody").header("Mws-Receivers"),
              "matched=0, dropped=0");
    blue.sendToAll("to blue");
    EXPECT_EQ(redSocket.socket.readMessage(), "to red");
    EXPECT_EQ(redSocket.socket.readMessage(), "to red's players");
    EXPECT_EQ(blueSocket.socket.readMessage(), "to blue");
}

TEST_F(Isolation, SocketIdsAreUnknownElsewhere)
{
    const OpenSocket open = red.open();
    const Issued reserved = red.reserve();
    for (const std::string &id : {open.id, reserved.id}) {
        EXPECT_EQ(blue.get("/sockets/" + id).status, 404);
        EXPECT_EQ(blue.call("DELETE", "/sockets/" + id).status, 404);
        EXPECT_EQ(blue.call("PATCH", "/sockets/" + id, R"({"addTags":["x"]})").status, 404);
    }
    EXPECT_EQ(JsonView(blue.get("/sockets").body).size("/results"), 0);
    EXPECT_EQ(blue.call("DELETE", "/sockets?issuedBefore=2999-01-01T00:00:00Z").body,
              R"({"closed":0,"revoked":0})");
    EXPECT_EQ(red.get("/sockets/" + open.id).status, 200);
    EXPECT_EQ(red.openIssued(reserved).answer().status, 101);
}

TEST_F(Isolation, SocketTokensOpenNothingElsewhere)
{
    const Issued issued = red.reserve();
    std::string target = issued.target();
    const size_t at = target.find("/red/");
    ASSERT_NE(at, std::string::npos) << target;
    target.replace(at, 5, "/blue/");
    EXPECT_EQ(RawWebSocket(gateway.endpoint(), target).answer().status, 401);
    EXPECT_EQ(red.openIssued(issued).answer().status, 101);
}

TEST_F(Isolation, SecurityTokensPassNowhereElse)
{
    EXPECT_EQ(caller("/v1/gateways/blue", red.bearer()).get("/sockets").status, 401);
    EXPECT_EQ(caller("/v1", red.bearer()).get("/sockets").status, 401);
    EXPECT_EQ(caller("/v1/gateways/red", securityToken).get("/sockets").status, 401);
}

TEST_F(Isolation, ConfigurationAndIdempotencyIdsAreEachGatewaysOwn)
{
    ASSERT_EQ(red.call("PUT", "/configuration", R"({"name":"Red","limits":{"tagsPerSocket":1}})").status,
              200);
    EXPECT_EQ(blue.post("/sockets", R"({"tags":["a","b"]})").status, 201);
    OpenSocket redSocket = red.open();
    OpenSocket blueSocket = blue.open();
    EXPECT_EQ(red.post("/messages", R"({"id":"1","data":"red","receivers":{"sockets":["*"]}})").status, 201);
    EXPECT_EQ(blue.post("/messages", R"({"id":"1","data":"blue","receivers":{"sockets":["*"]}})").status,
              201);
    EXPECT_EQ(redSocket.socket.readMessage(), "red");
    EXPECT_EQ(blueSocket.socket.readMessage(), "blue");
}

} // namespace mws::test
