#include "support/gateway_test.h"

namespace mws::test {

using ::testing::ElementsAre;

class Messages : public EachBase
{
protected:
    /// POSTs a body and expects 201.
    HttpAnswer accepted(const std::string &body)
    {
        HttpAnswer answer = api.post("/messages", body);
        EXPECT_EQ(answer.status, 201) << body << '\n' << answer.body;
        return answer;
    }
};
MWS_FOR_EACH_BASE(Messages);

TEST_P(Messages, AnswerIsDataThenReceiversCompact)
{
    EXPECT_EQ(accepted(R"({ "receivers" : { "tags" : [ "a", "b" ] } , "data" : "hello" })").body,
              R"({"data":"hello","receivers":{"sockets":null,"tags":["a","b"]}})");
    EXPECT_EQ(
        accepted(R"({"data":"x","receivers":{"sockets":["*"],"tags":null,"exclude":[]},"extra":1})").body,
        R"({"data":"x","receivers":{"sockets":["*"],"tags":null}})");
    EXPECT_EQ(accepted(R"({"data":"x","receivers":{}})").body,
              R"({"data":"x","receivers":{"sockets":null,"tags":null}})");
    EXPECT_EQ(accepted(R"({"data":{"b":1.0,"a":[1E5, 2]},"receivers":{"tags":[]}})").body,
              R"({"data":{"b":1.0,"a":[1E5,2]},"receivers":{"sockets":null,"tags":[]}})");
}

TEST_P(Messages, StringIsDeliveredByteForByte)
{
    OpenSocket open = api.open();
    struct Row
    {
        std::string json, text;
    };
    const std::string plane = "\xF0\x9F\x9B\xAB"; // U+1F6EB
    for (const Row &row :
         {Row{R"("plain")", "plain"}, Row{R"("a\"b\\c\/d\b\f\n\r\te")", "a\"b\\c/d\b\f\n\r\te"},
          Row{R"("\u00e4\u20ac")", "\xC3\xA4\xE2\x82\xAC"}, Row{R"("\ud83d\udeeb")", plane},
          Row{'"' + plane + '"', plane}, Row{R"("nul\u0000nul")", std::string("nul\0nul", 7)},
          Row{R"("{\"a\": 1}")", R"({"a": 1})"}, Row{R"("")", ""}}) {
        accepted("{\"data\":" + row.json + R"(,"receivers":{"sockets":["*"]}})");
        const auto frame = open.socket.readFrame();
        ASSERT_TRUE(frame) << row.json;
        EXPECT_EQ(frame->opcode, Opcode::Text);
        EXPECT_FALSE(frame->masked);
        EXPECT_EQ(frame->payload, row.text);
    }
}

TEST_P(Messages, JsonValueIsDeliveredAsItsOwnCompactText)
{
    OpenSocket open = api.open();
    struct Row
    {
        const char *json, *text;
    };
    for (const Row &row : {Row{R"({ "z" : 1 , "a" : { "y" : [ 1 , 2 ] , "b" : null } })",
                               R"({"z":1,"a":{"y":[1,2],"b":null}})"},
                           Row{R"([1.0, 1e3, 1E+3, -0, 12345678901234567890123, 0.10])",
                               R"([1.0,1e3,1E+3,-0,12345678901234567890123,0.10])"},
                           Row{R"({"text":"a  b \" \u00e4"})", R"({"text":"a  b \" \u00e4"})"},
                           Row{"42", "42"}, Row{"true", "true"}, Row{"false", "false"}, Row{"{}", "{}"}}) {
        accepted("{\"data\":" + std::string(row.json) + R"(,"receivers":{"sockets":["*"]}})");
        EXPECT_EQ(open.socket.readMessage(), row.text);
    }
}

TEST_P(Messages, Base64IsDeliveredAsBinary)
{
    OpenSocket open = api.open();
    const HttpAnswer answer =
        accepted(R"({"data":"AAH//mEK","encoding":"base64","receivers":{"sockets":["*"]}})");
    EXPECT_EQ(JsonView(answer.body).string("/data"), "AAH//mEK");
    const auto frame = open.socket.readFrame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->opcode, Opcode::Binary);
    EXPECT_EQ(frame->payload, std::string("\x00\x01\xff\xfe\x61\x0a", 6));
}

TEST_P(Messages, LargeMessageArrivesWhole)
{
    OpenSocket open = api.open();
    const std::string text(1000000, 'm');
    api.sendToAll(text);
    EXPECT_EQ(open.socket.readMessage(), text);
}

TEST_P(Messages, ReachThoseNamedByIdTagOrStar)
{
    OpenSocket one = api.open({"red"});
    OpenSocket two = api.open({"red", "blue"});
    OpenSocket three = api.open({});
    api.sendTo("{\"sockets\":[\"" + three.id + "\"]}", "by id");
    api.sendToTag("blue", "by blue");
    api.sendToTag("red", "by red");
    api.sendToAll("all");
    EXPECT_EQ(one.socket.readMessage(), "by red");
    EXPECT_EQ(two.socket.readMessage(), "by blue");
    EXPECT_EQ(two.socket.readMessage(), "by red");
    EXPECT_EQ(three.socket.readMessage(), "by id");
    for (OpenSocket *open : {&one, &two, &three})
        EXPECT_EQ(open->socket.readMessage(), "all");
}

TEST_P(Messages, SocketThatMatchesSeveralWaysGetsItOnce)
{
    OpenSocket open = api.open({"a", "b"});
    api.sendTo("{\"sockets\":[\"*\",\"" + open.id + "\",\"" + open.id + R"("],"tags":["a","b","a"]})",
               "once");
    api.sendToAll("next");
    EXPECT_EQ(open.socket.readMessage(), "once");
    EXPECT_EQ(open.socket.readMessage(), "next");
}

