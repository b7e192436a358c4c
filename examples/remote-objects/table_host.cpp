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
constexpr int nextAfterMs = 1000;         // from a link that failed to the next
constexpr int replicaUriLife = 24 * 3600; // s, the longest: it waits here until a replica comes

QString uriOf(const MwsReply &reply)
{
    return reply.json().value(QStringLiteral("uri")).toString();
}

} // namespace

HostLink::HostLink(const Setup &setup)
    : m_setup(setup), m_tag(QStringLiteral("replica:") + QUuid::createUuid().toString(QUuid::Id128))
{
    m_lastSeen.start();
    m_setup.publisher.reserveSocket({{m_tag}})->onFinished(this, [this](const MwsReply &reply) {
        if (reply.isError())
            Q_EMIT failed(reply.errorString());
        else
            open(uriOf(reply));
    });
}

HostLink::~HostLink()
{
    if (m_socket)
        m_socket->disconnect(this);
    m_node.reset();                      // it takes its leave of the device
    m_setup.publisher.closeByTag(m_tag); // takes back what was reserved, and closes the replica's half
}

void HostLink::open(const QString &uri)
{
    m_socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this);
    m_socket->setSslConfiguration(m_setup.tls);
    connect(m_socket, &QWebSocket::connected, this, &HostLink::inviteReplica);
    connect(m_socket, &QWebSocket::textMessageReceived, this, &HostLink::takeReplica);
    connect(m_socket, &QWebSocket::disconnected, this,
            [this] { Q_EMIT failed(m_socket->errorString()); }); // also if it never opened
    m_socket->open(QUrl(uri));
}

void HostLink::inviteReplica()
{
    MwsReservation reservation{{m_tag}};
    reservation.expiresIn = replicaUriLife;
    m_setup.publisher.reserveSocket(reservation)->onFinished(this, [this](const MwsReply &reply) {
        m_replicaUri = uriOf(reply);
        if (reply.isError())
            Q_EMIT failed(reply.errorString());
        else
            Q_EMIT ready();
    });
}

// The host speaks first in Qt Remote Objects, and what is relayed while nobody is there is lost. So the
// replica tells that it is there, in the only text frame that there is.
void HostLink::takeReplica()
{
    if (m_device)
        return;
    m_device = new SocketDevice(m_socket, this);
    m_node = std::make_unique<QRemoteObjectHost>();
    // An address of no scheme that Qt knows: connections are handed in, nothing listens.
    m_node->setHostUrl(QUrl(QStringLiteral("mws:stock")), QRemoteObjectHost::AllowExternalRegistration);
    m_node->enableRemoting(&m_setup.model, TableHost::modelName(), m_setup.roles);
    m_node->addHostSideConnection(m_device);
    Q_EMIT connected();
}

TableHost::TableHost(QAbstractItemModel &model, const QList<int> &roles, const QUrl &gateway,
                     const QString &securityToken, const QSslConfiguration &tls)
    : m_publisher(gateway, securityToken), m_setup{model, roles, m_publisher, tls}
{
    m_publisher.setSslConfiguration(tls);
    m_server.route("/replicas", QHttpServerRequest::Method::Post, [this] { return addReplica(); });
    connect(&m_timer, &QTimer::timeout, this, &TableHost::lookAfterReplicas);
    m_timer.start(lookAfterMs);
    makeNext();
}

TableHost::~TableHost()
{
    for (const auto &link : m_links)
        link->disconnect(this);
    if (m_next)
        m_next->disconnect(this);
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
    return int(
        std::count_if(m_links.begin(), m_links.end(), [](const auto &link) { return link->isConnected(); }));
}

void TableHost::makeNext()
{
    m_next = std::make_unique<HostLink>(m_setup);
    HostLink *link = m_next.get();
    connect(link, &HostLink::ready, this, &TableHost::ready);
    connect(link, &HostLink::connected, this, [this] { Q_EMIT replicasChanged(replicas()); });
    connect(link, &HostLink::failed, this, [this, link](const QString &error) {
        if (link != m_next.get())
            return remove(link);
        qWarning("no link to the gateway: %s", qPrintable(error));
        m_next.release()->deleteLater(); // it is what called
        QTimer::singleShot(nextAfterMs, this, &TableHost::makeNext);
    });
}

QHttpServerResponse TableHost::addReplica()
{
    const auto refuse = [](const QString &text) {
        return QHttpServerResponse(QJsonObject{{QStringLiteral("error"), text}},
                                   QHttpServerResponse::StatusCode::ServiceUnavailable);
    };
    if (m_links.size() >= mostReplicas)
        return refuse(QStringLiteral("there are %1 replicas already").arg(mostReplicas));
    if (!m_next || !m_next->isReady())
        return refuse(QStringLiteral("no link is ready"));
    HostLink &link = *m_links.emplace_back(std::move(m_next));
    link.lastSeen().restart();
    makeNext();
    return QHttpServerResponse(QJsonObject{{QStringLiteral("uri"), link.replicaUri()}},
                               QHttpServerResponse::StatusCode::Created);
}

void TableHost::remove(HostLink *link)
{
    const auto found =
        std::find_if(m_links.begin(), m_links.end(), [=](const auto &each) { return each.get() == link; });
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
