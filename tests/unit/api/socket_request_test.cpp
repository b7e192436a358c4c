#include "api/socket_request.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

TEST(SocketRequestParser, ReadsEveryKey)
{
    SocketRequestParser parser;
    GatewaySettings settings;
    settings.clientMessages = ClientMessages::Echo;
    const auto request = parser.parse(
        R"({"tags":["a",5,"a",1.50],"user":"u","clientMessages":"ignore","expiresIn":86400,"reuse":false,"x":1})",
        settings);
    ASSERT_TRUE(request) << request.error().detail;
    EXPECT_EQ(request->tags, (std::vector<Tag>{"a", "5", "1.50"}));
    EXPECT_EQ(request->user, "u");
    EXPECT_EQ(request->clientMessages, ClientMessages::Ignore);
    EXPECT_EQ(request->expiresIn, std::chrono::seconds(86400));
    EXPECT_EQ(request->reuse, false);
}

TEST(SocketRequestParser, TakesAnEmptyBodyAndNulls)
{
    SocketRequestParser parser;
    for (const char *body : {"", " \n", "{}", R"({"tags":null,"user":null,"expiresIn":null,"reuse":null})"}) {
        const auto request = parser.parse(body, {});
        ASSERT_TRUE(request) << body;
        EXPECT_TRUE(request->tags.empty());
        EXPECT_FALSE(request->reuse);
    }
}

TEST(SocketRequestParser, NamesThePropertyThatIsWrong)
{
    SocketRequestParser parser;
    GatewaySettings settings;
    settings.limits.tagsPerSocket = 2;
    settings.limits.tagLength = 4;
    settings.limits.tagBytes = 6;
    const std::pair<const char *, const char *> rows[] = {
        {"[]", ""},
        {"x", ""},
        {R"({"tags":"a"})", "tags"},
        {R"({"tags":["a",true]})", "tags[1]"},
        {R"({"tags":["a",""]})", "tags[1]"},
        {R"({"tags":["abcde"]})", "tags[0]"},
        {R"({"tags":["a","b","c"]})", "tags"},
        {R"({"tags":["abcd","efg"]})", "tags"},
        {R"({"user":7})", "user"},
        {R"({"user":""})", "user"},
        {R"({"clientMessages":"echo"})", "clientMessages"},
        {R"({"clientMessages":"relay"})", "clientMessages"},
        {R"({"clientMessages":1})", "clientMessages"},
        {R"({"expiresIn":0})", "expiresIn"},
        {R"({"expiresIn":86401})", "expiresIn"},
        {R"({"expiresIn":1.5})", "expiresIn"},
        {R"({"expiresIn":"60"})", "expiresIn"},
        {R"({"reuse":1})", "reuse"},
    };
    for (const auto &[body, property] : rows) {
        const auto request = parser.parse(body, settings);
        ASSERT_FALSE(request) << body;
        EXPECT_EQ(request.error().property, property) << body;
    }
}

} // namespace
} // namespace mws
