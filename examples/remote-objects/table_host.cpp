#include "table_host.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QUuid>
#include <QtNetwork/QTcpServer>
#include <QtWebSockets/QWebSocket>
#include <algorithm>

namespace {

constexpr int lookAfterMs = 10000;
constexpr int goneAfterMs = 40000;

QString uriOf(const MwsReply &reply)
{
    return reply.json().value(QStringLiteral("uri")).toString();
}

} // namespace

HostLink::HostLink(MwsPublisher &publisher, const QSslConfiguration &tls)
    : m_publisher(publisher), m_tls(tls),
      m_tag(QStringLiteral("replica:") + QUuid::createUuid().toString(QUuid::Id128))
{
    m_lastSeen.start();
    m_publisher.reserveSocket({{m_tag}})->onFinished(this, [this](const MwsReply &reply) {
        if (reply.isError())
            Q_EMIT failed(reply.errorString());
        else
            open(uriOf(reply));
    });
}

HostLink::~HostLink()
{
    // The node lets go of the device first.
    if (m_device)
        m_device->close();
}

void HostLink::open(const QString &uri)
{
    m_socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this);
    m_socket->setSslConfiguration(m_tls);
    connect(m_socket, &QWebSocket::connected, this, &HostLink::inviteReplica);
    connect(m_socket, &QWebSocket::textMessageReceived, this, &HostLink::takeReplica);
    connect(m_socket, &QWebSocket::disconnected, this,
            [this] { Q_EMIT failed(m_socket->errorString()); }); // also if it never opened
    m_socket->open(QUrl(uri));
}

void HostLink::inviteReplica()
{
    m_publisher.reserveSocket({{m_tag}})->onFinished(this, [this](const MwsReply &reply) {
        if (reply.isError())
            Q_EMIT failed(reply.errorString());
        else
            Q_EMIT ready(uriOf(reply));
    });
}

// The host speaks first in Qt Remote Objects, and what is relayed while nobody is there is lost. So the replica tells that
// it is there, in the only text frame that there is.
void HostLink::takeReplica()
{
    if (m_device)
        return;
    m_device = new SocketDevice(m_socket, this);
    Q_EMIT connected(m_device);
}

TableHost::TableHost(QAbstractItemModel &model, const QList<int> &roles, const QUrl &gateway,
                     const QString &securityToken, const QSslConfiguration &tls)
    : m_tls(tls), m_publisher(gateway, securityToken)
{
    m_publisher.setSslConfiguration(tls);
    // An address of no scheme that Qt knows: connections are handed in, nothing listens.
    m_node.setHostUrl(QUrl(QStringLiteral("mws:stock")), QRemoteObjectHost::AllowExternalRegistration);
    m_node.enableRemoting(&model, modelName(), roles);
    m_server.route("/replicas", QHttpServerRequest::Method::Post, [this] { return addReplica(); });
    connect(&m_timer, &QTimer::timeout, this, &TableHost::lookAfterReplicas);
    m_timer.start(lookAfterMs);
}

TableHost::~TableHost()
{
    for (const auto &link : m_links)
        link->disconnect(this);
}

quint16 TableHost::listen(quint16 port)
{
    auto listener = std::make_unique<QTcpServer>();
    if (!listener->listen(QHostAddress::LocalHost, port))
        return 0;
    const quint16 actual = listener->serverPort();
    m_server.bind(listener.release()); // belongs to it from here on
    return actual;
}

int TableHost::replicas() const
{
    return int(std::count_if(m_links.begin(), m_links.end(), [](const auto &link) { return link->isConnected(); }));
}

QFuture<QHttpServerResponse> TableHost::addReplica()
{
    const auto promise = std::make_shared<QPromise<QHttpServerResponse>>();
    promise->start();
    const auto answer = [promise](QHttpServerResponse &&response) {
        if (promise->future().isFinished())
            return;
        promise->addResult(std::move(response));
        promise->finish();
    };
    const auto refuse = [answer](const QString &text) {
        answer(QHttpServerResponse(QJsonObject{{QStringLiteral("error"), text}},
                                   QHttpServerResponse::StatusCode::ServiceUnavailable));
    };
    if (m_links.size() >= mostReplicas) {
        refuse(QStringLiteral("there are %1 replicas already").arg(mostReplicas));
        return promise->future();
    }
    HostLink *link = m_links.emplace_back(std::make_unique<HostLink>(m_publisher, m_tls)).get();
    connect(link, &HostLink::connected, this, [this](SocketDevice *device) {
        m_node.addHostSideConnection(device);
        Q_EMIT replicasChanged(replicas());
    });
    connect(link, &HostLink::ready, this, [answer](const QString &uri) {
        answer(QHttpServerResponse(QJsonObject{{QStringLiteral("uri"), uri}}, QHttpServerResponse::StatusCode::Created));
    });
    connect(link, &HostLink::failed, this, [this, link, refuse](const QString &error) {
        refuse(error);
        remove(link);
    });
    return promise->future();
}

void TableHost::remove(HostLink *link)
{
    const auto found = std::find_if(m_links.begin(), m_links.end(), [=](const auto &each) { return each.get() == link; });
    if (found == m_links.end())
        return;
    link->disconnect(this);
    found->release()->deleteLater(); // it may be what called
    m_links.erase(found);
    Q_EMIT replicasChanged(replicas());
}

// A replica that ends says nothing to this half: the gateway knows whether its socket is still there.
void TableHost::lookAfterReplicas()
{
    std::vector<HostLink *> gone;
    for (const auto &link : m_links) {
        if (link->lastSeen().hasExpired(goneAfterMs)) {
            gone.push_back(link.get());
            continue;
        }
        m_publisher.sockets(link->tag())->onFinished(link.get(), [link = link.get()](const MwsReply &reply) {
            if (reply.isError() || reply.json().value(QStringLiteral("results")).toArray().size() >= 2)
                link->lastSeen().restart();
        });
    }
    for (HostLink *link : gone)
        remove(link);
}
