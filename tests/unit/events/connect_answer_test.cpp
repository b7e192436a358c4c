#include "events/connect_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<ConnectAnswer> answerOf(int status, const std::string &body = {})
{
    HttpReply reply;
    reply.status = status;
    reply.body = body;
    reply.isWhole = true;
    return readConnectAnswer(reply, Limits());
}

} // namespace

TEST(ConnectAnswer, LetsASocketOpenAsItIs)
{
    for (const auto &[status, body] : std::vector<std::pair<int, std::string>>{
             {204, ""}, {200, ""}, {200, "{}"}, {201, R"({"user":null,"tags":null,"more":[1,{"a":2}]})"}}) {
        const auto answer = answerOf(status, body);
        ASSERT_TRUE(answer) << body;
        EXPECT_FALSE(answer->user);
        EXPECT_FALSE(answer->tags);
    }
}

TEST(ConnectAnswer, SetsUserAndTags)
{
    const auto answer = answerOf(200, R"({"user":"\u00e9va","tags":["room:1","vip"]})");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->user, "éva");
    EXPECT_THAT(*answer->tags, ElementsAre("room:1", "vip"));
    EXPECT_TRUE(answerOf(200, R"({"tags":[]})")->tags->empty());
}

TEST(ConnectAnswer, RefusesBy4xx)
{
    for (const int status : {400, 401, 403, 404, 410, 499})
        EXPECT_EQ(answerOf(status).error().code, ErrorCode::AccessDenied) << status;
}

TEST(ConnectAnswer, IsNoneWhereTheBackendFails)
{
    for (const int status : {100, 301, 302, 408, 429, 500, 503, 600})
        EXPECT_EQ(answerOf(status).error().code, ErrorCode::Unavailable) << status;
    HttpReply none;
    none.failure = "no connection";
    EXPECT_EQ(readConnectAnswer(none, Limits()).error().detail, "no connection");
    none.status = 200;
    none.body = "{}";
    EXPECT_EQ(readConnectAnswer(none, Limits()).error().code, ErrorCode::Unavailable); // it may be cut
}

TEST(ConnectAnswer, MustBeAsDocumented)
{
    const std::string longTag = R"({"tags":[")" + std::string(129, 't') + R"("]})";
    for (const std::string &body :
         {std::string("[]"), std::string("{"), std::string("true"), std::string(R"({"user":5})"),
          std::string(R"({"user":""})"), std::string(R"({"tags":"a"})"), std::string(R"({"tags":[1]})"),
          std::string(R"({"tags":[""]})"), std::string("{} {}"), longTag}) {
        const auto answer = answerOf(200, body);
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
        EXPECT_THAT(answer.error().detail, HasSubstr("its answer cannot be used: "));
    }
}

} // namespace mws
