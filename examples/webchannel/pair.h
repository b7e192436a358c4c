#pragma once

#include "client_transport.h"
#include "thermostat.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QPointer>
#include <QtWebChannel/QWebChannel>

class MwsPublisher;

/// The host's half of a pair: a thermostat for one page, and a channel to it through the gateway. Both
/// halves' sockets carry the tag of the pair, which no other socket has, so that `relay` connects just these
/// two.
class Pair : public QObject
{
    Q_OBJECT

public:
    /// Opens its socket, and again whenever it is lost; reserves the page's.
    Pair(const QString &id, MwsPublisher &publisher, QObject *parent = nullptr);
    /// One that opens `url`, as on the slides.
    explicit Pair(const QUrl &url, QObject *parent = nullptr);
    /// Takes back what was reserved, and closes the page's socket.
    ~Pair() override;

    QString id() const { return m_id; }
    QString tag() const { return QStringLiteral("pair:") + m_id; }
    /// A page that connects now finds the thermostat. (What it says while this half is away is lost.)
    bool isReady() const { return m_transport.client().state() == MwsClient::Open && !m_pageUri.isEmpty(); }
    /// Where the page connects, once; the next one is reserved. Empty unless isReady().
    QString takePageUri();

    /// When its page was last known to be there, or on its way.
    QElapsedTimer &lastSeen() { return m_lastSeen; }

Q_SIGNALS:
    void opened();
    void ready();

private:
    void publish();
    void reservePageUri();

    const QString m_id;
    const QPointer<MwsPublisher> m_publisher; ///< null on the slides
    Thermostat m_thermostat;
    QWebChannel m_channel;
    ClientTransport m_transport;
    QString m_pageUri;
    QElapsedTimer m_lastSeen;
};
