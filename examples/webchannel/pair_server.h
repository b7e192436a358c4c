#pragma once

#include "pair.h"

#include <QtCore/QFuture>
#include <QtCore/QHash>
#include <QtCore/QTimer>
#include <QtHttpServer/QHttpServer>
#include <mws/client/mws_publisher.h>
#include <memory>

/// Serves the page, and makes a pair for each page that asks:
///
/// | call | answer |
/// |---|---|
/// | GET `/`, `/thermostat.js`, `/qwebchannel.js` | the page |
/// | POST `/pairs` | 201 `{"pair": id, "uri": ws…}`: a new thermostat, and where the page finds it |
/// | POST `/pairs/ID` | 201 likewise, for a page whose connection was lost; 404 if the pair is gone |
///
/// A pair is given up when its page was away for a minute.
class PairServer : public QObject
{
    Q_OBJECT

public:
    static constexpr int mostPairs = 200;

    /// `gateway` as MwsPublisher::baseUrl().
    PairServer(const QUrl &gateway, const QString &securityToken, QObject *parent = nullptr);
    ~PairServer() override;

    /// On 127.0.0.1; 0 lets the system pick a port. The port, or 0 if it cannot.
    quint16 listen(quint16 port);

private:
    using Answer = QFuture<QHttpServerResponse>;
    Answer openPair();
    Answer comeBack(const QString &id);
    Answer reserveForPage(Pair &pair);
    void lookAfterPages();

    MwsPublisher m_publisher;
    QHttpServer m_server;
    QHash<QString, std::shared_ptr<Pair>> m_pairs;
    QTimer m_timer;
};
