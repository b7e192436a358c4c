#include "cluster/cluster_test.h"
#include "support/minted_token.h"

#include <csignal>
#include <gmock/gmock.h>
#include <set>

// Calls about sockets of other nodes: GET, PATCH and DELETE.

namespace mws::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

std::string path(const OpenSocket &socket)
{
    return "/sockets/" + socket.id;
}

/// Asks again until the answer has this status: the other nodes know of a socket within a second.
HttpAnswer getUntil(ClusterNode &node, const std::string &path, int status)
{
    const Deadline deadline(longPatience);
    HttpAnswer answer = node.api.get(path);
    while (answer.status != status && deadline.left() > 0)
        answer = node.api.get(path);
    return answer;
}

/// 503 counts as not yet: right after a break of the link the registry may still wait for it.
bool waitUntilListed(ClusterNode &node, const std::string &query, size_t count)
{
    const Deadline deadline(longPatience);
    for (;;) {
        const HttpAnswer answer = node.api.get("/sockets" + query);
        if (answer.status != 503 && listedIds(answer).size() == count)
            return true;
        if (deadline.left() == 0)
            return false;
    }
}

} // namespace

class ClusterCalls : public ClusterNodes
{
protected:
    void SetUp() override
    {
        one = startNode();
        two = startNode();
    }
    std::unique_ptr<Node> one;
    std::unique_ptr<Node> two;
};

TEST_F(ClusterCalls, SocketsOfAllNodesAreListedAndPaged)
{
    std::set<std::string> expected;
    std::vector<OpenSocket> open;
    for (int i = 0; i < 12; ++i) {
        open.push_back((i % 3 == 0 ? one : two)->api.open({i % 2 == 0 ? "even" : "odd"}));
        expected.insert(open.back().id);
    }
    ASSERT_TRUE(waitUntilListed(*one, "", 12));
    ASSERT_TRUE(waitUntilListed(*two, "", 12));
    for (Node *node : {one.get(), two.get()}) {
        std::vector<std::string> paged;
        std::string cursor;
        do {
            const HttpAnswer page =
                node->api.get("/sockets?limit=5" + (cursor.empty() ? "" : "&cursor=" + cursor));
            const std::vector<std::string> ids = listedIds(page);
            EXPECT_LE(ids.size(), 5u);
            paged.insert(paged.end(), ids.begin(), ids.end());
            cursor = JsonView(page.body).string("/cursor");
        } while (!cursor.empty());
        EXPECT_EQ(paged, std::vector<std::string>(expected.begin(), expected.end()));
        EXPECT_EQ(listedIds(node->api.get("/sockets?tag=odd")).size(), 6u);
    }
    open.pop_back();
    EXPECT_TRUE(waitUntilListed(*one, "", 11));
    EXPECT_TRUE(waitUntilListed(*two, "", 11));
}

TEST_F(ClusterCalls, SocketOfAnotherNodeIsShown)
{
    const OpenSocket socket = two->api.open({"red"}, R"("user":"john")");
    const HttpAnswer there = getUntil(*one, path(socket), 200);
    ASSERT_EQ(there.status, 200);
    const HttpAnswer here = two->api.get(path(socket));
    EXPECT_EQ(there.body, here.body);
    EXPECT_EQ(JsonView(there.body).string("/user"), "john");
    EXPECT_EQ(one->api.get("/sockets/" + std::string(32, 'x')).status, 404);
}

TEST_F(ClusterCalls, TagsOfASocketOfAnotherNodeAreChangedBeforeTheAnswer)
{
    OpenSocket socket = two->api.open({"red", "blue"});
    getUntil(*one, path(socket), 200);
    const HttpAnswer changed =
        one->api.call("PATCH", path(socket), R"({"addTags":["green"],"removeTags":["blue"]})");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_THAT(JsonView(changed.body).strings("/tags"), ElementsAre("red", "green"));
    EXPECT_EQ(one->api.sendToTag("blue", "not to it").status, 201);
    EXPECT_EQ(one->api.sendToTag("green", "to it").status, 201);
    EXPECT_EQ(socket.socket.readMessage(longPatience), "to it");
    EXPECT_TRUE(waitUntilListed(*one, "?tag=green", 1));
    EXPECT_EQ(one->api.call("PATCH", "/sockets/" + std::string(32, 'x'), R"({"addTags":["a"]})").status, 404);
}

TEST_F(ClusterCalls, ErrorOfTheOtherNodeIsTheAnswer)
{
    const OpenSocket socket = two->api.open({});
    getUntil(*one, path(socket), 200);
    std::string tags;
    for (int i = 0; i < 65; ++i)
        tags += (tags.empty() ? "\"" : ",\"") + std::to_string(i) + '"';
    const HttpAnswer refused = one->api.call("PATCH", path(socket), R"({"addTags":[)" + tags + "]}");
    const HttpAnswer expected = two->api.call("PATCH", path(socket), R"({"addTags":[)" + tags + "]}");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.body, expected.body);
}

TEST_F(ClusterCalls, SocketOfAnotherNodeIsClosed)
{
    OpenSocket socket = two->api.open({});
    const HttpAnswer closed = one->api.call("DELETE", path(socket) + "?code=4001&reason=bye");
    EXPECT_EQ(closed.status, 200) << closed.body;
    EXPECT_EQ(socket.socket.readClose(longPatience), 4001);
    EXPECT_EQ(one->api.call("DELETE", path(socket)).status, 404);
}

