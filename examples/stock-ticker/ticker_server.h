#pragma once

#include "market.h"

#include <QFuture>
#include <QHttpServer>
#include <QObject>
#include <QTimer>
#include <mws/client/mws_publisher.h>

/// The backend: an HTTP API for clients, and the prices, published by tag (`stock:NOK`).
///
/// | call | answer |
/// |---|---|
/// | GET /symbols | `{"symbols": [each as Market::history()]}` |
/// | POST /sockets `{"symbols": […]}` | 201, a socket of the gateway that has these tags: `id`, `uri`, … |
/// | POST /sockets/ID/symbols `{"add": […], "remove": […]}` | of the open socket, `{"symbols": […]}`: what
/// `add` has meanwhile; 404 |
///
/// Thread: the application's.
class TickerServer : public QObject
{
    Q_OBJECT

public:
    /// A price of each symbol every `interval` ms.
    TickerServer(const QUrl &gateway, const QString &securityToken, std::uint64_t seed, int interval,
                 QObject *parent = nullptr);

    /// On 127.0.0.1; 0: any port. The port, or 0 if that did not work.
    quint16 listen(quint16 port);

private:
    using Answer = QFuture<QHttpServerResponse>;

    void addRoutes();
    Answer reserve(const QHttpServerRequest &request);
    Answer change(const QString &id, const QHttpServerRequest &request);
    QHttpServerResponse histories(const QStringList &symbols) const;
    /// Answers when the gateway has: with what `finish` makes of its answer, or with the gateway's error.
    Answer whenAnswered(MwsReply *reply, std::function<QHttpServerResponse(const MwsReply &)> finish);
    /// The list `key` of the body, checked; false and `error` if it is not one of known symbols.
    bool readSymbols(const QJsonObject &body, const char *key, QStringList &symbols, QString &error) const;
    void tick();
    void publish();

    Market m_market;
    MwsPublisher m_publisher;
    QHttpServer m_http;
    QTimer m_timer;
    QList<MwsMessage> m_waiting; ///< ticks that the next batch takes
    bool m_isPublishing = false;
};
