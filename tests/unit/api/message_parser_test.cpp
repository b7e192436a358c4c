#include "api/message_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mws {
namespace {

std::string nested(size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

std::string posted(const std::string &data)
{
    return "{\"data\":" + data + ",\"receivers\":{\"tags\":[\"t\"]}}";
}

struct DataRow
{
    std::string data;
    std::string payload;
    std::string answered;
};

const std::vector<DataRow> goodData{
    {R"("text")", "text", R"("text")"},
    {R"("")", "", R"("")"},
    {R"("a b  c")", "a b  c", R"("a b  c")"},
    {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t", R"("\"\\\/\b\f\n\r\t")"},
    {R"("\u0041\u00e9\u20ac")", "A\u00e9\u20ac", R"("\u0041\u00e9\u20ac")"},
    {R"("\ud83d\ude00")", "\U0001F600", R"("\ud83d\ude00")"},
    {R"("\u0000")", std::string(1, '\0'), R"("\u0000")"},
    {"\"\U0001F600 \u00e9\"", "\U0001F600 \u00e9", "\"\U0001F600 \u00e9\""},
    {"\"\x7f\"", "\x7f", "\"\x7f\""},
    {R"("{\"a\": 1}")", R"({"a": 1})", R"("{\"a\": 1}")"},
    {"0", "0", "0"},
    {"-0", "-0", "-0"},
    {"1.0", "1.0", "1.0"},
    {"1.50e+10", "1.50e+10", "1.50e+10"},
    {"1E5", "1E5", "1E5"},
    {"1e400", "1e400", "1e400"},
    {"-1e-400", "-1e-400", "-1e-400"},
    {"123456789012345678901234567890", "123456789012345678901234567890", "123456789012345678901234567890"},
    {"18446744073709551616", "18446744073709551616", "18446744073709551616"},
    {"0.1000000000000000000000000000001", "0.1000000000000000000000000000001",
     "0.1000000000000000000000000000001"},
    {"true", "true", "true"},
    {"false", "false", "false"},
    {"[]", "[]", "[]"},
    {"{}", "{}", "{}"},
    {"[ ]", "[]", "[]"},
    {"{ }", "{}", "{}"},
    {"[1, 2 ,3]", "[1,2,3]", "[1,2,3]"},
    {"[null]", "[null]", "[null]"},
    {R"({"b": 1, "a": {"z": [1e400, "x y"]}})", R"({"b":1,"a":{"z":[1e400,"x y"]}})",
     R"({"b":1,"a":{"z":[1e400,"x y"]}})"},
    {R"({"a":1,"a":2})", R"({"a":1,"a":2})", R"({"a":1,"a":2})"},
    {"{\n\t\"k\" :\r\n \"v \\u0041\"\n}", R"({"k":"v \u0041"})", R"({"k":"v \u0041"})"},
    {nested(63), nested(63), nested(63)},
};

TEST(MessageParser, TakesEveryLegalDataAsWritten)
{
    MessageParser parser;
    for (const DataRow &row : goodData) {
        SCOPED_TRACE(row.data);
        for (const std::string_view space : {"", " ", "\n\t"}) {
            const auto result = parser.parse(posted(std::string(space) + row.data + std::string(space)), {});
            ASSERT_TRUE(result) << result.error().detail;
            EXPECT_EQ(result->message.payload, row.payload);
            EXPECT_EQ(result->message.type, PayloadType::Text);
            EXPECT_EQ(result->answer,
                      "{\"data\":" + row.answered + ",\"receivers\":{\"sockets\":null,\"tags\":[\"t\"]}}");
        }
    }
}

const std::vector<std::string> badJson{
    "",
    " ",
    "x",
    "{",
    "}",
    "[",
    "{]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\" 1}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1}}",
    "{\"a\":1} x",
    "{\"a\":1}{}",
    "{\"a\":1},",
    "{\"a\":[1,]}",
    "{\"a\":[,1]}",
    "{\"a\":[1 2]}",
    "{\"a\":[1}",
    "{\"a\":{]}",
    "{\"a\":[}]",
    "{\"a\":[{]}",
    "{\"a\":tru}",
    "{\"a\":truex}",
    "{\"a\":nul}",
    "{\"a\":nulls}",
    "{\"a\":True}",
    "{\"a\":NaN}",
    "{\"a\":Infinity}",
    "{\"a\":01}",
    "{\"a\":-}",
    "{\"a\":+1}",
    "{\"a\":1.}",
    "{\"a\":.5}",
    "{\"a\":1e}",
    "{\"a\":1e+}",
    "{\"a\":0x10}",
    "{\"a\":1a}",
    "{\"a\":--1}",
    "{\"a\":-01}",
    "{\"a\":\"}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u12G4\"}",
    "{\"a\":\"\\ud83d\"}",
    "{\"a\":\"\\ud83dx\"}",
    "{\"a\":\"\\ud83d\\u0041\"}",
    "{\"a\":\"\\ude00\"}",
    "{\"a\":\"\\ude00\\ud83d\"}",
    "{\"\\ud83d\":1}",
    "{\"a\":{\"\\udc00\":1}}",
    "{\"a\":[\"\\ud800\"]}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\t\"}",
    "{\"a\":\"\x01\"}",
    std::string("{\"a\":\"\0\"}", 9),
    std::string("{\"a\":1}\0", 8),
    std::string("{\"a\":1\0}", 8),
    std::string("{\"a\":[1\0 ]}", 11),
    "{\"a\":\"\xff\"}",
    "{\"a\":\"\xc0\x80\"}",
    "{\"a\":\"\xed\xa0\x80\"}",
    "{\"a\":\"\xf4\x90\x80\x80\"}",
    "{\"a\":\"\xe2\x82\"}",
    "{\"\xff\":1}",
    "\xef\xbb\xbf{\"a\":1}",
    "{\"a\":1}\xff",
    "{\"a\":1 /* c */}",
    "{\"a\":1} // c",
    "{\"a\":\f1}",
    "{\"a\"::1}",
    "{\"a\":1:2}",
    "{\"a\",\"b\"}",
    "{1:2}",
    "{null:2}",
    "{\"a\":[1:2]}",
};

TEST(MessageParser, RefusesWhatIsNotJsonWithoutNamingAProperty)
{
    MessageParser parser;
    for (const std::string &body : badJson) {
        SCOPED_TRACE(body);
        const auto whole = parser.parse(body, {});
        ASSERT_FALSE(whole);
        EXPECT_EQ(whole.error().code, ErrorCode::InvalidData);
        EXPECT_EQ(whole.error().property, "");
        EXPECT_FALSE(whole.error().detail.empty());
    }
}

TEST(MessageParser, RefusesBadJsonInsideSkippedValues)
{
    MessageParser parser;
    for (const char *value : {"01", "\"\\ud800\"", "[1,]", "{\"x\":tru}", "[\"\\q\"]", "1.e5", "nulll"}) {
        SCOPED_TRACE(value);
        const auto result =
            parser.parse("{\"other\":" + std::string(value) + ",\"data\":\"d\",\"receivers\":{}}", {});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().property, "");
        const auto inside =
            parser.parse("{\"data\":\"d\",\"receivers\":{\"other\":" + std::string(value) + "}}", {});
        EXPECT_FALSE(inside);
    }
}

struct BadRow
{
    std::string body;
    std::string property;
};

const std::vector<BadRow> badShape{
    {"[]", ""},
    {"1", ""},
    {"\"x\"", ""},
    {"null", ""},
    {"{}", "data"},
    {R"({"receivers":{}})", "data"},
    {R"({"data":null,"receivers":{}})", "data"},
    {R"({"data":"x"})", "receivers"},
    {R"({"data":"x","receivers":null})", "receivers"},
    {R"({"data":"x","receivers":[]})", "receivers"},
    {R"({"data":"x","receivers":"*"})", "receivers"},
    {R"({"data":"x","receivers":{"tags":"a"}})", "receivers.tags"},
    {R"({"data":"x","receivers":{"tags":{}}})", "receivers.tags"},
    {R"({"data":"x","receivers":{"sockets":"*"}})", "receivers.sockets"},
    {R"({"data":"x","receivers":{"sockets":true}})", "receivers.sockets"},
    {R"({"data":"x","receivers":{"exclude":"a"}})", "receivers.exclude"},
    {R"({"data":"x","receivers":{"tags":["a","b","c",4]}})", "receivers.tags[3]"},
    {R"({"data":"x","receivers":{"tags":[null]}})", "receivers.tags[0]"},
    {R"({"data":"x","receivers":{"tags":["a",""]}})", "receivers.tags[1]"},
    {R"({"data":"x","receivers":{"sockets":[1]}})", "receivers.sockets[0]"},
    {R"({"data":"x","receivers":{"exclude":["a",[]]}})", "receivers.exclude[1]"},
    {R"({"data":"x","receivers":{"tags":[],"tags":[]}})", "receivers.tags"},
    {R"({"data":"x","receivers":{"tags":null,"t\u0061gs":[]}})", "receivers.tags"},
    {R"({"data":"x","data":"x","receivers":{}})", "data"},
    {R"({"data":"x","d\u0061ta":"x","receivers":{}})", "data"},
    {R"({"data":"x","receivers":{},"receivers":{}})", "receivers"},
    {R"({"data":"x","receivers":{},"ttl":0})", "ttl"},
    {R"({"data":"x","receivers":{},"ttl":0.0e5})", "ttl"},
    {R"({"data":"x","receivers":{},"ttl":-1})", "ttl"},
    {R"({"data":"x","receivers":{},"ttl":-1e999})", "ttl"},
    {R"({"data":"x","receivers":{},"ttl":"5"})", "ttl"},
    {R"({"data":"x","receivers":{},"ttl":5,"ttl":5})", "ttl"},
    {R"({"data":"x","receivers":{},"id":""})", "id"},
    {R"({"data":"x","receivers":{},"id":7})", "id"},
    {R"({"data":"x","receivers":{},"id":")" + std::string(129, 'x') + "\"}", "id"},
    {R"({"data":"x","receivers":{},"encoding":"hex"})", "encoding"},
    {R"({"data":"x","receivers":{},"encoding":1})", "encoding"},
    {R"({"data":"x","receivers":{},"encoding":"base64"})", "data"},
    {R"({"data":"eA","receivers":{},"encoding":"base64"})", "data"},
    {R"({"data":"eA==\n","receivers":{},"encoding":"base64"})", "data"},
    {R"({"data":"e===","receivers":{},"encoding":"base64"})", "data"},
    {R"({"data":"e*==","receivers":{},"encoding":"base64"})", "data"},
    {R"({"data":"eA==eA==","receivers":{},"encoding":"base64"})", "data"},
    {R"({"data":{"a":1},"receivers":{},"encoding":"base64"})", "data"},
    {posted(nested(64)), ""},
    {R"({"skipped":)" + nested(64) + R"(,"data":"x","receivers":{}})", ""},
    {R"({"data":"x","receivers":{"tags":[")" + std::string(129, 'x') + "\"]}}", "receivers.tags[0]"},
};

TEST(MessageParser, NamesThePropertyThatIsWrong)
{
    MessageParser parser;
    for (const BadRow &row : badShape) {
        SCOPED_TRACE(row.body);
        const auto result = parser.parse(row.body, {});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
        EXPECT_EQ(result.error().property, row.property);
        EXPECT_FALSE(result.error().detail.empty());
    }
}

TEST(MessageParser, ReadsReceivers)
{
    MessageParser parser;
    const auto result = parser.parse(
        R"({"receivers":{"exclude":["x"],"tags":["a", "b"],"sockets":["s","*"]},"data":1,"more":[{}]})", {});
    ASSERT_TRUE(result) << result.error().detail;
    const Receivers &receivers = result->message.receivers;
    EXPECT_TRUE(receivers.everyone);
    EXPECT_EQ(receivers.sockets, (std::vector<std::string>{"s"}));
    EXPECT_EQ(receivers.tags, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(receivers.excluded, (std::vector<std::string>{"x"}));
    EXPECT_EQ(result->answer, R"({"data":1,"receivers":{"sockets":["s","*"],"tags":["a","b"]}})");
}

TEST(MessageParser, AnswersNullForAbsentReceivers)
{
    MessageParser parser;
    for (const char *body : {R"({"data":"x","receivers":{}})",
                             R"({"data":"x","receivers":{"sockets":null,"tags":null,"exclude":null}})"}) {
        const auto result = parser.parse(body, {});
        ASSERT_TRUE(result);
        EXPECT_FALSE(result->message.receivers.everyone);
        EXPECT_EQ(result->answer, R"({"data":"x","receivers":{"sockets":null,"tags":null}})");
    }
}

TEST(MessageParser, CountsAllReceiversTogether)
{
    MessageParser parser;
    Limits limits;
    limits.receiversPerMessage = 3;
    EXPECT_TRUE(
        parser.parse(R"({"data":1,"receivers":{"sockets":["*"],"tags":["a"],"exclude":["b"]}})", limits));
    const auto result =
        parser.parse(R"({"data":1,"receivers":{"sockets":["*"],"tags":["a","c"],"exclude":["b"]}})", limits);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().property, "receivers");
}

TEST(MessageParser, DecodesBase64AsBinary)
{
    MessageParser parser;
    for (const char *body : {R"({"encoding":"base64","data":"AP8\/","receivers":{}})",
                             R"({"data":"AP8/","receivers":{},"encoding":"base64"})"}) {
        const auto result = parser.parse(body, {});
        ASSERT_TRUE(result) << result.error().detail;
        EXPECT_EQ(result->message.type, PayloadType::Binary);
        EXPECT_EQ(result->message.payload, std::string("\0\xff\x3f", 3));
    }
    EXPECT_TRUE(parser.parse(R"({"encoding":"base64","data":"","receivers":{}})", {}));
    EXPECT_TRUE(parser.parse(R"({"encoding":null,"data":"","receivers":{}})", {}));
}

TEST(MessageParser, ReadsTtlInSecondsWithFractions)
{
    MessageParser parser;
    const std::vector<std::pair<std::string, int64_t>> rows{
        {"1", 1000},   {"0.5", 500},
        {"1e-9", 1},   {"1.5e1", 15000},
        {"1e-999", 1}, {"1e999", 1000000000000},
        {"1E-999", 1}, {"99999999999999999999", 1000000000000}};
    for (const auto &[text, milliseconds] : rows) {
        SCOPED_TRACE(text);
        const auto result = parser.parse(R"({"data":1,"receivers":{},"ttl":)" + text + "}", {});
        ASSERT_TRUE(result) << result.error().detail;
        EXPECT_EQ(result->message.ttl, std::chrono::milliseconds(milliseconds));
    }
    EXPECT_FALSE(parser.parse(R"({"data":1,"receivers":{},"ttl":null})", {})->message.ttl);
}

TEST(MessageParser, ReadsTheIdempotencyId)
{
    MessageParser parser;
    EXPECT_EQ(parser.parse(R"({"data":1,"receivers":{},"id":"order-\u0037"})", {})->message.idempotencyId,
              "order-7");
    EXPECT_TRUE(
        parser.parse(R"({"data":1,"receivers":{},"id":")" + std::string(128, 'x') + "\"}", {}).has_value());
}

