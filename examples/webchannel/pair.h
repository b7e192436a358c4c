#pragma once

#include "client_transport.h"
#include "thermostat.h"

#include <QtCore/QElapsedTimer>
#include <QtWebChannel/QWebChannel>

class MwsPublisher;

/// The host's half of a pair: a thermostat for one page, and a channel to it through the gateway. Both halves'
/// sockets carry the tag of the pair, which no other socket has, so that `relay` connects just these two.
class Pair : public QObject
{
    Q_OBJECT

public:
    /// Opens its socket, and again whenever it is lost.
    Pair(const QString &id, MwsPublisher &publisher, QObject *parent = nullptr);
    /// One that opens `url`, as on the slides.
    explicit Pair(const QUrl &url, QObject *parent = nullptr);

    QString id() const { return m_id; }
    QString tag() const { return QStringLiteral("pair:") + m_id; }
    bool isOpen() const { return m_transport.client().state() == MwsClient::Open; }

    /// When its page was last known to be there, or on its way.
    QElapsedTimer &lastSeen() { return m_lastSeen; }

Q_SIGNALS:
    void opened();

private:
    void publish();

    const QString m_id;
    Thermostat m_thermostat;
    QWebChannel m_channel;
    ClientTransport m_transport;
    QElapsedTimer m_lastSeen;
};