TEST_F(ClusterCalls, SocketsOfAllNodesAreClosedByTagAndUser)
{
    OpenSocket red = one->api.open({"red"});
    OpenSocket redToo = two->api.open({"red"});
    OpenSocket john = two->api.open({}, R"("user":"john")");
    OpenSocket other = two->api.open({"green"}, R"("user":"jane")");
    const HttpAnswer byTag = one->api.call("DELETE", "/sockets?tag=red");
    EXPECT_EQ(byTag.status, 200);
    EXPECT_EQ(byTag.body, R"({"closed":2,"revoked":0})");
    EXPECT_EQ(red.socket.readClose(longPatience), 1008);
    EXPECT_EQ(redToo.socket.readClose(longPatience), 1008);
    EXPECT_EQ(one->api.call("DELETE", "/sockets?user=john").body, R"({"closed":1,"revoked":0})");
    EXPECT_EQ(john.socket.readClose(longPatience), 1008);
    EXPECT_EQ(one->api.sendToTag("green", "still here").status, 201);
    EXPECT_EQ(other.socket.readMessage(longPatience), "still here");
}

TEST_F(ClusterCalls, SocketIdThatOpensAtAnotherNodeClosesTheOlderSocket)
{
    const auto open = [](Node &node, const std::string &id) {
        const std::string token = mintToken(claimsText({.socketId = id}), "01234567890123456789012345678901");
        return RawWebSocket(node.gateway.endpoint(), "/v1/socket?token=" + node.gateway.secret(token));
    };
    for (const auto &[first, second] : {std::pair(one.get(), two.get()), std::pair(two.get(), one.get())}) {
        const std::string id =
            "MintedForBothNodes000000000000" + std::string(first == one.get() ? "12" : "21");
        RawWebSocket older = open(*first, id);
        ASSERT_TRUE(older.isOpen());
        ASSERT_EQ(getUntil(*second, "/sockets/" + id, 200).status,
                  200); // so that Redis has it before the other
        RawWebSocket newer = open(*second, id);
        ASSERT_TRUE(newer.isOpen());
        EXPECT_EQ(older.readClose(longPatience), 1008);
        EXPECT_EQ(first->api.sendTo(R"({"sockets":[")" + id + R"("]})", "still here").status, 201);
        EXPECT_EQ(newer.readMessage(longPatience), "still here");
    }
}

TEST_F(ClusterCalls, SocketsOfADeadNodeAreGoneWhenItsLeaseEnds)
{
    const OpenSocket here = one->api.open({});
    const OpenSocket there = two->api.open({});
    ASSERT_TRUE(waitUntilListed(*one, "", 2));
    two->gateway.kill();
    EXPECT_TRUE(waitUntilListed(*one, "", 1)); // within 15 s
    EXPECT_EQ(getUntil(*one, path(there), 404).status, 404);
    EXPECT_THAT(listedIds(one->api.get("/sockets")), ElementsAre(here.id));
    EXPECT_EQ(one->api.call("DELETE", "/sockets?tag=none").body, R"({"closed":0,"revoked":0})");
}

TEST_F(ClusterCalls, FrozenNodeIsNotTakenForOneWithoutSockets)
{
    OpenSocket there = two->api.open({"red"});
    getUntil(*one, path(there), 200);
    two->gateway.signal(SIGSTOP);
    const HttpAnswer shown = one->api.get(path(there));
    const HttpAnswer closed = one->api.call("DELETE", "/sockets?tag=red");
    two->gateway.signal(SIGCONT);
    EXPECT_EQ(shown.status, 503) << shown.body;
    EXPECT_EQ(closed.status, 503) << closed.body;
    EXPECT_FALSE(closed.header("Retry-After").empty());
    EXPECT_THAT(closed.body, HasSubstr("did not answer"));
}

TEST_F(ClusterCalls, RedisAwayIsSaidForWhatIsNotHere)
{
    const OpenSocket here = one->api.open({"red"});
    const OpenSocket there = two->api.open({});
    ASSERT_TRUE(waitUntilListed(*one, "", 2));
    redis.kill();
    ASSERT_TRUE(waitForStatus(*one, "/health/ready", 503));
    EXPECT_EQ(one->api.get(path(here)).status, 200);
    EXPECT_EQ(one->api.call("PATCH", path(here), R"({"addTags":["a"]})").status, 200);
    for (const HttpAnswer &answer :
         {one->api.get(path(there)), one->api.get("/sockets"), one->api.call("DELETE", path(there)),
          one->api.call("DELETE", "/sockets?tag=red")}) {
        EXPECT_EQ(answer.status, 503) << answer.body;
        EXPECT_FALSE(answer.header("Retry-After").empty());
    }
}

TEST_F(ClusterCalls, RegistryComesBackWithAnEmptyRedis)
{
    const OpenSocket here = one->api.open({"red"});
    const OpenSocket there = two->api.open({"green"});
    ASSERT_TRUE(waitUntilListed(*one, "", 2));
    redis.kill();
    redis.start(RedisServer::Data::Lost);
    ASSERT_TRUE(waitUntilReady(*one));
    ASSERT_TRUE(waitUntilReady(*two));
    EXPECT_TRUE(waitUntilListed(*one, "", 2));
    EXPECT_TRUE(waitUntilListed(*two, "?tag=red", 1));
}

} // namespace mws::test
