#include "support/gateway_test.h"
#include "support/jwt_maker.h"

#include <atomic>
#include <ctime>
#include <thread>

namespace mws::test {

using ::testing::AnyOf;

namespace {

const std::string secret = "shared-with-the-login-server-0123456789";

std::string deleted(size_t closed, size_t revoked)
{
    return "{\"closed\":" + std::to_string(closed) + ",\"revoked\":" + std::to_string(revoked) + '}';
}

} // namespace

/// Sockets of users who came with a JWT, on four workers.
class Revocation : public GatewayTest
{
protected:
    Revocation()
        : GatewayTest(guardedGateway({{"ACCESS_CONTROL", "jwt"},
                                      {"MWS_SERVER_WORKERS", "4"},
                                      {"MWS_GATEWAY_JWT_SECRET", secret},
                                      {"MWS_GATEWAY_PERMISSIONS_READ", "*"}}))
    {
        gateway.secret(secret);
    }

    /// The target of a URI that the user fetched; each by a connection of its own, so that all workers have
    /// some.
    std::string fetched(const std::string &user, const std::string &group = "usergroups.all")
    {
        const std::string token = hsToken(R"({"alg":"HS256"})",
                                          "{\"exp\":" + std::to_string(std::time(nullptr) + 300) +
                                              ",\"sub\":\"" + user + "\",\"groups\":[\"" + group + "\"]}",
                                          secret);
        const HttpAnswer answer = caller("/v1", token).get("/websocket_uri");
        EXPECT_EQ(answer.status, 200) << answer.body;
        return targetOf(JsonView(answer.body).string("/uri"));
    }
    std::vector<RawWebSocket> open(const std::string &user, int count,
                                   const std::string &group = "usergroups.all")
    {
        std::vector<RawWebSocket> sockets;
        for (int i = 0; i < count; ++i) {
            sockets.emplace_back(gateway.endpoint(), fetched(user, group));
            EXPECT_TRUE(sockets.back().isOpen());
        }
        return sockets;
    }
    std::string revoke(const std::string &query)
    {
        const HttpAnswer answer = backend.call("DELETE", "/sockets?" + query);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.body;
    }
    int openCount(const std::string &query = {})
    {
        return JsonView(backend.get("/sockets" + query).body).size("/results");
    }
};

TEST_F(Revocation, ByUserTakesAllSocketsAndReservationsOfAllWorkers)
{
    std::vector<RawWebSocket> eva = open("eva", 16);
    std::vector<RawWebSocket> adam = open("adam", 8);
    std::vector<std::string> reserved;
    for (int i = 0; i < 8; ++i)
        reserved.push_back(fetched("eva"));
    EXPECT_EQ(revoke("user=eva"), deleted(16, 8));
    for (RawWebSocket &socket : eva)
        EXPECT_EQ(socket.readClose(), 1008);
    for (const std::string &target : reserved)
        EXPECT_EQ(RawWebSocket(gateway.endpoint(), target).answer().status, 401);
    EXPECT_EQ(openCount(), 8);
    EXPECT_EQ(openCount("?tag=users.eva"), 0);
    backend.sendToTag("users.adam", "still here");
    for (RawWebSocket &socket : adam)
        EXPECT_EQ(socket.readMessage(), "still here");
    EXPECT_EQ(revoke("user=eva"), deleted(0, 0));
    EXPECT_EQ(open("eva", 1).size(), 1u) << "who is a user still may come again";
}

TEST_F(Revocation, ByTagTakesTheGroupOfTheToken)
{
    std::vector<RawWebSocket> guests = open("eva", 6, "usergroups.guests");
    std::vector<RawWebSocket> others = open("adam", 4, "usergroups.admins");
    const std::string reserved = fetched("zoe", "usergroups.guests");
    EXPECT_EQ(revoke("tag=usergroups.guests"), deleted(6, 1));
    for (RawWebSocket &socket : guests)
        EXPECT_EQ(socket.readClose(), 1008);
    EXPECT_EQ(RawWebSocket(gateway.endpoint(), reserved).answer().status, 401);
    EXPECT_EQ(openCount(), 4);
    EXPECT_EQ(revoke("tag=users.adam"), deleted(4, 0)) << "a user's own tag, too";
}

TEST_F(Revocation, OfATagTakesTheTagsOfNowNotThoseOfTheToken)
{
    OpenSocket socket = backend.open({"old"});
    ASSERT_EQ(
        backend.call("PATCH", "/sockets/" + socket.id, R"({"addTags":["new"],"removeTags":["old"]})").status,
        200);
    EXPECT_EQ(revoke("tag=old"), deleted(0, 0));
    EXPECT_EQ(revoke("tag=new"), deleted(1, 0));
    EXPECT_EQ(socket.socket.readClose(), 1008);
}

TEST_F(Revocation, ConditionsHoldTogether)
{
    std::vector<RawWebSocket> guests = open("eva", 2, "usergroups.guests");
    std::vector<RawWebSocket> admins = open("eva", 3, "usergroups.admins");
    EXPECT_EQ(revoke("user=eva&tag=usergroups.nobody"), deleted(0, 0));
    EXPECT_EQ(revoke("user=adam&tag=usergroups.guests"), deleted(0, 0));
    EXPECT_EQ(revoke("user=eva&issuedBefore=2001-01-01T00:00:00Z"), deleted(0, 0));
    EXPECT_EQ(revoke("user=eva&tag=usergroups.guests&issuedBefore=2999-01-01T00:00:00Z"), deleted(2, 0));
    EXPECT_EQ(openCount(), 3);
    for (RawWebSocket &socket : guests)
        EXPECT_EQ(socket.readClose(), 1008);
    EXPECT_EQ(admins.size(), 3u);
}

TEST_F(Revocation, ByTimeSparesWhatWasIssuedSince)
{
    std::vector<RawWebSocket> before = open("eva", 4);
    const std::string reserved = fetched("eva");
    letPass(std::chrono::milliseconds(1100)); // `iat` is in whole seconds
    const std::time_t time = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char now[32];
    (void)std::strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &parts);
    std::vector<RawWebSocket> since = open("eva", 4);
    const std::string fresh = fetched("eva");
    EXPECT_EQ(revoke("issuedBefore=" + std::string(now)), deleted(4, 1));
    for (RawWebSocket &socket : before)
        EXPECT_EQ(socket.readClose(), 1008);
    EXPECT_EQ(RawWebSocket(gateway.endpoint(), reserved).answer().status, 401);
    EXPECT_EQ(RawWebSocket(gateway.endpoint(), fresh).answer().status, 101);
    EXPECT_EQ(since.size(), 4u);
}

