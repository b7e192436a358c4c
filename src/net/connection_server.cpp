#include "net/connection_server.h"

#include "mws/base/log.h"

#include <QTimerEvent>
#include <QWebSocket>
#include <algorithm>
#include <utility>

namespace mws {

namespace {

constexpr size_t readBufferBytes = 65536;

} // namespace

ConnectionServer::ConnectionServer(const NetConfig &config, int listeningFd, SessionHandler &handler,
                                   const Clock &clock, EpollDispatcher &dispatcher)
    : m_config(config),
      m_handler(handler),
      m_clock(clock),
      m_dispatcher(dispatcher),
      m_listener(*this, listeningFd),
      m_webSocketServer(QString(), QWebSocketServer::NonSecureMode),
      m_wheel(clock.now()),
      m_readBuffer(readBufferBytes)
{
    m_webSocketServer.setMaxPendingConnections(1 << 30);
    m_webSocketServer.setHandshakeTimeout(0); // the Channel has a deadline for it
    connect(&m_webSocketServer, &QWebSocketServer::newConnection, this, &ConnectionServer::takeWebSockets);
}

ConnectionServer::~ConnectionServer()
{
    m_thread.check();
    for (Channel *channel : std::vector<Channel *>(m_channels.begin(), m_channels.end()))
        channel->abort();
    freeDead();
}

void ConnectionServer::start()
{
    m_listener.start();
}

void ConnectionServer::drain()
{
    m_draining = true;
    m_listener.stop();
    for (Channel *channel : std::vector<Channel *>(m_channels.begin(), m_channels.end()))
        channel->drain();
}

bool ConnectionServer::quiet() const
{
    return std::all_of(m_channels.begin(), m_channels.end(),
                       [](const Channel *channel) { return channel->isIdle(); });
}

void ConnectionServer::endConnections()
{
    for (Channel *channel : std::vector<Channel *>(m_channels.begin(), m_channels.end()))
        channel->endIfIdle();
}

SteadyTime ConnectionServer::now()
{
    if (!m_nowKnown) {
        m_now = m_clock.now();
        m_nowKnown = true;
    }
    return m_now;
}

void ConnectionServer::armed()
{
    if (!m_wheelTimer.isActive())
        m_wheelTimer.start(int(m_wheel.tick().count()), Qt::CoarseTimer, this);
}

void ConnectionServer::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_wheelTimer.timerId())
        return;
    m_wheel.advance(now());
    if (m_wheel.size() == 0)
        m_wheelTimer.stop();
}

void ConnectionServer::accepted(int fd, const sockaddr_storage &peer)
{
    m_channels.insert(new Channel(*this, fd, peer));
}

void ConnectionServer::handleUpgrade(Channel &channel, FeedSocket &feed, uint64_t privateId)
{
    m_upgrading.emplace(privateId, &channel);
    m_webSocketServer.handleConnection(&feed);
}

void ConnectionServer::forgetUpgrade(const Channel &channel)
{
    std::erase_if(m_upgrading, [&channel](const auto &entry) { return entry.second == &channel; });
}

void ConnectionServer::takeWebSockets()
{
    while (QWebSocket *webSocket = m_webSocketServer.nextPendingConnection()) {
        const uint64_t privateId = webSocket->resourceName().section(u'/', -1).toULongLong();
        const auto it = m_upgrading.find(privateId);
        if (it == m_upgrading.end()) { // its connection was lost meanwhile
            webSocket->abort();
            webSocket->deleteLater();
            continue;
        }
        Channel *channel = it->second;
        m_upgrading.erase(it);
        channel->upgraded(*webSocket);
    }
}

void ConnectionServer::endTurn()
{
    m_thread.check();
    while (!m_resumes.empty() || !m_replies.empty() || !m_outputs.empty()) {
        for (Channel *channel : std::exchange(m_resumes, {}))
            channel->resume();
        flushAll(m_replies); // publishers first: their next requests gather during the fan-out
        flushAll(m_outputs);
    }
    freeDead();
    m_nowKnown = false;
}

void ConnectionServer::flushAll(std::vector<Channel *> &channels)
{
    for (size_t i = 0; i < channels.size(); ++i) // a flush may add to the list
        channels[i]->flush();
    channels.clear();
}

void ConnectionServer::freeDead()
{
    for (Channel *channel : std::exchange(m_dead, {})) {
        m_channels.erase(channel);
        delete channel;
    }
}

} // namespace mws
