#include "support/gateway_test.h"

#include <algorithm>
#include <regex>

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

namespace {

constexpr char isoTime[] = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z";

bool isIsoTime(const std::string &text)
{
    return std::regex_match(text, std::regex(isoTime));
}

} // namespace

class Sockets : public EachBase
{
protected:
    /// Ids of the list at `query`, in its order.
    std::vector<std::string> listed(const std::string &query = {})
    {
        return listedIds(api.get("/sockets" + query));
    }
};
MWS_FOR_EACH_BASE(Sockets);

TEST_P(Sockets, ReservationAnswersIdUriExpiryAndTags)
{
    const HttpAnswer answer = api.post("/sockets", R"({"tags":["players","user:42"]})");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), ElementsAre("id", "uri", "expiresAt", "tags"));
    EXPECT_THAT(json.string("/id"), MatchesRegex("[A-Za-z0-9]{32}"));
    EXPECT_THAT(json.string("/uri"), StartsWith("ws://127.0.0.1:" + std::to_string(gateway.port()) + '/'));
    EXPECT_TRUE(isIsoTime(json.string("/expiresAt"))) << json.string("/expiresAt");
    EXPECT_THAT(json.strings("/tags"), ElementsAre("players", "user:42"));
}

TEST_P(Sockets, WebSocketUriAnswersUriExpiryAndTags)
{
    const HttpAnswer answer = api.get("/websocket_uri");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const JsonView json(answer.body);
    EXPECT_THAT(json.keys(), ElementsAre("uri", "expiresAt", "tags"));
    EXPECT_TRUE(isIsoTime(json.string("/expiresAt")));
    EXPECT_EQ(json.size("/tags"), 0);
    EXPECT_EQ(api.openIssued(Issued{"", json.string("/uri")}).answer().status, 101);
}

TEST_P(Sockets, UriNamesTheHostOfTheRequest)
{
    const HttpAnswer answer = api.call("POST", "/sockets", R"({"tags":[]})", {{"Host", "push.example:9000"}});
    EXPECT_THAT(JsonView(answer.body).string("/uri"), StartsWith("ws://push.example:9000/"));
}

TEST_P(Sockets, ReservationOfTheWrongShapeIs422AndNamesTheProperty)
{
    struct Row
    {
        const char *body, *property;
    };
    for (const Row &row : {Row{R"({"tags":"one"})", "tags"}, Row{R"({"tags":["a",{}]})", "tags[1]"},
                           Row{R"({"tags":[],"expiresIn":0})", "expiresIn"},
                           Row{R"({"tags":[],"expiresIn":86401})", "expiresIn"},
                           Row{R"({"tags":[],"expiresIn":"soon"})", "expiresIn"},
                           Row{R"({"tags":[],"reuse":1})", "reuse"}, Row{R"({"tags":[],"user":7})", "user"},
                           Row{R"({"tags":[],"clientMessages":"shout"})", "clientMessages"}}) {
        const HttpAnswer answer = api.post("/sockets", row.body);
        EXPECT_EQ(answer.status, 422) << row.body;
        EXPECT_EQ(errorProperty(answer), row.property) << row.body;
        EXPECT_EQ(errorReason(answer), "InvalidData");
    }
}

TEST_P(Sockets, ReservationIsInNoListUntilItIsOpened)
{
    const Issued issued = api.reserve({"a"});
    EXPECT_THAT(listed(), IsEmpty());
    EXPECT_EQ(api.get("/sockets/" + issued.id).status, 404);
    const RawWebSocket socket = api.openIssued(issued);
    ASSERT_TRUE(socket.isOpen());
    EXPECT_THAT(listed(), ElementsAre(issued.id));
    EXPECT_EQ(api.get("/sockets/" + issued.id).status, 200);
}

TEST_P(Sockets, ListShowsIdTimeAndTags)
{
    const OpenSocket open = api.open({"b", "a"});
    const JsonView json(api.get("/sockets").body);
    EXPECT_THAT(json.keys(), ElementsAre("results"));
    ASSERT_EQ(json.size("/results"), 1);
    EXPECT_THAT(json.keys("/results/0"), ElementsAre("id", "connectedAt", "tags"));
    EXPECT_EQ(json.string("/results/0/id"), open.id);
    EXPECT_TRUE(isIsoTime(json.string("/results/0/connectedAt")));
    EXPECT_THAT(json.strings("/results/0/tags"), ::testing::UnorderedElementsAre("a", "b"));
}

TEST_P(Sockets, OneIsShownWithQueueUserAndRemote)
{
    const OpenSocket open = api.open({"a"}, R"("user":"eva")");
    const JsonView json(api.get("/sockets/" + open.id).body);
    const auto keys = json.keys();
    ASSERT_GE(keys.size(), 3u);
    EXPECT_THAT(std::vector(keys.begin(), keys.begin() + 3), ElementsAre("id", "connectedAt", "tags"));
    EXPECT_THAT(keys, IsSupersetOf({"queuedBytes", "user", "remote"}));
    EXPECT_EQ(json.string("/user"), "eva");
    EXPECT_EQ(json.integer("/queuedBytes"), 0);
    EXPECT_THAT(json.string("/remote"), StartsWith("127.0.0.1"));
}

