#include "api/message_lane.h"
#include "unit/api/fakes.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

constexpr std::string_view hello = R"({"data":"hello","receivers":{"tags":["a"]}})";

class MessageLaneTest : public ::testing::Test
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
        const bool taken = lane.answer(head, body, IpAddress{}, connection, out);
        EXPECT_EQ(taken, !out.empty());
        return out;
    }

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

} // namespace
} // namespace mws
