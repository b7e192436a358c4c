#include "uri_fetch.h"

#include <gtest/gtest.h>

namespace mws::client {

namespace {

const QUrl url(QStringLiteral("https://push.example/uri"));
const QDateTime now = QDateTime::fromSecsSinceEpoch(1785326400);

MwsUriAnswer answerTo(HttpResult result)
{
    return uriAnswerOf(result, url, now);
}

} // namespace

TEST(UriQuestion, OfAnHttpUrlIsFine)
{
    EXPECT_EQ(complaintAbout({.url = url,
                              .headers = {{QStringLiteral("X-Device"), QStringLiteral("tablet 7")}},
                              .bearer = QStringLiteral("abc")}),
              QString());
}

TEST(UriQuestion, OfAnotherSchemeIsRefused)
{
    for (const char *wrong : {"", "/uri", "ws://push.example", "file:///etc/passwd", "https:///uri"})
        EXPECT_TRUE(
            complaintAbout({.url = QUrl(QString::fromLatin1(wrong))}).contains(QLatin1String("providerUrl")))
            << wrong;
}

TEST(UriQuestion, CannotSmuggleHeaderFields)
{
    EXPECT_TRUE(
        complaintAbout({.url = url, .headers = {{QStringLiteral("A"), QStringLiteral("b\r\nHost: evil")}}})
            .contains(QLatin1String("'A'")));
    EXPECT_FALSE(
        complaintAbout({.url = url, .headers = {{QStringLiteral("A b"), QStringLiteral("c")}}}).isEmpty());
    const QString complaint = complaintAbout({.url = url, .bearer = QStringLiteral("se\ncret")});
    EXPECT_TRUE(complaint.contains(QLatin1String("bearer")));
    EXPECT_FALSE(complaint.contains(QLatin1String("cret")));
}

TEST(UriFetchAnswer, RefusalIsFinal)
{
    for (const int status : {400, 401, 403, 404, 422}) {
        const MwsUriAnswer answer = answerTo({.status = status});
        EXPECT_TRUE(answer.isFinal) << status;
        EXPECT_TRUE(answer.error.contains(QString::number(status))) << answer.error.toStdString();
    }
    EXPECT_TRUE(
        answerTo({.failure = HttpFailure::ProxyRefused, .error = QStringLiteral("the proxy")}).isFinal);
}

TEST(UriFetchAnswer, OverloadIsNotAndItsRetryAfterIsTaken)
{
    for (const int status : {429, 503}) {
        const MwsUriAnswer answer = answerTo({.status = status, .retryAfter = "3"});
        EXPECT_FALSE(answer.isFinal) << status;
        EXPECT_EQ(answer.retryAfter, 3000) << status;
    }
}

TEST(UriFetchAnswer, FailuresOnTheWayAreNotFinal)
{
    for (const HttpFailure failure :
         {HttpFailure::Network, HttpFailure::Redirected, HttpFailure::Timeout, HttpFailure::TooLarge}) {
        const MwsUriAnswer answer =
            answerTo({.failure = failure, .status = 401, .error = QStringLiteral("why")});
        EXPECT_FALSE(answer.isFinal);
        EXPECT_EQ(answer.error, QStringLiteral("why"));
    }
}

TEST(UriFetchAnswer, BodyOfASuccessIsRead)
{
    EXPECT_EQ(answerTo({.status = 201, .body = R"({"uri":"wss://push.example/s"})"}).uri,
              QUrl(QStringLiteral("wss://push.example/s")));
    EXPECT_FALSE(answerTo({.status = 200, .body = "{}"}).error.isEmpty());
}

} // namespace mws::client
