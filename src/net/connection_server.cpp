#include "net/connection_server.h"

#include "mws/base/log.h"
#include "mws/base/random.h"
#include "net/request_writer.h"

#include <QTimerEvent>
#include <QWebSocket>
#include <algorithm>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace mws {

namespace {

constexpr size_t readBufferBytes = 65536;
/// First and pipelined requests in a turn, for which the others wait.
constexpr size_t shareOfTurn = 64;
constexpr auto shareTime = std::chrono::milliseconds(5);
/// For peers that send in bulk; the one that is being read has one buffer more.
constexpr auto bulkTime = std::chrono::milliseconds(5);

} // namespace

ConnectionServer::ConnectionServer(const NetConfig &config, int listeningFd, SessionHandler &handler,
                                   const NetShared &shared, EpollDispatcher &dispatcher)
    : m_config(config),
      m_handler(handler),
      m_shared(shared),
      m_queueMemory(&shared.clock, &shared.metrics.deliveryTime),
      m_dispatcher(dispatcher),
      m_listener(*this, listeningFd),
      m_webSocketServer(QString(), QWebSocketServer::NonSecureMode),
      m_wheel(shared.clock.now()),
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
    return m_listener.isStopped() && std::all_of(m_channels.begin(), m_channels.end(),
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
        m_now = m_shared.clock.now();
        m_nowKnown = true;
    }
    return m_now;
}

void ConnectionServer::armed()
{
    if (m_wheelTimer.isActive())
        return;
    m_wheelTimer.start(int(m_wheel.tick().count()), Qt::CoarseTimer, this);
    m_timerDue = m_shared.clock.now() + m_wheel.tick();
}

void ConnectionServer::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_wheelTimer.timerId())
        return;
    measureLag();
    m_wheel.advance(now());
    if (m_wheel.size() == 0)
        m_wheelTimer.stop();
}

/// How late this timer is, is how long whoever else had something to be done had to wait.
void ConnectionServer::measureLag()
{
    const SteadyTime at = m_shared.clock.now(); // not the turn's, which may have taken long already
    const auto late = std::max(at - m_timerDue, SteadyTime::duration(0));
    metrics().loopLag.add(std::chrono::duration_cast<std::chrono::microseconds>(late));
    m_timerDue = std::max(m_timerDue + m_wheel.tick(), at);
}

void ConnectionServer::accepted(int fd, const sockaddr_storage &peer)
{
    const auto address = IpAddress::of(reinterpret_cast<const sockaddr &>(peer));
    const AddressTable::Connected connected = addresses().connected(address);
    if (connected.refused) {
        metrics()
            .limited[connected.byRate ? LimitKind::AddressConnectionRate : LimitKind::AddressConnections]
            .add();
        refuse(fd, *connected.refused);
        return;
    }
    metrics().connectionsAccepted.add();
    m_channels.insert(new Channel(*this, fd, peer, connected.counts));
}

void ConnectionServer::ended(const IpAddress &peer, bool limited)
{
    metrics().connectionsClosed.add();
    if (limited)
        addresses().disconnected(peer);
}

/// Of an address that has too many: where it speaks HTTP one answer into the kernel's empty buffer, whatever
/// is asked, and no Channel, so that a flood of them costs little.
void ConnectionServer::refuse(int fd, std::chrono::seconds retryAfter)
{
    if (m_config.tls) {
        ::close(fd);
        return;
    }
    const Error error{ErrorCode::TooManyRequests, "Too many connections from this address", {}, retryAfter};
    const std::string answer = writeRefusal(error, randomAlphanumeric(16));
    [[maybe_unused]] const ssize_t sent =
        ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(fd, SHUT_WR);
    [[maybe_unused]] const ssize_t read = ::recv(fd, m_readBuffer.data(), m_readBuffer.size(),
                                                 MSG_DONTWAIT); // unread bytes would make it a reset
    ::close(fd);
}

std::string &ConnectionServer::scratchAnswer()
{
    if (m_scratchAnswer.capacity() > readBufferBytes)
        m_scratchAnswer = std::string();
    m_scratchAnswer.clear();
    return m_scratchAnswer;
}

void ConnectionServer::awaitAnswer(const LateAnswerTicket &ticket)
{
    m_awaited.emplace(ticket.channel, ticket.number);
}

void ConnectionServer::forgetAnswer(Channel &channel)
{
    if (!m_awaited.empty())
        m_awaited.erase(&channel);
}

void ConnectionServer::answerLate(const LateAnswerTicket &ticket, std::string_view bytes)
{
    m_thread.check();
    const auto it = m_awaited.find(ticket.channel);
    if (it == m_awaited.end() || it->second != ticket.number)
        return; // its connection was lost meanwhile
    m_awaited.erase(it);
    ticket.channel->answerLate(bytes);
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

void ConnectionServer::beginTurn()
{
    m_nowKnown = false;
}

void ConnectionServer::endTurn()
{
    m_thread.check();
    resumeAndFlush();
    if (!m_later.empty()) {
        m_resumes.swap(m_later);
        resumeAndFlush();
    }
    readBulk();
    m_share = shareOfTurn;
    freeDead();
    if (!m_later.empty() || !m_bulk.empty())
        m_dispatcher.wakeUp(); // look for the others' events, but do not wait for them
    m_nowKnown = false;
}

bool ConnectionServer::takeShare()
{
    if (m_share == 0)
        return false;
    const SteadyTime at = m_shared.clock.now();
    if (m_share == shareOfTurn)
        m_shareEnd = at + shareTime;
    m_share = at < m_shareEnd ? m_share - 1 : 0;
    return at < m_shareEnd;
}

/// Each of those that wait gets one read, until the time for them is up; the rest go on in the next turn.
void ConnectionServer::readBulk()
{
    if (m_bulk.empty())
        return;
    const SteadyTime end = m_shared.clock.now() + bulkTime;
    for (size_t waiting = m_bulk.size(); waiting > 0 && m_shared.clock.now() < end; --waiting) {
        Channel *channel = m_bulk.front();
        m_bulk.pop_front();
        channel->readBulk();
    }
    resumeAndFlush();
}

void ConnectionServer::resumeAndFlush()
{
    while (!m_resumes.empty() || !m_replies.empty() || !m_outputs.empty()) {
        for (Channel *channel : std::exchange(m_resumes, {}))
            channel->resume();
        flushAll(m_replies); // publishers first: their next requests gather during the fan-out
        flushAll(m_outputs);
    }
}

void ConnectionServer::flushAll(std::vector<Channel *> &channels)
{
    constexpr size_t ahead = 4; // about as long as main memory takes is one write to the kernel
    for (size_t i = 0; i < channels.size(); ++i) { // a flush may add to the list
        if (i + ahead < channels.size())
            channels[i + ahead]->prefetch();
        channels[i]->flush();
    }
    channels.clear();
}

void ConnectionServer::freeDead()
{
    if (!m_dead.empty()) {
        const auto isDead = [](const Channel *channel) { return channel->isDead(); };
        std::erase_if(m_later, isDead);
        std::erase_if(m_bulk, isDead);
    }
    for (Channel *channel : std::exchange(m_dead, {})) {
        m_channels.erase(channel);
        delete channel;
    }
}

} // namespace mws
