#include "api/message_lane.h"
#include "unit/api/fakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {
namespace {

constexpr std::string_view hello = R"({"data":"hello","receivers":{"tags":["a"]}})";

class MessageLaneTest : public ::testing::Test, private LateAnswers
{
protected:
    /// The answer; empty if the lane leaves the request alone.
    std::string answerTo(std::string_view line, std::string_view fields = {}, std::string_view body = hello,
                         std::string_view connection = {})
    {
        const std::string text =
            std::string(line) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
        RequestHead head;
        EXPECT_EQ(RequestParser(RequestLimits{}).parse(text, head).status, RequestParser::Status::Complete);
        std::string out;
        const LateAnswerTicket ticket{this, nullptr, ++lastTicket};
        verdict = lane.take(head, body, IpAddress{}, connection, ticket, out);
        EXPECT_EQ(verdict == DirectLane::Verdict::Answered, !out.empty());
        return out;
    }
    /// The same on a node of a cluster, where the answer is one that the broker gives.
    void expectLater(std::string_view line, std::string_view fields = {}, std::string_view body = hello)
    {
        fixture.hub.clustered = true;
        EXPECT_EQ(answerTo(line, fields, body, "Connection: close\r\n"), "") << line;
        EXPECT_EQ(verdict, DirectLane::Verdict::Later) << line;
    }
    void answerLate(const LateAnswerTicket &ticket, std::string_view bytes) override
    {
        late.emplace_back(ticket.number, bytes);
    }

