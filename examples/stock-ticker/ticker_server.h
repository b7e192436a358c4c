#pragma once

#include "market.h"

#include <QHttpServer>
#include <QObject>
#include <QTimer>
#include <functional>
#include <memory>
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
    class LaterAnswer;
    using Answer = std::shared_ptr<LaterAnswer>;

    void addRoutes();
    void reserve(const QHttpServerRequest &request, const Answer &answer);
    void change(const QString &id, const QHttpServerRequest &request, const Answer &answer);
    QJsonObject histories(const QStringList &symbols) const;
    /// Answers with what `finish` makes of the gateway's answer, or with its error.
    void answerAfter(MwsReply *reply, const Answer &answer, std::function<void(const MwsReply &)> finish);
    /// The list `key` of the body, checked; false and `error` if it is not one of known symbols.
    bool readSymbols(const QJsonObject &body, const char *key, QStringList &symbols, QString &error) const;
    void tick();
    void publish();

    Market m_market;
    QHttpServer
        m_http; ///< outlives the answers that wait in the publisher: Qt 6.8's responder tells it that it ends
    MwsPublisher m_publisher;
    QTimer m_timer;
    QList<MwsMessage> m_waiting; ///< ticks that the next batch takes
    bool m_isPublishing = false;
};
