#include "support/gateway_test.h"

#include <atomic>
#include <thread>

namespace mws::test {

class Token : public EachBase
{
protected:
    int open(const std::string &target) { return RawWebSocket(gateway.endpoint(), target).answer().status; }
};
MWS_FOR_EACH_BASE(Token);

TEST_P(Token, OpensOneSocketOnce)
{
    const Issued issued = api.reserve();
    {
        const RawWebSocket first = api.openIssued(issued);
        EXPECT_EQ(first.answer().status, 101);
        EXPECT_EQ(api.openIssued(issued).answer().status, 401);
    }
    EXPECT_EQ(api.openIssued(issued).answer().status, 401);
}

TEST_P(Token, OpensOneSocketHoweverManyTryAtOnce)
{
    const Issued issued = api.reserve();
    std::atomic<int> opened = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 16; ++i)
        clients.emplace_back([&] { opened += open(issued.target()) == 101 ? 1 : 0; });
    for (std::thread &client : clients)
        client.join();
    EXPECT_EQ(opened, 1);
}

TEST_P(Token, DeletedWhileItOpensLeavesNoOpenSocket)
{
    for (int i = 0; i < 60; ++i) {
        const Issued issued = api.reserve({}, i % 2 == 0 ? "" : R"("reuse":true)");
        RawWebSocket socket;
        std::thread client([&] { socket = api.openIssued(issued); });
        const int status = caller(api.base(), api.bearer()).call("DELETE", "/sockets/" + issued.id).status;
        client.join();
        ASSERT_EQ(status, 200) << i;
        if (socket.isOpen()) {
            ASSERT_NE(socket.readClose(), 0) << i;
        }
    }
}

TEST_P(Token, WithReuseOpensAgainOneAtATime)
{
    const Issued issued = api.reserve({}, R"("reuse":true)");
    RawWebSocket first = api.openIssued(issued);
    ASSERT_TRUE(first.isOpen());
    EXPECT_EQ(api.openIssued(issued).answer().status, 401);
    first.sendClose(1000);
    EXPECT_EQ(first.readClose(), 1000);
    EXPECT_TRUE(first.waitForEnd());
    RawWebSocket second = api.openIssued(issued);
    ASSERT_TRUE(second.isOpen());
    api.sendToAll("again");
    EXPECT_EQ(second.readMessage(), "again");
}

TEST_P(Token, Expires)
{
    const Issued issued = api.reserve({}, R"("expiresIn":1)");
    const Issued reusable = api.reserve({}, R"("expiresIn":1,"reuse":true)");
    letPass(std::chrono::milliseconds(2100));
    EXPECT_EQ(api.openIssued(issued).answer().status, 401);
    EXPECT_EQ(api.openIssued(reusable).answer().status, 401);
}

TEST_P(Token, MissingMalformedOrTamperedIs401)
{
    const Issued issued = api.reserve();
    const std::string target = issued.target();
    const size_t start = target.find("token=") + 6;
    const std::string path = target.substr(0, target.find('?'));
    EXPECT_EQ(open(path), 401);
    EXPECT_EQ(open(path + "?token="), 401);
    EXPECT_EQ(open(path + "?token=nonsense"), 401);
    EXPECT_EQ(open(path + "?token=" + std::string(5000, 'a')), 401);
    for (const size_t at : {start + 3, target.find('.', start) + 5, target.size() - 10}) {
        std::string changed = target;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_EQ(open(changed), 401) << "character " << at;
    }
    const HttpAnswer answer = RawWebSocket(gateway.endpoint(), path).answer();
    EXPECT_EQ(errorReason(answer), "InvalidToken");
    EXPECT_EQ(open(target), 101);
}

TEST_P(Token, AlgorithmNoneIs401)
{
    const std::string target = api.reserve().target();
    const size_t claims = target.find('.');
    const size_t signature = target.find('.', claims + 1);
    const std::string path = target.substr(0, target.find("token=") + 6);
    // {"alg":"none","typ":"JWT"}
    EXPECT_EQ(
        open(path + "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0" + target.substr(claims, signature - claims + 1)),
        401);
}

TEST_P(Token, SpentRevokedAndOpenOnesOutliveARestart)
{
    const Issued spent = api.reserve();
    const Issued revoked = api.reserve();
    const Issued untouched = api.reserve({"kept"});
    const Issued toRevoke = api.reserve();
    ASSERT_TRUE(api.openIssued(spent).isOpen());
    ASSERT_EQ(api.call("DELETE", "/sockets/" + revoked.id).status, 200);
    restart();
    EXPECT_EQ(open(spent.target()), 401);
    EXPECT_EQ(open(revoked.target()), 401);
    GatewayApi again(gateway.endpoint(), api.base(), api.bearer());
    EXPECT_EQ(again.call("DELETE", "/sockets/" + toRevoke.id).status, 200);
    EXPECT_EQ(open(toRevoke.target()), 401);
    RawWebSocket socket(gateway.endpoint(), untouched.target());
    ASSERT_TRUE(socket.isOpen());
    again.sendToTag("kept", "after the restart");
    EXPECT_EQ(socket.readMessage(), "after the restart");
}

TEST_P(Token, IsASocketPathTokenOnly)
{
    const std::string target = api.reserve().target();
    const std::string token = target.substr(target.find("token=") + 6);
    GatewayApi bearer(gateway.endpoint(), api.base(), token);
    EXPECT_EQ(bearer.get("/sockets").status, 401);
    EXPECT_EQ(bearer.get("/websocket_uri").status, 401);
}

class RootPath : public GatewayTest
{};

TEST_F(RootPath, AcceptsTheDefaultGatewaysToken)
{
    const std::string target = backend.reserve({"a"}).target();
    RawWebSocket socket(gateway.endpoint(), "/" + target.substr(target.find('?')));
    ASSERT_TRUE(socket.isOpen());
    backend.sendToTag("a", "hello");
    EXPECT_EQ(socket.readMessage(), "hello");
}

TEST_F(RootPath, UnknownGatewaysSocketPathIs404)
{
    const std::string target = backend.reserve().target();
    RawWebSocket socket(gateway.endpoint(), "/v1/gateways/nobody/socket" + target.substr(target.find('?')));
    EXPECT_EQ(socket.answer().status, 404);
}

TEST_F(RootPath, UpgradeOfAnotherPathIsNoSocket)
{
    EXPECT_EQ(RawWebSocket(gateway.endpoint(), "/v1/nothing").answer().status, 404);
}

class ReuseByDefault : public GatewayTest
{};

TEST_F(ReuseByDefault, GatewaysSettingLetsUrisOpenAgain)
{
    configure(R"({"reuse":true})");
    const Issued issued = backend.reserve();
    RawWebSocket first = backend.openIssued(issued);
    first.sendClose(1000);
    EXPECT_EQ(first.readClose(), 1000);
    EXPECT_TRUE(first.waitForEnd());
    EXPECT_TRUE(backend.openIssued(issued).isOpen());
}

} // namespace mws::test
