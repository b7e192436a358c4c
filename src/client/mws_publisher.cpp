#include "mws/client/mws_publisher.h"

#include "mws_publisher_p.h"
#include "mws_reply_p.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtNetwork/QNetworkProxy>
#include <algorithm>

using namespace mws::client;

namespace {

constexpr qint64 maxAnswerBytes = 16 << 20;
constexpr qsizetype maxWaiting = 10000;

QByteArray compact(const QJsonObject &json)
{
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

QByteArray socketPath(const QString &id)
{
    return "/sockets/" + QUrl::toPercentEncoding(id);
}

/// QUrlQuery takes '+' and the like for themselves, the gateway for a space.
void add(QUrlQuery &query, const QString &name, const QString &value)
{
    query.addQueryItem(name, QString::fromLatin1(QUrl::toPercentEncoding(value)));
}

void addClosing(QUrlQuery &query, int code, const QString &reason)
{
    if (code != 0)
        add(query, QStringLiteral("code"), QString::number(code));
    if (!reason.isEmpty())
        add(query, QStringLiteral("reason"), reason);
}

} // namespace

MwsPublisherPrivate::MwsPublisherPrivate(MwsPublisher *publisher)
    : QObject(publisher), network(this), q(publisher)
{}

QString MwsPublisherPrivate::complaint() const
{
    const QString scheme = baseUrl.scheme();
    if ((scheme != QLatin1String("http") && scheme != QLatin1String("https")) || baseUrl.host().isEmpty())
        return QStringLiteral("baseUrl is not an absolute http or https URL");
    if (baseUrl.hasQuery() || baseUrl.hasFragment())
        return QStringLiteral("baseUrl has a query or a fragment");
    const bool isClean = std::all_of(securityToken.begin(), securityToken.end(),
                                     [](QChar c) { return c.unicode() > 0x20 && c.unicode() < 0x7f; });
    return isClean ? QString() : QStringLiteral("securityToken has characters that no token has");
}

QNetworkRequest MwsPublisherPrivate::requestOf(const Call &call) const
{
    QByteArray base = baseUrl.toEncoded(QUrl::StripTrailingSlash);
    while (base.endsWith('/'))
        base.chop(1);
    QUrl url = QUrl::fromEncoded(base + call.path, QUrl::StrictMode);
    if (!call.query.isEmpty())
        url.setQuery(call.query.query(QUrl::FullyEncoded), QUrl::StrictMode);
    QNetworkRequest request = boundedRequest(url, QNetworkRequest::ManualRedirectPolicy);
    if (!call.body.isEmpty())
        request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
    if (!securityToken.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + securityToken.toLatin1());
    if (ssl)
        request.setSslConfiguration(*ssl);
    return request;
}

MwsReplyPrivate *MwsPublisherPrivate::prepare(const Call &call, MwsReply *reply) const
{
    reply->d->question = {call.method, requestOf(call), call.body, timeout, maxAnswerBytes};
    reply->d->isRepeatable = call.repeat == Repeat::Allowed;
    reply->d->maxRetries = maxRetries;
    reply->d->maxRetryAfter = maxRetryAfter;
    return reply->d;
}

MwsReply *MwsPublisherPrivate::refuse(const QString &error)
{
    auto *reply = new MwsReply(q);
    reply->d->failLater(QStringLiteral("InvalidCall"), error);
    return reply;
}

MwsReply *MwsPublisherPrivate::call(const Call &call)
{
    if (const QString wrong = complaint(); !wrong.isEmpty())
        return refuse(wrong);
    auto *reply = new MwsReply(q);
    prepare(call, reply)->start(network);
    return reply;
}

MwsReply *MwsPublisherPrivate::callInTurn(const Call &call)
{
    if (const QString wrong = complaint(); !wrong.isEmpty())
        return refuse(wrong);
    if (waiting.size() >= maxWaiting)
        return refuse(QStringLiteral("%1 messages wait for their turn already").arg(maxWaiting));
    auto *reply = new MwsReply(q);
    MwsReplyPrivate *next = prepare(call, reply);
    next->publisher = this;
    waiting.append(next);
    if (waiting.size() == 1)
        next->start(network);
    return reply;
}

void MwsPublisherPrivate::leave(MwsReplyPrivate *reply)
{
    const bool wasFirst = !waiting.isEmpty() && waiting.first() == reply;
    waiting.removeOne(reply);
    if (wasFirst && !waiting.isEmpty())
        waiting.first()->start(network);
}

MwsPublisher::MwsPublisher(QObject *parent) : QObject(parent), d(new MwsPublisherPrivate(this)) {}

MwsPublisher::MwsPublisher(const QUrl &baseUrl, const QString &securityToken, QObject *parent)
    : MwsPublisher(parent)
{
    d->baseUrl = baseUrl;
    d->securityToken = securityToken;
}

MwsPublisher::~MwsPublisher()
{
    for (MwsReplyPrivate *reply : std::as_const(d->waiting))
        reply->publisher = nullptr; // none begins now
    d->waiting.clear();
    qDeleteAll(findChildren<MwsReply *>(QString(), Qt::FindDirectChildrenOnly));
    delete d;
}

QUrl MwsPublisher::baseUrl() const
{
    return d->baseUrl;
}

void MwsPublisher::setBaseUrl(const QUrl &url)
{
    d->baseUrl = url;
}

QString MwsPublisher::securityToken() const
{
    return d->securityToken;
}

void MwsPublisher::setSecurityToken(const QString &token)
{
    d->securityToken = token;
}

int MwsPublisher::timeout() const
{
    return d->timeout;
}

void MwsPublisher::setTimeout(int milliseconds)
{
    d->timeout = qMax(1, milliseconds);
}

int MwsPublisher::maxRetries() const
{
    return d->maxRetries;
}

void MwsPublisher::setMaxRetries(int retries)
{
    d->maxRetries = qMax(0, retries);
}

int MwsPublisher::maxRetryAfter() const
{
    return int(d->maxRetryAfter.count());
}

void MwsPublisher::setMaxRetryAfter(int milliseconds)
{
    d->maxRetryAfter = std::chrono::milliseconds(qMax(0, milliseconds));
}

QNetworkProxy MwsPublisher::proxy() const
{
    return d->network.proxy();
}

void MwsPublisher::setProxy(const QNetworkProxy &proxy)
{
    d->network.setProxy(proxy);
}

QSslConfiguration MwsPublisher::sslConfiguration() const
{
    return d->ssl.value_or(QSslConfiguration::defaultConfiguration());
}

void MwsPublisher::setSslConfiguration(const QSslConfiguration &configuration)
{
    d->ssl = configuration;
}

MwsReply *MwsPublisher::send(const MwsMessage &message)
{
    using Repeat = MwsPublisherPrivate::Repeat;
    return d->callInTurn({"POST",
                          "/messages",
                          {},
                          compact(messageJson(message)),
                          message.id.isEmpty() ? Repeat::Never : Repeat::Allowed});
}

MwsReply *MwsPublisher::sendBatch(const QList<MwsMessage> &messages)
{
    using Repeat = MwsPublisherPrivate::Repeat;
    QJsonArray array;
    auto repeat = Repeat::Allowed;
    for (const MwsMessage &message : messages) {
        array.append(messageJson(message));
        if (message.id.isEmpty())
            repeat = Repeat::Never;
    }
    return d->callInTurn(
        {"POST", "/messages:batch", {}, compact({{QStringLiteral("messages"), array}}), repeat});
}

MwsReply *MwsPublisher::reserveSocket(const MwsReservation &reservation)
{
    return d->call(
        {"POST", "/sockets", {}, compact(reservationJson(reservation)), MwsPublisherPrivate::Repeat::Never});
}

MwsReply *MwsPublisher::sockets(const QString &tag, int limit, const QString &cursor)
{
    QUrlQuery query;
    if (!tag.isEmpty())
        add(query, QStringLiteral("tag"), tag);
    if (limit > 0)
        add(query, QStringLiteral("limit"), QString::number(limit));
    if (!cursor.isEmpty())
        add(query, QStringLiteral("cursor"), cursor);
    return d->call({"GET", "/sockets", query});
}

MwsReply *MwsPublisher::socket(const QString &id)
{
    return id.isEmpty() ? d->refuse(QStringLiteral("socket: no id")) : d->call({"GET", socketPath(id)});
}

MwsReply *MwsPublisher::changeTags(const QString &id, const QStringList &addTags,
                                   const QStringList &removeTags)
{
    if (id.isEmpty())
        return d->refuse(QStringLiteral("changeTags: no id"));
    const QJsonObject change{{QStringLiteral("addTags"), QJsonArray::fromStringList(addTags)},
                             {QStringLiteral("removeTags"), QJsonArray::fromStringList(removeTags)}};
    return d->call({"PATCH", socketPath(id), {}, compact(change)});
}

MwsReply *MwsPublisher::closeSocket(const QString &id, int code, const QString &reason)
{
    if (id.isEmpty())
        return d->refuse(QStringLiteral("closeSocket: no id")); // else it would be a call about all sockets
    QUrlQuery query;
    addClosing(query, code, reason);
    return d->call({"DELETE", socketPath(id), query});
}

MwsReply *MwsPublisher::closeByTag(const QString &tag, int code, const QString &reason)
{
    QUrlQuery query;
    add(query, QStringLiteral("tag"), tag);
    addClosing(query, code, reason);
    return d->call({"DELETE", "/sockets", query});
}

MwsReply *MwsPublisher::closeByUser(const QString &user, int code, const QString &reason)
{
    QUrlQuery query;
    add(query, QStringLiteral("user"), user);
    addClosing(query, code, reason);
    return d->call({"DELETE", "/sockets", query});
}