TEST_P(Messages, ExcludedSocketsDoNotGetIt)
{
    OpenSocket sender = api.open({"room"});
    OpenSocket other = api.open({"room"});
    api.sendTo("{\"tags\":[\"room\"],\"sockets\":[\"" + sender.id + "\"],\"exclude\":[\"" + sender.id +
                   "\"]}",
               "to the others");
    api.sendToAll("next");
    EXPECT_EQ(other.socket.readMessage(), "to the others");
    EXPECT_EQ(other.socket.readMessage(), "next");
    EXPECT_EQ(sender.socket.readMessage(), "next");
}

TEST_P(Messages, TagsAreComparedByteForByte)
{
    OpenSocket open = api.open({"Stra\xC3\x9F"
                                "e",
                                "a b&c"});
    api.sendToTag("stra\xC3\x9F"
                  "e",
                  "other case");
    api.sendToTag("Stra\xC3\x9F"
                  "e",
                  "same");
    api.sendToTag("a b&c", "with blanks");
    EXPECT_EQ(open.socket.readMessage(), "same");
    EXPECT_EQ(open.socket.readMessage(), "with blanks");
}

TEST_P(Messages, WrongShapeIs422AndNamesTheProperty)
{
    struct Row
    {
        const char *body, *property;
    };
    for (const Row &row :
         {Row{R"({"receivers":{}})", "data"}, Row{R"({"data":null,"receivers":{}})", "data"},
          Row{R"({"data":"x"})", "receivers"}, Row{R"({"data":"x","receivers":[]})", "receivers"},
          Row{R"({"data":"x","receivers":{"tags":"a"}})", "receivers.tags"},
          Row{R"({"data":"x","receivers":{"tags":["a","b","c",4]}})", "receivers.tags[3]"},
          Row{R"({"data":"x","receivers":{"sockets":"*"}})", "receivers.sockets"},
          Row{R"({"data":"x","receivers":{"sockets":[null]}})", "receivers.sockets[0]"},
          Row{R"({"data":"x","receivers":{"exclude":"a"}})", "receivers.exclude"},
          Row{R"({"data":"%%%","encoding":"base64","receivers":{}})", "data"},
          Row{R"({"data":{},"encoding":"base64","receivers":{}})", "data"},
          Row{R"({"data":"x","encoding":"hex","receivers":{}})", "encoding"},
          Row{R"({"data":"x","receivers":{},"ttl":-1})", "ttl"},
          Row{R"({"data":"x","receivers":{},"ttl":"1"})", "ttl"},
          Row{R"({"data":"x","receivers":{},"id":7})", "id"}}) {
        const HttpAnswer answer = api.post("/messages", row.body);
        EXPECT_EQ(answer.status, 422) << row.body;
        EXPECT_EQ(errorReason(answer), "InvalidData");
        EXPECT_EQ(errorProperty(answer), row.property) << row.body;
    }
}

TEST_P(Messages, OrderOfOnePublisherIsKept)
{
    OpenSocket one = api.open({"t"});
    OpenSocket two = api.open({"t"});
    for (int i = 0; i < 200; ++i)
        api.sendToTag("t", std::to_string(i));
    for (OpenSocket *open : {&one, &two})
        for (int i = 0; i < 200; ++i)
            ASSERT_EQ(open->socket.readMessage(), std::to_string(i));
}

} // namespace mws::test
