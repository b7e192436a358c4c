#include "uri_answer.h"

#include <QtCore/QTimeZone>
#include <gtest/gtest.h>

namespace mws::client {

namespace {

const QUrl plain(QStringLiteral("http://push.example/v1/websocket_uri?access_token=hidden"));
const QUrl secure(QStringLiteral("https://user:hidden@push.example/v1/websocket_uri"));

std::string complaintOf(const char *body, const QUrl &from = plain)
{
    const MwsUriAnswer answer = parseUriAnswer(body, from);
    EXPECT_TRUE(answer.uri.isEmpty()) << body;
    EXPECT_FALSE(answer.isFinal) << body;
    EXPECT_FALSE(answer.error.contains(QLatin1String("hidden"))) << answer.error.toStdString();
    return answer.error.toStdString();
}

} // namespace

TEST(UriAnswer, OfTheGatewayIsTakenWhole)
{
    const MwsUriAnswer answer = parseUriAnswer(
        R"({"uri":"ws://push.example/v1/gateways/default/socket?token=a.b-c","expiresAt":"2026-07-29T12:00:00Z",)"
        R"("tags":["players","users.42"],"id":"abc","more":[1]})",
        plain);
    EXPECT_EQ(answer.uri.toString(),
              QStringLiteral("ws://push.example/v1/gateways/default/socket?token=a.b-c"));
    EXPECT_EQ(answer.expiresAt, QDateTime(QDate(2026, 7, 29), QTime(12, 0), QTimeZone::utc()));
    EXPECT_EQ(answer.tags, QStringList({QStringLiteral("players"), QStringLiteral("users.42")}));
    EXPECT_EQ(answer.socketId, QStringLiteral("abc"));
    EXPECT_TRUE(answer.error.isEmpty());
}

TEST(UriAnswer, NeedsNothingButTheUri)
{
    const MwsUriAnswer answer =
        parseUriAnswer(R"({"uri":"wss://push.example/s","tags":"none","expiresAt":5})", secure);
    EXPECT_EQ(answer.uri, QUrl(QStringLiteral("wss://push.example/s")));
    EXPECT_TRUE(answer.tags.isEmpty());
    EXPECT_FALSE(answer.expiresAt.isValid());
}

TEST(UriAnswer, ThatIsNoJsonObjectIsNamed)
{
    for (const char *body : {"", "<html>Log in</html>", "[]", "\"ws://a\"", "{\"uri\":", "null"})
        EXPECT_NE(complaintOf(body).find("http://push.example/v1/websocket_uri is not a JSON object"),
                  std::string::npos)
            << body;
}

TEST(UriAnswer, WithoutAStringUriIsNamed)
{
    for (const char *body : {"{}", R"({"uri":7})", R"({"URI":"ws://a"})", R"({"uri":null})"})
        EXPECT_NE(complaintOf(body).find("no string 'uri'"), std::string::npos) << body;
}

TEST(UriAnswer, WithAnotherSchemeOrNoHostIsNamed)
{
    EXPECT_NE(complaintOf(R"({"uri":"http://push.example/"})").find("scheme 'http'"), std::string::npos);
    EXPECT_NE(complaintOf(R"({"uri":"file:///etc/passwd"})").find("not an absolute"), std::string::npos);
    for (const char *body :
         {R"({"uri":""})", R"({"uri":"/v1/socket"})", R"({"uri":"ws:///x"})", R"({"uri":"ws://[::1"})"})
        EXPECT_NE(complaintOf(body).find("not an absolute ws or wss URI"), std::string::npos) << body;
}

TEST(UriAnswer, FromHttpsMustBeWss)
{
    EXPECT_NE(complaintOf(R"({"uri":"ws://push.example/s"})", secure).find("must be wss"), std::string::npos);
    EXPECT_EQ(parseUriAnswer(R"({"uri":"wss://push.example/s"})", plain).error, QString());
}

} // namespace mws::client
