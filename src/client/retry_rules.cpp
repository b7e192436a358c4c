#include "retry_rules.h"

#include <QtCore/QLocale>
#include <QtCore/QRegularExpression>
#include <QtCore/QTimeZone>
#include <algorithm>
#include <array>
#include <utility>

namespace mws::client {

using std::chrono::milliseconds;

bool isPassing(int httpStatus)
{
    const bool isOfRequest = httpStatus >= 400 && httpStatus < 500;
    return !isOfRequest || httpStatus == 408 || httpStatus == 425 || httpStatus == 429;
}

milliseconds parseRetryAfter(const QByteArray &field, const QDateTime &now)
{
    const QByteArray text = field.trimmed();
    const milliseconds longest = longestRetryAfter;
    const bool isNumber =
        !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (isNumber) {
        bool fits = false;
        const qlonglong seconds = text.toLongLong(&fits);
        return fits && seconds < longest.count() / 1000 ? milliseconds(seconds * 1000) : longest;
    }
    QDateTime date =
        QLocale::c().toDateTime(QString::fromLatin1(text), QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    if (!date.isValid())
        return {};
    // The text's numbers are UTC.
    date = QDateTime(date.date(), date.time(), QTimeZone::utc());
    return std::clamp(milliseconds(now.msecsTo(date)), milliseconds(0), longest);
}

int handshakeStatus(const QString &errorString)
{
    static const QRegularExpression pattern(QStringLiteral("\\b([345][0-9][0-9]) \\("));
    const QRegularExpressionMatch match = pattern.match(errorString);
    if (match.hasMatch())
        return match.captured(1).toInt();
    // Qt 6.8 tries to authenticate, and says no number of a 401 for which it has no method or no password.
    const bool isUnauthorized = errorString.contains(QLatin1String("WWW-Authenticate challenge")) ||
                                errorString.contains(QLatin1String("Host requires authentication"));
    return isUnauthorized ? 401 : 0;
}

QString statusText(int httpStatus)
{
    static constexpr std::array names{std::pair{400, "Bad Request"},
                                      std::pair{401, "Unauthorized"},
                                      std::pair{403, "Forbidden"},
                                      std::pair{404, "Not Found"},
                                      std::pair{405, "Method Not Allowed"},
                                      std::pair{408, "Request Timeout"},
                                      std::pair{410, "Gone"},
                                      std::pair{413, "Content Too Large"},
                                      std::pair{422, "Unprocessable Content"},
                                      std::pair{429, "Too Many Requests"},
                                      std::pair{500, "Internal Server Error"},
                                      std::pair{502, "Bad Gateway"},
                                      std::pair{503, "Service Unavailable"},
                                      std::pair{504, "Gateway Timeout"}};
    for (const auto &[status, name] : names)
        if (status == httpStatus)
            return QString::number(status) + QLatin1Char(' ') + QLatin1String(name);
    return QString::number(httpStatus);
}

} // namespace mws::client
