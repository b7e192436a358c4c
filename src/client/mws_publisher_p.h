#pragma once

#include "mws/client/mws_publisher.h"

#include <QtCore/QUrlQuery>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QSslConfiguration>
#include <optional>

class MwsReplyPrivate;

/// Makes replies, and lets messages out one after the other.
/// Thread: that of the publisher.
class MwsPublisherPrivate : public QObject
{
    Q_OBJECT

public:
    enum class Repeat { Never, Allowed };
    struct Call
    {
        QByteArray method;
        QByteArray path; ///< below the base, encoded
        QUrlQuery query = {};
        QByteArray body = {};
        Repeat repeat = Repeat::Allowed;
    };

    explicit MwsPublisherPrivate(MwsPublisher *publisher);

    /// Goes out at once.
    MwsReply *call(const Call &call);
    /// Goes out when the messages before it are answered.
    MwsReply *callInTurn(const Call &call);
    /// A call that cannot be made.
    MwsReply *refuse(const QString &error);
    /// It is over, or gone.
    void leave(MwsReplyPrivate *reply);

    QUrl baseUrl;
    QString securityToken;
    int timeout = 10000;
    int maxRetries = 0;
    std::chrono::milliseconds maxRetryAfter{60000};
    std::optional<QSslConfiguration> ssl;
    QNetworkAccessManager network;
    QList<MwsReplyPrivate *> waiting; ///< messages; the first one is under way

private:
    MwsReplyPrivate *prepare(const Call &call, MwsReply *reply) const;
    QString complaint() const;
    QNetworkRequest requestOf(const Call &call) const;

    MwsPublisher *const q;
};
