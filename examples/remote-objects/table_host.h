#pragma once

#include "socket_device.h"

#include <QtCore/QAbstractItemModel>
#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <QtHttpServer/QHttpServer>
#include <QtRemoteObjects/QRemoteObjectNode>
#include <memory>
#include <mws/client/mws_publisher.h>
#include <vector>

class QWebSocket;

/// The host's half of one pair of sockets, whose tag no other socket has. It asks the gateway for both URIs,
/// opens its own, only then tells where the other one is, and waits for the replica to say that it is there.
class HostLink : public QObject
{
    Q_OBJECT

public:
    /// What is shared, and by whose reservations.
    struct Setup
    {
        QAbstractItemModel &model;
        const QList<int> roles;
        MwsPublisher &publisher;
        const QSslConfiguration tls;
    };
    explicit HostLink(const Setup &setup);
    ~HostLink() override;

    QString tag() const { return m_tag; }
    /// The host's half is open, and the replica's is reserved.
    bool isReady() const { return !m_replicaUri.isEmpty(); }
    QString replicaUri() const { return m_replicaUri; }
    bool isConnected() const { return m_device != nullptr; } ///< both halves are open
    /// When the other one was last known to be there, or on its way.
    QElapsedTimer &lastSeen() { return m_lastSeen; }

Q_SIGNALS:
    /// Both halves are open, and the model is shared.
    void connected();
    /// A replica may come.
    void ready();
    /// It could not be opened, or is over.
    void failed(const QString &error);

private:
    void open(const QString &uri);
    void inviteReplica();
    void takeReplica();

    const Setup &m_setup;
    const QString m_tag;
    QWebSocket *m_socket = nullptr;
    SocketDevice *m_device = nullptr;
    /// A node for each replica, which goes with it: Qt 6.4 does not hear of the end of a connection that was
    /// handed in, and would go on writing to it.
    std::unique_ptr<QRemoteObjectHost> m_node;
    QString m_replicaUri;
    QElapsedTimer m_lastSeen;
};

/// Shares a model with everyone who asks for a replica. `POST /replicas` is answered 201 `{"uri": ws…}`, the
/// replica's half of a link, which was made beforehand and is connected to Qt Remote Objects when the replica
/// is there; 503: the gateway is away, or the next link is not ready yet. Links whose replica is gone are
/// closed within a minute.
class TableHost : public QObject
{
    Q_OBJECT

public:
    static constexpr int mostReplicas = 100;

    /// `gateway` as MwsPublisher::baseUrl(); `tls` for both its https and its wss.
    TableHost(QAbstractItemModel &model, const QList<int> &roles, const QUrl &gateway,
              const QString &securityToken, const QSslConfiguration &tls);
    ~TableHost() override;

    /// On 127.0.0.1; 0 lets the system pick a port. The port, or 0 if it cannot.
    quint16 listen(quint16 port);
    int replicas() const; ///< links that are open
    /// The name that replicas acquire.
    static QString modelName() { return QStringLiteral("Stock"); }

Q_SIGNALS:
    /// A replica that asks now gets a link at once.
    void ready();
    void replicasChanged(int replicas);

private:
    void makeNext();
    QHttpServerResponse addReplica();
    void remove(HostLink *link);
    void lookAfterReplicas();

    MwsPublisher m_publisher;
    const HostLink::Setup m_setup;
    QHttpServer m_server;
    std::vector<std::unique_ptr<HostLink>> m_links;
    std::unique_ptr<HostLink> m_next; ///< for the next replica
    QTimer m_timer;
};
