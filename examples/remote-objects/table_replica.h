#pragma once

#include "socket_device.h"

#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QSslConfiguration>
#include <QtRemoteObjects/QAbstractItemModelReplica>
#include <QtRemoteObjects/QRemoteObjectNode>
#include <memory>

class QWebSocket;

/// A replica of a TableHost's model. It asks the host for a URI, opens it, and begins anew when the
/// connection is lost: with a new replica, as rows may have changed meanwhile.
class TableReplica : public QObject
{
    Q_OBJECT

public:
    /// `host` is a TableHost's address, `http://127.0.0.1:8092`; `tls` is for the gateway's wss.
    TableReplica(const QUrl &host, const QSslConfiguration &tls);
    ~TableReplica() override;

    void start();
    /// Null unless connected. Its rows are known from isReady() on; their contents are fetched when they are
    /// asked for.
    QAbstractItemModelReplica *model() const { return m_model.get(); }
    bool isReady() const { return m_isReady; }
    QString errorString() const { return m_error; }

Q_SIGNALS:
    /// The number of rows is known.
    void ready();
    /// The connection was lost, or could not be made; model() is null.
    void lost(const QString &error);

private:
    void openSocket(const QUrl &uri);
    void takeConnection();
    void end(const QString &error);

    const QUrl m_host;
    const QSslConfiguration m_tls;
    QNetworkAccessManager m_network;
    QTimer m_again;
    int m_failures = 0;
    QString m_error;
    bool m_isReady = false; ///< (isInitialized() is true before the rows are known)
    QWebSocket *m_socket = nullptr;
    std::unique_ptr<QRemoteObjectNode> m_node; // goes after the model
    std::unique_ptr<QAbstractItemModelReplica> m_model;
};