    DirectLane::Verdict verdict{};
    uint64_t lastTicket = 0;
    std::vector<std::pair<uint64_t, std::string>> late; ///< answers, by the number of their ticket
    test::ApiFixture fixture;
    MessageLane lane{fixture.api};
};

TEST_F(MessageLaneTest, WritesTheWholeAnswer)
{
    EXPECT_EQ(answerTo("POST /v1/messages", "X-Request-Id: r1\r\n"),
              "HTTP/1.1 201 Created\r\n"
              "Mws-Receivers: matched=2, dropped=1\r\n"
              "Content-Type: application/json; charset=utf-8\r\n"
              "X-Content-Type-Options: nosniff\r\n"
              "Vary: Origin\r\n"
              "X-Request-Id: r1\r\n"
              "Content-Length: 58\r\n"
              "\r\n"
              R"({"data":"hello","receivers":{"sockets":null,"tags":["a"]}})");
    EXPECT_EQ(fixture.hub.published.size(), 1u);
}

TEST_F(MessageLaneTest, WritesNoLengthForNoContent)
{
    EXPECT_EQ(answerTo("POST /v1/messages", "X-Request-Id: r1\r\nPrefer: return=minimal\r\n", hello,
                       "Connection: close\r\n"),
              "HTTP/1.1 204 No Content\r\n"
              "Connection: close\r\n"
              "Mws-Receivers: matched=2, dropped=1\r\n"
              "Preference-Applied: return=minimal\r\n"
              "Vary: Origin\r\n"
              "X-Request-Id: r1\r\n"
              "\r\n");
}

TEST_F(MessageLaneTest, TakesTheCallsThatSend)
{
    for (const char *line :
         {"POST /v1/messages", "POST /v1/messages:batch", "POST /v1/webhook_receivers/enginio",
          "POST /v1/gateways/other/messages", "POST /v1/gateways/none/messages:batch"})
        EXPECT_NE(answerTo(line), "") << line;
}

TEST_F(MessageLaneTest, LeavesTheRestAlone)
{
    for (const char *line :
         {"GET /v1/messages", "POST /v1/messages?x", "POST /v1/mess%61ges", "POST //v1/messages",
          "POST /v1/messages/", "POST /v1/sockets", "POST /", "POST /v1/gateways/messages",
          "POST /v1/gateways//messages", "POST /v1/gateways/a/b/messages", "PUT /v1/messages"})
        EXPECT_EQ(answerTo(line), "") << line;
    EXPECT_EQ(answerTo("POST /v1/messages", "Prefer: a\r\nPrefer: return=minimal\r\n"), "");
    EXPECT_TRUE(fixture.hub.published.empty());
}

TEST_F(MessageLaneTest, LeavesWhatAnIdentityProviderDecidesAloneWithNothingDone)
{
    fixture.setGateway("default", "secret", [](Gateway &gateway) {
        gateway.settings.accessControl = AccessControl::Eds;
        gateway.settings.limits.messagesPerSecond = 1;
        gateway.settings.limits.burst = std::chrono::seconds(1);
    });
    EXPECT_EQ(answerTo("POST /v1/messages", "Authorization: Bearer user\r\n"), "");
    EXPECT_TRUE(fixture.identity.tokens.empty());
    EXPECT_TRUE(fixture.hub.published.empty());
    EXPECT_EQ(answerTo("POST /v1/messages").substr(0, 12), "HTTP/1.1 401");
    const std::string secret = "Authorization: Bearer secret\r\n"; // the one message that the rate allows
    EXPECT_EQ(answerTo("POST /v1/messages", secret).substr(0, 12), "HTTP/1.1 201");
}

using MessageLaneInClusterTest = MessageLaneTest;

TEST_F(MessageLaneInClusterTest, AnswersWhenTheBrokerHasAnsweredAndLeavesTheConnectionToTheChannel)
{
    expectLater("POST /v1/messages", "X-Request-Id: r1\r\nOrigin: https://a\r\n");
    expectLater("POST /v1/messages", "X-Request-Id: r2\r\nPrefer: return=minimal\r\n");
    EXPECT_TRUE(late.empty());
    ASSERT_EQ(fixture.hub.waiting.size(), 2u);
    fixture.hub.waiting[1](PublishOutcome{3, 0});
    fixture.hub.waiting[0](PublishOutcome{1, 0});
    ASSERT_EQ(late.size(), 2u);
    EXPECT_EQ(late[0].first, 2u);
    EXPECT_EQ(late[0].second, "HTTP/1.1 204 No Content\r\n"
                              "Mws-Receivers: matched=3, dropped=0\r\n"
                              "Preference-Applied: return=minimal\r\n"
                              "Vary: Origin\r\n"
                              "X-Request-Id: r2\r\n"
                              "\r\n");
    EXPECT_EQ(late[1].first, 1u);
    EXPECT_EQ(late[1].second, "HTTP/1.1 201 Created\r\n"
                              "Mws-Receivers: matched=1, dropped=0\r\n"
                              "Content-Type: application/json; charset=utf-8\r\n"
                              "X-Content-Type-Options: nosniff\r\n"
                              "Vary: Origin\r\n"
                              "Access-Control-Allow-Origin: https://a\r\n"
                              "Access-Control-Allow-Methods: GET, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
                              "X-Request-Id: r1\r\n"
                              "Content-Length: 58\r\n"
                              "\r\n"
                              R"({"data":"hello","receivers":{"sockets":null,"tags":["a"]}})");
}

TEST_F(MessageLaneInClusterTest, BatchIsAnsweredWhenItsLastMessageIs)
{
    expectLater("POST /v1/messages:batch", {},
                R"({"messages":[{"data":"a","receivers":{}},{"data":"b"},{"data":"c","receivers":{}}]})");
    ASSERT_EQ(fixture.hub.waiting.size(), 2u);
    fixture.hub.waiting[1](PublishOutcome{});
    EXPECT_TRUE(late.empty());
    fixture.hub.waiting[0](Unexpected(ErrorCode::Unavailable));
    ASSERT_EQ(late.size(), 1u);
    EXPECT_THAT(late[0].second, ::testing::StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(late[0].second,
                ::testing::ContainsRegex(R"(\{"status":503,.*\{"status":422,.*\{"status":201\}\]\}$)"));
}

TEST_F(MessageLaneInClusterTest, RefusalIsAnsweredAtOnceAndNamesTheConnection)
{
    fixture.hub.clustered = true;
    EXPECT_THAT(answerTo("POST /v1/messages", {}, "{", "Connection: close\r\n"),
                ::testing::StartsWith("HTTP/1.1 422 Unprocessable Content\r\nConnection: close\r\n"));
    EXPECT_THAT(answerTo("POST /v1/gateways/none/messages"), ::testing::StartsWith("HTTP/1.1 404 "));
    EXPECT_TRUE(fixture.hub.published.empty());
    EXPECT_EQ(answerTo("POST /v1/sockets"), "");
    EXPECT_EQ(verdict, DirectLane::Verdict::Declined);
    EXPECT_TRUE(late.empty());
}

TEST_F(MessageLaneInClusterTest, IdentityProviderIsAskedWithoutTheHttpServer)
{
    fixture.setGateway("default", "secret",
                       [](Gateway &gateway) { gateway.settings.accessControl = AccessControl::Eds; });
    expectLater("POST /v1/messages", "Authorization: Bearer user\r\n");
    ASSERT_EQ(fixture.identity.waiting.size(), 1u);
    fixture.identity.waiting[0](Unexpected(ErrorCode::AuthenticationNeeded));
    ASSERT_EQ(late.size(), 1u);
    EXPECT_THAT(late[0].second, ::testing::StartsWith("HTTP/1.1 401 "));
    EXPECT_TRUE(fixture.hub.published.empty());
}

} // namespace
} // namespace mws
