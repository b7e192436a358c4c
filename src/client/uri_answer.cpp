#include "uri_answer.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace mws::client {

namespace {

QStringList stringsOf(const QJsonValue &value)
{
    QStringList strings;
    for (const QJsonValue item : value.toArray())
        if (item.isString())
            strings.append(item.toString());
    return strings;
}

QString place(const QUrl &url)
{
    // Neither a password nor what is in the query belongs into a message.
    return url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment);
}

} // namespace

QString complaintAbout(const QUrl &uri, const QUrl &askedAt)
{
    const QString scheme = uri.scheme();
    if (uri.isEmpty() || !uri.isValid() || uri.host().isEmpty())
        return QStringLiteral("the URI is not an absolute ws or wss URI");
    if (scheme != QLatin1String("ws") && scheme != QLatin1String("wss"))
        return QStringLiteral("the URI has the scheme '%1', not ws or wss").arg(scheme);
    if (askedAt.scheme() == QLatin1String("https") && scheme == QLatin1String("ws"))
        return QStringLiteral("%1 named a URI without TLS (ws); it must be wss, as it was asked by https")
            .arg(place(askedAt));
    return {};
}

MwsUriAnswer parseUriAnswer(const QByteArray &body, const QUrl &askedAt)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(body, &error);
    if (!document.isObject())
        return MwsUriAnswer::failed(QStringLiteral("the answer of %1 is not a JSON object: %2")
                                        .arg(place(askedAt), document.isNull()
                                                                 ? error.errorString()
                                                                 : QStringLiteral("another type")));
    const QJsonObject object = document.object();
    const QJsonValue uri = object.value(QLatin1String("uri"));
    if (!uri.isString())
        return MwsUriAnswer::failed(
            QStringLiteral("the answer of %1 has no string 'uri'").arg(place(askedAt)));
    MwsUriAnswer answer = MwsUriAnswer::of(QUrl(uri.toString(), QUrl::StrictMode));
    if (const QString complaint = complaintAbout(answer.uri, askedAt); !complaint.isEmpty())
        return MwsUriAnswer::failed(QStringLiteral("'uri' in the answer of the provider: ") + complaint);
    answer.socketId = object.value(QLatin1String("id")).toString();
    answer.tags = stringsOf(object.value(QLatin1String("tags")));
    answer.expiresAt =
        QDateTime::fromString(object.value(QLatin1String("expiresAt")).toString(), Qt::ISODate);
    return answer;
}

} // namespace mws::client
