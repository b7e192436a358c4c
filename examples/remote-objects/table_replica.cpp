#include "table_replica.h"

#include "table_host.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QRandomGenerator>
#include <QtNetwork/QNetworkReply>
#include <QtWebSockets/QWebSocket>
#include <algorithm>

TableReplica::TableReplica(const QUrl &host, const QSslConfiguration &tls) : m_host(host), m_tls(tls)
{
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &TableReplica::start);
}

TableReplica::~TableReplica()
{
    if (m_socket)
        m_socket->disconnect(this);
}

void TableReplica::start()
{
    QNetworkRequest request(m_host.resolved(QUrl(QStringLiteral("/replicas"))));
    request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
    request.setTransferTimeout(15000);
    QNetworkReply *reply = m_network.post(request, QByteArray());
    connect(reply, &QNetworkReply::finished, this, [this, reply] {
        reply->deleteLater();
        if (reply->error() == QNetworkReply::NoError)
            openSocket(QUrl(
                QJsonDocument::fromJson(reply->readAll()).object().value(QStringLiteral("uri")).toString()));
        else
            end(reply->errorString());
    });
}

void TableReplica::openSocket(const QUrl &uri)
{
    m_socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this);
    m_socket->setSslConfiguration(m_tls);
    connect(m_socket, &QWebSocket::connected, this, &TableReplica::takeConnection);
    connect(m_socket, &QWebSocket::disconnected, this, [this] { end(m_socket->errorString()); });
    m_socket->open(uri);
}

void TableReplica::takeConnection()
{
    m_node = std::make_unique<QRemoteObjectNode>();
    m_node->addClientSideConnection(new SocketDevice(m_socket, m_node.get()));
    m_model.reset(m_node->acquireModel(TableHost::modelName()));
    m_socket->sendTextMessage(QStringLiteral("ready")); // the host begins now
    connect(m_model.get(), &QAbstractItemModelReplica::initialized, this, [this] {
        m_isReady = true;
        m_failures = 0;
        m_error.clear();
        Q_EMIT ready();
    });
}

void TableReplica::end(const QString &error)
{
    m_error = error;
    m_isReady = false;
    Q_EMIT lost(error);
    m_model.reset();
    if (m_socket) {
        m_socket->disconnect(this);
        if (!m_node)
            m_socket->deleteLater();
        m_socket = nullptr; // it is the one that called: it goes with the node, or later
    }
    if (m_node)
        m_node.release()->deleteLater();
    const int limit = std::min(30000, 500 << std::min(m_failures++, 6));
    m_again.start(limit / 2 + QRandomGenerator::global()->bounded(limit / 2));
}