TEST_P(Sockets, ListFiltersByTagAndPages)
{
    std::vector<OpenSocket> open;
    std::vector<std::string> ids;
    for (int i = 0; i < 7; ++i) {
        open.push_back(api.open({i % 2 == 0 ? "even" : "odd"}));
        ids.push_back(open.back().id);
    }
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(listed("?tag=odd").size(), 3u);
    EXPECT_THAT(listed("?tag=nobody"), IsEmpty());

    std::vector<std::string> paged;
    std::string query = "?limit=3";
    for (int pages = 1; pages <= 3; ++pages) {
        const JsonView json(api.get("/sockets" + query).body);
        for (const std::string &id : listed(query))
            paged.push_back(id);
        const std::string cursor = json.string("/cursor");
        EXPECT_EQ(cursor.empty(), pages == 3);
        query = "?limit=3&cursor=" + cursor;
    }
    std::sort(paged.begin(), paged.end());
    EXPECT_EQ(paged, ids);
}

TEST_P(Sockets, PatchChangesTagsOfAnOpenSocket)
{
    OpenSocket open = api.open({"old", "kept"});
    const HttpAnswer answer =
        api.call("PATCH", "/sockets/" + open.id, R"({"addTags":["new"],"removeTags":["old"]})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(JsonView(answer.body).string("/id"), open.id);
    EXPECT_THAT(JsonView(answer.body).strings("/tags"), ::testing::UnorderedElementsAre("kept", "new"));
    api.sendToTag("old", "to old");
    api.sendToTag("new", "to new");
    EXPECT_EQ(open.socket.readMessage(), "to new");
    EXPECT_EQ(api.call("PATCH", "/sockets/" + api.reserve().id, R"({"addTags":["x"]})").status, 404);
    EXPECT_EQ(errorProperty(api.call("PATCH", "/sockets/" + open.id, R"({"addTags":"x"})")), "addTags");
}

TEST_P(Sockets, DeleteClosesAnOpenSocketWith1000)
{
    OpenSocket open = api.open();
    const HttpAnswer answer = api.call("DELETE", "/sockets/" + open.id);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(JsonView(answer.body).text(), "{}");
    EXPECT_THAT(listed(), IsEmpty());
    EXPECT_EQ(open.socket.readClose(), 1000);
    EXPECT_EQ(api.call("DELETE", "/sockets/" + open.id).status, 404);
}

TEST_P(Sockets, DeleteTakesCodeAndReason)
{
    OpenSocket open = api.open();
    EXPECT_EQ(api.call("DELETE", "/sockets/" + open.id + "?code=4001&reason=moved%20away").status, 200);
    const auto frame = open.socket.readFrame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->closeCode(), 4001);
    EXPECT_EQ(frame->closeReason(), "moved away");
    const OpenSocket other = api.open();
    for (const char *code : {"1005", "1006", "999", "5000", "x"})
        EXPECT_EQ(api.call("DELETE", "/sockets/" + other.id + "?code=" + code).status, 422) << code;
}

TEST_P(Sockets, DeleteRevokesAReservation)
{
    const Issued issued = api.reserve();
    EXPECT_EQ(api.call("DELETE", "/sockets/" + issued.id).status, 200);
    EXPECT_EQ(api.openIssued(issued).answer().status, 401);
    EXPECT_EQ(api.call("DELETE", "/sockets/" + issued.id).status, 404);
    EXPECT_EQ(api.call("DELETE", "/sockets/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status, 404);
    EXPECT_EQ(api.call("DELETE", "/sockets/short").status, 404);
}

TEST_P(Sockets, DeleteByTagOrUserTakesOpenSocketsAndReservations)
{
    OpenSocket tagged = api.open({"gone"});
    OpenSocket users = api.open({}, R"("user":"eva")");
    OpenSocket stays = api.open({"stays"});
    const Issued reserved = api.reserve({"gone"});
    EXPECT_EQ(JsonView(api.call("DELETE", "/sockets?tag=gone").body).text(), R"({"closed":1,"revoked":1})");
    EXPECT_EQ(JsonView(api.call("DELETE", "/sockets?user=eva").body).text(), R"({"closed":1,"revoked":0})");
    EXPECT_EQ(tagged.socket.readClose(), 1008);
    EXPECT_EQ(users.socket.readClose(), 1008);
    EXPECT_EQ(api.openIssued(reserved).answer().status, 401);
    EXPECT_THAT(listed(), ElementsAre(stays.id));
    EXPECT_EQ(JsonView(api.call("DELETE", "/sockets?tag=nobody").body).text(), R"({"closed":0,"revoked":0})");
}

TEST_P(Sockets, DeleteByIssueTime)
{
    OpenSocket open = api.open();
    const Issued reserved = api.reserve();
    EXPECT_EQ(JsonView(api.call("DELETE", "/sockets?issuedBefore=2001-01-01T00:00:00Z").body).text(),
              R"({"closed":0,"revoked":0})");
    EXPECT_EQ(JsonView(api.call("DELETE", "/sockets?issuedBefore=2999-01-01T00:00:00Z").body).text(),
              R"({"closed":1,"revoked":1})");
    EXPECT_EQ(open.socket.readClose(), 1008);
    EXPECT_EQ(api.openIssued(reserved).answer().status, 401);
    EXPECT_EQ(api.call("DELETE", "/sockets?issuedBefore=yesterday").status, 422);
}

TEST_P(Sockets, DeleteWithoutAFilterIs422)
{
    const OpenSocket open = api.open();
    EXPECT_EQ(api.call("DELETE", "/sockets").status, 422);
    EXPECT_THAT(listed(), ElementsAre(open.id));
}

TEST_P(Sockets, SocketLeavesTheListWhenItsClientCloses)
{
    OpenSocket open = api.open();
    open.socket.sendClose(1000);
    EXPECT_EQ(open.socket.readClose(), 1000);
    EXPECT_TRUE(open.socket.waitForEnd());
    EXPECT_THAT(listed(), IsEmpty());
}

} // namespace mws::test
