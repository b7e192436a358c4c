#include "support/gateway_test.h"

namespace mws::test {

class GatewayLimits : public EachBase
{
protected:
    void limit(const std::string &limits)
    {
        const HttpAnswer answer = api.call("PUT", "/configuration", "{\"limits\":" + limits + '}');
        ASSERT_EQ(answer.status, 200) << answer.body;
    }
    HttpAnswer reserveWith(const std::vector<std::string> &tags)
    {
        return api.post("/sockets", "{\"tags\":" + jsonStrings(tags) + '}');
    }
};
MWS_FOR_EACH_BASE(GatewayLimits);

TEST_P(GatewayLimits, TagsOfASocket)
{
    std::vector<std::string> tags;
    for (int i = 0; i < 64; ++i)
        tags.push_back("t" + std::to_string(i));
    EXPECT_EQ(reserveWith(tags).status, 201);
    tags.emplace_back("one too many");
    const HttpAnswer answer = reserveWith(tags);
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(errorProperty(answer), "tags");
}

TEST_P(GatewayLimits, LengthOfATagIsInBytes)
{
    EXPECT_EQ(reserveWith({std::string(128, 'x')}).status, 201);
    EXPECT_EQ(reserveWith({std::string(129, 'x')}).status, 422);
    std::string umlauts;
    for (int i = 0; i < 65; ++i)
        umlauts += "\xC3\xA4";
    const HttpAnswer answer = reserveWith({"fine", umlauts});
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(errorProperty(answer), "tags[1]");
}

TEST_P(GatewayLimits, AllTagsOfAReservation)
{
    std::vector<std::string> tags;
    for (size_t i = 0; i < 16; ++i)
        tags.push_back(std::string(1, char('a' + i)) + std::string(127, 'x'));
    EXPECT_EQ(reserveWith(tags).status, 201);
    tags.emplace_back("y");
    EXPECT_EQ(reserveWith(tags).status, 422);
}

TEST_P(GatewayLimits, TagsThatArePatchedOn)
{
    limit(R"({"tagsPerSocket":2})");
    const OpenSocket open = api.open({"a", "b"});
    const std::string path = "/sockets/" + open.id;
    const HttpAnswer refused = api.call("PATCH", path, R"({"addTags":["c"]})");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(errorProperty(refused), "addTags");
    EXPECT_EQ(api.call("PATCH", path, R"({"addTags":["c"],"removeTags":["a"]})").status, 200);
}

TEST_P(GatewayLimits, ReceiversOfAMessage)
{
    limit(R"({"receiversPerMessage":3})");
    EXPECT_EQ(api.post("/messages", R"({"data":"x","receivers":{"tags":["a","b"],"sockets":["c"]}})").status,
              201);
    EXPECT_EQ(
        api.post("/messages", R"({"data":"x","receivers":{"tags":["a","b"],"sockets":["c","d"]}})").status,
        422);
}

TEST_P(GatewayLimits, OpenSockets)
{
    limit(R"({"sockets":2})");
    OpenSocket one = api.open();
    const OpenSocket two = api.open();
    const Issued third = api.reserve();
    const HttpAnswer refused = api.openIssued(third).answer();
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(refused.hasHeader("Retry-After"));
    EXPECT_EQ(api.call("DELETE", "/sockets/" + one.id).status, 200);
    EXPECT_EQ(one.socket.readClose(), 1000);
    EXPECT_TRUE(one.socket.waitForEnd());
    // What was refused did not spend its token.
    EXPECT_EQ(api.openIssued(third).answer().status, 101);
}

TEST_P(GatewayLimits, Reservations)
{
    limit(R"({"reservations":2})");
    const Issued one = api.reserve();
    const Issued two = api.reserve();
    const HttpAnswer refused = api.post("/sockets", R"({"tags":[]})");
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(refused.hasHeader("Retry-After"));
    const RawWebSocket opened = api.openIssued(one);
    ASSERT_TRUE(opened.isOpen());
    EXPECT_EQ(api.call("DELETE", "/sockets/" + two.id).status, 200);
    EXPECT_EQ(api.post("/sockets", R"({"tags":[]})").status, 201);
    EXPECT_EQ(api.get("/websocket_uri").status, 200);
    EXPECT_EQ(api.get("/websocket_uri").status, 503);
}

TEST_P(GatewayLimits, MessageOfAClient)
{
    limit(R"({"clientMessageBytes":1000})");
    OpenSocket fits = api.open();
    fits.socket.sendText(std::string(1000, 'x'));
    OpenSocket tooBig = api.open();
    tooBig.socket.sendText(std::string(1001, 'x'));
    EXPECT_EQ(tooBig.socket.readClose(), 1009);
    fits.socket.send({Opcode::Ping, "still here"});
    const auto frame = fits.socket.readFrame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->opcode, Opcode::Pong);
}

} // namespace mws::test
