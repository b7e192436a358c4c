#pragma once

#include <mws/client/mws_client_global.h>
#include <mws/client/mws_reply.h>

#include <QtCore/QByteArray>
#include <QtCore/QDateTime>
#include <QtCore/QJsonValue>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QUrl>
#include <optional>

class MwsPublisherPrivate;
class QNetworkProxy;
class QSslConfiguration;

/// Who gets a message. A socket that matches in several ways gets it once.
struct MwsReceivers
{
    QStringList sockets = {}; ///< ids
    QStringList tags = {};
    QStringList exclude = {}; ///< ids of sockets that do not get it

    static MwsReceivers everyone() { return {{QStringLiteral("*")}}; }
    static MwsReceivers tag(const QString &tag) { return {{}, {tag}}; }
    static MwsReceivers socket(const QString &id) { return {{id}}; }
};

/// A message as `POST messages` takes it.
struct MwsMessage
{
    /// A text message.
    MwsMessage(const QString &text, const MwsReceivers &to) : data(text), receivers(to) {}
    /// A binary message.
    MwsMessage(const QByteArray &bytes, const MwsReceivers &to)
        : data(QString::fromLatin1(bytes.toBase64())), isBinary(true), receivers(to)
    {}
    /// JSON, which arrives as its text; Qt sorts the keys of its objects. Not null.
    MwsMessage(const QJsonValue &value, const MwsReceivers &to) : data(value), receivers(to) {}

    QJsonValue data;
    bool isBinary = false; ///< `data` is base64
    MwsReceivers receivers;
    std::optional<int> ttl = {}; ///< seconds that it may wait for a slow receiver
    /// An idempotency key: the same message with the same id is delivered once within 5 minutes. A call all
    /// of whose messages have one may be repeated (MwsPublisher::setMaxRetries()).
    QString id = {};
};

/// What `POST sockets` takes. What is not set is the gateway's default.
struct MwsReservation
{
    QStringList tags = {};
    QString user = {};
    QString clientMessages = {};       ///< `ignore`, `echo`, `relay`, `publish` or `webhook`
    std::optional<int> expiresIn = {}; ///< seconds
    std::optional<bool> reuse = {};
};

/// A backend's calls to an MWS gateway: messages, reservations, sockets.
///
/// Each call returns a reply at once and never fails by itself; what is wrong is in the reply. Messages go
/// out one after the other, each when the one before is answered, so that every socket gets them in the order
/// of the calls; at most 10,000 wait. Put what belongs together into sendBatch(). Other calls go out at once.
///
/// The security token is a backend's secret: not for applications that are handed to users.
///
/// Thread: the one that the object lives in; it needs an event loop there.
class MWS_CLIENT_EXPORT MwsPublisher : public QObject
{
    Q_OBJECT

public:
    explicit MwsPublisher(QObject *parent = nullptr);
    /// `baseUrl` and `securityToken` as by their setters.
    MwsPublisher(const QUrl &baseUrl, const QString &securityToken, QObject *parent = nullptr);
    /// Gives up the calls that have not finished; their replies go with it and emit nothing.
    ~MwsPublisher() override;

    /// `https://host/v1`, or `https://host/v1/gateways/ID`.
    QUrl baseUrl() const;
    void setBaseUrl(const QUrl &url);
    /// Sent as `Authorization: Bearer …`; empty: not sent. Never logged, never followed to another address.
    QString securityToken() const;
    void setSecurityToken(const QString &token);

    /// For each request, to the end of its answer; ms, 10,000 by default, from 1.
    int timeout() const;
    void setTimeout(int milliseconds);
    /// How often a call is repeated that may be: messages with an id, listing, tags, closing. Only after 429,
    /// 503, a timeout or a lost connection, after a random pause that grows from 0.5 s, or after what
    /// Retry-After says, which is given up on above maxRetryAfter. 0 by default. Closing a socket that an
    /// attempt without an answer has closed is answered 404.
    int maxRetries() const;
    void setMaxRetries(int retries);
    /// The longest Retry-After that is waited for; ms, 60,000 by default.
    int maxRetryAfter() const;
    void setMaxRetryAfter(int milliseconds);

    QNetworkProxy proxy() const;
    void setProxy(const QNetworkProxy &proxy);
    QSslConfiguration sslConfiguration() const;
    void setSslConfiguration(const QSslConfiguration &configuration);

    /// `POST messages`. 201: it is in the queues of the receivers, see MwsReply::receiversMatched().
    MwsReply *send(const MwsMessage &message);
    /// `POST messages:batch`; json() has `results` with a status for each message, in order.
    MwsReply *sendBatch(const QList<MwsMessage> &messages);

    /// `POST sockets`; json() has `id`, `uri`, `expiresAt`, `tags`.
    MwsReply *reserveSocket(const MwsReservation &reservation = {});
    /// `GET sockets`: open ones, in pages; json() has `results`, and `cursor` for the next page while there
    /// is more. `limit` 0: the gateway's.
    MwsReply *sockets(const QString &tag = {}, int limit = 0, const QString &cursor = {});
    /// `GET sockets/ID`.
    MwsReply *socket(const QString &id);
    /// `PATCH sockets/ID`.
    MwsReply *changeTags(const QString &id, const QStringList &add, const QStringList &remove = {});
    /// `DELETE sockets/ID`: closes it, or takes the reservation back. Codes: 1000, 1001, 1008, 1011 to
    /// 1014, 3000 to 4999; `reason` at most 123 bytes.
    MwsReply *closeSocket(const QString &id, int code = 1000, const QString &reason = {});
    /// `DELETE sockets?tag=`; json() has `closed` and `revoked`. Code 0: the gateway's.
    MwsReply *closeByTag(const QString &tag, int code = 0, const QString &reason = {});
    MwsReply *closeByUser(const QString &user, int code = 0, const QString &reason = {});

private:
    friend class MwsPublisherPrivate;
    Q_DISABLE_COPY_MOVE(MwsPublisher)
    MwsPublisherPrivate *const d;
};