TEST_F(Revocation, OfASocketIdWorksFromAnyWorker)
{
    for (int i = 0; i < 16; ++i) {
        OpenSocket open = backend.open();
        GatewayApi another = caller("/v1", securityToken); // a connection of its own: any worker
        EXPECT_EQ(another.call("DELETE", "/sockets/" + open.id).status, 200);
        EXPECT_EQ(open.socket.readClose(), 1000);
        const Issued issued = backend.reserve();
        EXPECT_EQ(caller("/v1", securityToken).call("DELETE", "/sockets/" + issued.id).status, 200);
        EXPECT_EQ(backend.openIssued(issued).answer().status, 401);
    }
    EXPECT_EQ(openCount(), 0);
}

TEST_F(Revocation, OfAReusableUriClosesItsSocketAndTheUri)
{
    const Issued issued = backend.reserve({}, R"("user":"eva","reuse":true)");
    RawWebSocket socket = backend.openIssued(issued);
    ASSERT_TRUE(socket.isOpen());
    revoke("user=eva");
    EXPECT_EQ(socket.readClose(), 1008);
    EXPECT_TRUE(socket.waitForEnd());
    EXPECT_EQ(backend.openIssued(issued).answer().status, 401);
}

TEST_F(Revocation, SurvivesARestart)
{
    const std::string target = fetched("eva");
    const Issued issued = backend.reserve({}, R"("user":"eva")");
    EXPECT_EQ(revoke("user=eva"), deleted(0, 2));
    restart();
    EXPECT_EQ(RawWebSocket(gateway.endpoint(), target).answer().status, 401);
    EXPECT_EQ(backend.openIssued(issued).answer().status, 401);
}

TEST_F(Revocation, WhileSocketsOpenLeavesNoneOfThemOpen)
{
    constexpr int rounds = 5;
    constexpr int threads = 4;
    constexpr int perThread = 25;
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::vector<std::string>> targets(threads);
        for (auto &list : targets)
            for (int i = 0; i < perThread; ++i)
                list.push_back(fetched("eva"));
        std::atomic<int> opened{0};
        std::vector<std::vector<RawWebSocket>> sockets(threads);
        std::vector<std::thread> clients;
        for (int t = 0; t < threads; ++t)
            clients.emplace_back([&, t] {
                for (const std::string &target : targets[size_t(t)]) {
                    sockets[size_t(t)].emplace_back(gateway.endpoint(), target);
                    ++opened;
                }
            });
        while (opened < threads * perThread / 3)
            std::this_thread::yield();
        const std::string answer = revoke("user=eva"); // in the middle of it
        for (std::thread &client : clients)
            client.join();
        EXPECT_EQ(openCount("?tag=users.eva"), 0) << answer;
        for (auto &list : sockets)
            for (RawWebSocket &socket : list) {
                EXPECT_THAT(socket.answer().status, AnyOf(101, 401));
                if (socket.isOpen()) {
                    EXPECT_EQ(socket.readClose(), 1008);
                }
            }
    }
}

} // namespace mws::test
