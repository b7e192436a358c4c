#include "todo_store.h"

#include <QJsonDocument>
#include <QNetworkReply>

TodoStore::TodoStore(const QUrl &address, const QByteArray &backendId, QObject *parent)
    : QObject(parent), m_address(address), m_backendId(backendId)
{
    m_network.setTransferTimeout(10000);
}

QNetworkRequest TodoStore::request(const QString &id) const
{
    QUrl url = m_address;
    url.setPath(QStringLiteral("/v1/objects/todos") + (id.isEmpty() ? id : QLatin1Char('/') + id));
    QNetworkRequest request(url);
    request.setRawHeader("Enginio-Backend-Id", m_backendId);
    request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
    return request;
}

QJsonObject TodoStore::result(QNetworkReply *reply)
{
    const QJsonObject object = QJsonDocument::fromJson(reply->readAll()).object();
    if (reply->error() == QNetworkReply::NoError)
        return object;
    const QString said = object.value(u"errors").toArray().at(0).toObject().value(u"message").toString();
    Q_EMIT failed(said.isEmpty() ? reply->errorString() : said);
    return {};
}

void TodoStore::fetch()
{
    if (m_isFetching) {
        m_fetchesAgain = true;
        return;
    }
    m_isFetching = true;
    QNetworkReply *reply = m_network.get(request());
    connect(reply, &QNetworkReply::finished, this, [this, reply] {
        reply->deleteLater();
        m_isFetching = false;
        const QJsonObject all = result(reply);
        if (all.contains(u"results"))
            Q_EMIT fetched(all.value(u"results").toArray());
        if (std::exchange(m_fetchesAgain, false))
            fetch();
    });
}

void TodoStore::send(const QByteArray &method, const QString &id, const QJsonObject &body)
{
    // Nothing is done with a good answer: the event that follows it brings the news to all windows alike.
    QNetworkReply *reply =
        m_network.sendCustomRequest(request(id), method, QJsonDocument(body).toJson(QJsonDocument::Compact));
    connect(reply, &QNetworkReply::finished, this, [this, reply] {
        reply->deleteLater();
        result(reply);
    });
}

void TodoStore::add(const QString &title)
{
    send("POST", {}, {{QStringLiteral("title"), title}});
}

void TodoStore::setCompleted(const QString &id, bool isCompleted)
{
    send("PUT", id, {{QStringLiteral("completed"), isCompleted}});
}

void TodoStore::remove(const QString &id)
{
    send("DELETE", id);
}
