#include "retry_rules.h"

#include <QtCore/QTimeZone>
#include <gtest/gtest.h>

namespace mws::client {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const QDateTime now(QDate(2026, 7, 29), QTime(12, 0), QTimeZone::utc());

milliseconds parsed(const char *field)
{
    return parseRetryAfter(field, now);
}

} // namespace

TEST(RetryRules, WhatTheServerCannotDoNowMayPass)
{
    for (const int status : {200, 302, 408, 425, 429, 500, 502, 503, 504})
        EXPECT_TRUE(isPassing(status)) << status;
}

TEST(RetryRules, WhatIsWrongWithTheRequestDoesNotPass)
{
    for (const int status : {400, 401, 403, 404, 405, 407, 410, 413, 422, 499})
        EXPECT_FALSE(isPassing(status)) << status;
}

TEST(RetryAfter, IsSeconds)
{
    EXPECT_EQ(parsed("0"), seconds(0));
    EXPECT_EQ(parsed(" 7 "), seconds(7));
    EXPECT_EQ(parsed("3599"), seconds(3599));
}

TEST(RetryAfter, IsADate)
{
    EXPECT_EQ(parsed("Wed, 29 Jul 2026 12:00:30 GMT"), seconds(30));
    EXPECT_EQ(parsed("Wed, 29 Jul 2026 11:00:00 GMT"), seconds(0));
}

TEST(RetryAfter, IsBelievedForAnHourAtMost)
{
    for (const char *field : {"3600", "86400", "99999999999999999999", "Thu, 30 Jul 2026 12:00:00 GMT"})
        EXPECT_EQ(parsed(field), longestRetryAfter) << field;
}

TEST(RetryAfter, WhatIsNoneIsNoPause)
{
    for (const char *field : {"", "soon", "-5", "1.5", "+3", "29 Jul 2026"})
        EXPECT_EQ(parsed(field), milliseconds(0)) << field;
}

TEST(HandshakeStatus, IsFoundInTheTextOfQWebSocket)
{
    EXPECT_EQ(handshakeStatus(QStringLiteral(
                  "QWebSocketPrivate::processHandshake: Unhandled http status code: 401 (Unauthorized).")),
              401);
    EXPECT_EQ(handshakeStatus(QStringLiteral("QWebSocketPrivate::processHandshake: Unsupported "
                                             "WWW-Authenticate challenge encountered.")),
              401); // Qt 6.8
    EXPECT_EQ(handshakeStatus(QStringLiteral("Code de statut http non gere : 503 (Service Unavailable).")),
              503);
}

TEST(HandshakeStatus, IsNoneForOtherErrors)
{
    for (const char *text : {"Connection refused", "port 4010 (closed)", "Host 401 not found", ""})
        EXPECT_EQ(handshakeStatus(QString::fromLatin1(text)), 0) << text;
}

TEST(StatusText, NamesTheStatus)
{
    EXPECT_EQ(statusText(401), QStringLiteral("401 Unauthorized"));
    EXPECT_EQ(statusText(599), QStringLiteral("599"));
}

} // namespace mws::client
