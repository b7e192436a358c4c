#pragma once

#include <QtWebChannel/QWebChannelAbstractTransport>
#include <mws/client/mws_client.h>

/// QWebChannel's messages as text frames of a WebSocket that stays open. What is sent while it is away is
/// lost: whoever opens a channel again gets the whole state first.
class ClientTransport : public QWebChannelAbstractTransport
{
    Q_OBJECT

public:
    explicit ClientTransport(QObject *parent = nullptr);

    /// Where its URI comes from is set here.
    MwsClient &client() { return m_client; }
    const MwsClient &client() const { return m_client; }

public Q_SLOTS:
    void sendMessage(const QJsonObject &message) override;

private:
    void take(const QString &text);

    MwsClient m_client;
};
