#pragma once

#include "pair.h"

#include <QtCore/QHash>
#include <QtCore/QTimer>
#include <QtHttpServer/QHttpServer>
#include <memory>
#include <mws/client/mws_publisher.h>

/// Serves the page, and a pair to each page that asks:
///
/// | call | answer |
/// |---|---|
/// | GET `/`, `/thermostat.js`, `/qwebchannel.js` | the page |
/// | POST `/pairs` | 201 `{"pair": id, "uri": ws…}`: a new thermostat, and where the page finds it |
/// | POST `/pairs/ID` | 201 likewise, for a page whose connection was lost; 404 if the pair is gone |
///
/// 503: the gateway is away, or the next pair is not ready yet; the page comes again. A pair is given up when
/// its page was away for a minute.
class PairServer : public QObject
{
    Q_OBJECT

public:
    static constexpr int mostPairs = 200;

    PairServer();
    ~PairServer() override;

    /// On 127.0.0.1; 0 lets the system pick a port. The port, or 0 if it cannot.
    quint16 listen(quint16 port);
    /// From now on there are pairs. `gateway` as MwsPublisher::baseUrl().
    void servePairs(const QUrl &gateway, const QString &securityToken);

Q_SIGNALS:
    /// A page that comes now gets a pair at once.
    void ready();

private:
    void makeNext();
    QHttpServerResponse openPair();
    QHttpServerResponse comeBack(const QString &id);
    QHttpServerResponse answerOf(Pair &pair);
    void lookAfterPages();

    std::unique_ptr<MwsPublisher> m_publisher;
    QHttpServer m_server;
    QHash<QString, std::shared_ptr<Pair>> m_pairs;
    std::shared_ptr<Pair> m_next; ///< for the next page, connected beforehand
    QTimer m_timer;
};