TEST(MessageParser, NamesTheByteWhereJsonBreaks)
{
    MessageParser parser;
    const auto result = parser.parse(R"({"data":"x","receivers":{} "ttl":5})", {});
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().detail.find("byte 2"), std::string::npos) << result.error().detail;
}

TEST(MessageParser, RecoversAfterALargeMessage)
{
    MessageParser parser;
    const std::string large(1000000, 'x');
    for (int round = 0; round < 3; ++round) {
        const auto result = parser.parse(posted("\"" + large + "\""), {});
        ASSERT_TRUE(result);
        EXPECT_EQ(result->message.payload.size(), large.size());
        EXPECT_EQ(parser.parse(posted("\"s\""), {})->message.payload, "s");
        EXPECT_FALSE(parser.parse(large, {}));
    }
}

TEST(MessageParser, SplitsABatch)
{
    MessageParser parser;
    const auto parts = parser.splitBatch(R"( { "x":1, "messages" : [ {"data":1} , 5 , "t" , [ ] ] } )", {});
    ASSERT_TRUE(parts) << parts.error().detail;
    EXPECT_EQ(std::vector<std::string_view>(parts->begin(), parts->end()),
              (std::vector<std::string_view>{"{\"data\":1}", "5", "\"t\"", "[ ]"}));
}

TEST(MessageParser, RefusesWhatIsNoBatch)
{
    MessageParser parser;
    Limits limits;
    limits.messagesPerBatch = 2;
    for (const BadRow &row : std::vector<BadRow>{{"{}", "messages"},
                                                 {R"({"messages":null})", "messages"},
                                                 {R"({"messages":{}})", "messages"},
                                                 {R"({"messages":[1,2,3]})", "messages"},
                                                 {R"({"messages":[],"messages":[]})", "messages"},
                                                 {R"({"messages":[01]})", ""},
                                                 {R"({"messages":[1)", ""},
                                                 {"[]", ""}}) {
        SCOPED_TRACE(row.body);
        const auto parts = parser.splitBatch(row.body, limits);
        ASSERT_FALSE(parts);
        EXPECT_EQ(parts.error().property, row.property);
    }
    EXPECT_TRUE(parser.splitBatch(R"({"messages":[1,2]})", limits));
}

} // namespace
} // namespace mws
