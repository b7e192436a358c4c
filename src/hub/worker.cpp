#include "hub/worker.h"

#include "mws/base/access_log.h"
#include "mws/base/log.h"

#include <QTimer>
#include <algorithm>
#include <utility>

namespace mws {

namespace {

/// All pings are alike, so that one frame serves all sockets.
constexpr std::string_view pingPayload = "mws";

void logAccepted(const Gateway &gateway, const std::string &requestId)
{
    log(LogLevel::Debug, "message accepted", {{"gateway", gateway.id}, {"request", requestId}});
}

void logQueued(const SocketSession &session, const std::string &requestId)
{
    log(LogLevel::Debug, "message queued",
        {{"gateway", session.gateway->settings->id}, {"id", session.id.string()}, {"request", requestId}});
}

/// The line of the access log for a socket that ends.
void logSession(const SocketSession &session, const CloseInfo &info, WallTime now)
{
    const bool well = info.code == CloseCode::Normal || info.code == CloseCode::GoingAway;
    if (well && !accessLogsAll())
        return;
    const SocketTraffic traffic = session.traffic ? *session.traffic : SocketTraffic{};
    logAccess("socket ended", {{"gateway", session.gateway->settings->id},
                               {"id", session.id.string()},
                               {"code", uint16_t(info.code)},
                               {"by", info.byPeer ? "client" : "gateway"},
                               {"seconds", std::chrono::duration<double>(now - session.connectedAt).count()},
                               {"messages_in", traffic.messagesIn},
                               {"bytes_in", traffic.bytesIn},
                               {"messages_out", traffic.messagesOut},
                               {"bytes_out", traffic.bytesOut},
                               {"remote", session.channel->remote()}});
}

} // namespace

SteadyTime pingTime(SteadyTime at, std::chrono::milliseconds interval)
{
    constexpr SteadyTime::duration most = std::chrono::seconds(1);
    const SteadyTime::duration together = std::min(most, SteadyTime::duration(interval) / 32);
    return at - at.time_since_epoch() % std::max(together, SteadyTime::duration(1));
}

Worker::Worker(Node &node, size_t index, std::shared_ptr<const GatewayTable> table)
    : m_node(node),
      m_index(index),
      m_table(std::move(table)),
      m_sockets(node.sockets),
      m_pingFrame(std::make_shared<const std::string>(makeFrame(Opcode::Ping, pingPayload)))
{}

Worker::~Worker() = default;

void Worker::start(int listeningFd, EpollDispatcher &dispatcher)
{
    m_thread.rebind();
    m_dispatcher = &dispatcher;
    SessionHandler &handler = *this;
    m_server = std::make_unique<ConnectionServer>(
        m_node.net, listeningFd, handler, NetShared{m_node.clock, m_node.addresses, metrics()}, dispatcher);
    dispatcher.setTurnEnd([this] { endTurn(); });
    mailbox().setDispatcher(&dispatcher);
}

void Worker::configure(const NetConfig &net, const SocketConfig &sockets)
{
    m_thread.check();
    m_server->setConfig(net);
    m_sockets = sockets;
}

void Worker::stop()
{
    m_thread.check();
    mailbox().setDispatcher(nullptr);
    m_dispatcher->setTurnEnd({});
    m_server.reset();
}

void Worker::after(std::chrono::milliseconds delay, std::function<void()> step)
{
    QTimer::singleShot(delay, m_server.get(), std::move(step));
}

void Worker::endTurn()
{
    mailbox().take([this](const RoutedMessage &message) { deliver(message); });
    m_server->endTurn();
    relieve();
    m_server->beginTurn(); // the time of this one is not that of the next, which may be long in coming
    metrics().queuedBytes.set(m_server->queueMemory().bytes());
}

void Worker::setTable(std::shared_ptr<const GatewayTable> table)
{
    m_table = std::move(table);
    for (const auto &[id, gateway] : m_table->gateways)
        if (LocalGateway *local = findLocal(gateway->serial))
            local->settings = gateway;
    std::erase_if(m_gateways, [this](const auto &entry) {
        const LocalGateway &local = *entry.second;
        const std::shared_ptr<const Gateway> current = m_table->find(local.settings->id);
        if (local.sessions > 0 || (current && current->serial == entry.first))
            return false;
        if (!current)
            metrics().forgetGateway(local.settings->id);
        return true;
    });
}

LocalGateway &Worker::localGateway(const std::shared_ptr<const Gateway> &gateway)
{
    std::unique_ptr<LocalGateway> &local = m_gateways[gateway->serial];
    if (!local) {
        local = std::make_unique<LocalGateway>();
        local->settings = gateway;
        local->counters = metrics().gateway(gateway->id);
    }
    return *local;
}

LocalGateway *Worker::findLocal(uint32_t serial)
{
    const auto it = m_gateways.find(serial);
    return it == m_gateways.end() ? nullptr : it->second.get();
}

SocketSession *Worker::findSession(uint32_t serial, const SocketId &id)
{
    LocalGateway *local = findLocal(serial);
    return local ? static_cast<SocketSession *>(local->index.find(id)) : nullptr;
}

/// The message framed, for all its receivers.
SharedBytes Worker::dataFrame(PayloadType type, std::string_view payload)
{
    const Opcode opcode = type == PayloadType::Text ? Opcode::Text : Opcode::Binary;
    return std::make_shared<const std::string>(makeFrame(opcode, payload));
}

PublishOutcome Worker::publish(const Gateway &gateway, Message &&message)
{
    RoutedMessage routed{
        gateway.serial, std::move(message.receivers), dataFrame(message.type, message.payload), {}, {}};
    routed.accepted = m_server->now();
    if (message.ttl)
        routed.expires = routed.accepted + *message.ttl;
    if (!message.requestId.empty()) {
        logAccepted(gateway, message.requestId);
        routed.requestId = std::move(message.requestId);
    }
    return dispatch(gateway, std::move(routed));
}

void Worker::publishToCluster(const Gateway &gateway, Message &&message, std::string_view body,
                              std::function<void(Result<PublishOutcome>)> answer)
{
    countMessage(gateway);
    BrokerMessage sent;
    sent.gateway = gateway.id;
    if (!message.requestId.empty())
        logAccepted(gateway, message.requestId);
    sent.message = {message.type,
                    std::move(message.receivers),
                    message.ttl,
                    std::move(message.payload),
                    std::move(message.requestId),
                    m_server->now()};
    if (!message.idempotencyId.empty())
        sent.body = body;
    sent.idempotencyId = std::move(message.idempotencyId);
    m_node.broker->publish(std::move(sent), mailbox(), std::move(answer));
}

void Worker::countMessage(const Gateway &gateway)
{
    if (LocalGateway *local = findLocal(gateway.serial))
        local->counters->messages.add();
    else if (const auto current = m_table->find(gateway.id); current && current->serial == gateway.serial)
        localGateway(current).counters->messages.add();
}

/// To the matching sockets of this worker, and once to each other worker that has one.
PublishOutcome Worker::dispatch(const Gateway &gateway, RoutedMessage &&routed)
{
    m_thread.check();
    countMessage(gateway);
    const Delivered here = deliver(routed);
    PublishOutcome outcome{here.matched, here.dropped};
    const SocketDirectory::Route route = m_node.directory.route(gateway.serial, m_index, routed.receivers);
    outcome.matched += route.matched;
    if (std::find(route.workers.begin(), route.workers.end(), true) == route.workers.end())
        return outcome;
    const auto shared = std::make_shared<const RoutedMessage>(std::move(routed));
    for (size_t worker = 0; worker < route.workers.size(); ++worker)
        if (route.workers[worker])
            m_node.mailboxes[worker]->deliver(shared);
    return outcome;
}

Worker::Delivered Worker::deliver(const RoutedMessage &message)
{
    LocalGateway *local = findLocal(message.gatewaySerial);
    if (!local)
        return {};
    Delivered delivered;
    SharedBytes frame; // as this worker accounts for it
    uint64_t deliveries = 0;
    const bool logged = !message.requestId.empty() && logEnabled(LogLevel::Debug);
    const auto result = local->index.match(message.receivers, [&](RoutedSocket &socket) {
        auto &session = static_cast<SocketSession &>(socket);
        if (!frame)
            frame = m_server->queueMemory().share(message.frame, message.accepted);
        if (message.receipt) {
            session.channel->sendAboveLimit(frame);
            holdUpSender(session, message.receipt);
        } else if (session.channel->send(frame, message.expires) == Channel::Delivery::QueueFull) {
            m_slow.push_back(&session);
            return;
        }
        ++deliveries;
        session.countSent(*frame);
        if (logged)
            logQueued(session, message.requestId);
    });
    local->counters->deliveries.add(deliveries);
    delivered.matched = result.count;
    delivered.dropped = m_slow.size();
    for (SocketSession *slow : std::exchange(m_slow, {}))
        handleSlow(*slow, frame, message.expires);
    const QueueMemory::Dropping dropping(m_server->queueMemory()); // if no queue has it
    frame.reset();
    return delivered;
}

void Worker::ponged(Channel &channel)
{
    SocketSession &session = sessionOf(channel);
    if (!std::exchange(session.pongAwaited, false))
        return; // a heartbeat that nobody asked for (RFC 6455 §5.5.3)
    // Not put off lazily: those that were pinged together are at hand now, and would be looked for again.
    const std::chrono::milliseconds interval = m_sockets.pingInterval;
    channel.rearmSession(std::max(pingTime(session.pinged + interval, interval), m_server->now()));
}

void Worker::sessionDue(Channel &channel, SteadyTime now)
{
    SocketSession &session = sessionOf(channel);
    if (closeStalled(session, now))
        return;
    if (session.pongAwaited && channel.holdsMessages()) { // its pong may wait behind what is not read
        channel.armSession(now + m_sockets.pongTimeout);
        return;
    }
    if (session.pongAwaited) {
        metrics().deadlines[DeadlineKind::Pong].add();
        log(LogLevel::Debug, "socket dropped: no pong came",
            {{"gateway", session.gateway->settings->id}, {"id", session.id.string()}});
        channel.abort();
        return;
    }
    session.pinged = now;
    session.pongAwaited = true;
    channel.sendControl(m_pingFrame);
    channel.armSession(now + m_sockets.pongTimeout);
}

void Worker::closed(Channel &channel, const CloseInfo &info)
{
    SocketSession &session = sessionOf(channel);
    const uint32_t serial = session.gateway->settings->serial;
    const SharedTags tags = session.tags;
    session.gateway->index.remove(session);
    if (!session.leaving)
        m_node.directory.remove(serial, m_index, session.id, tags);
    if (m_node.broker)
        m_node.broker->left(session.gateway->settings->id, session.id);
    session.gateway->counters->socketsClosed.add();
    tellDisconnected(session, info);
    release(session);
    if (accessLogOn())
        logSession(session, info, m_node.clock.wall());
    if (logEnabled(LogLevel::Debug))
        log(LogLevel::Debug, "socket closed",
            {{"gateway", session.gateway->settings->id},
             {"id", session.id.string()},
             {"code", uint16_t(info.code)},
             {"by", info.byPeer ? "client" : "gateway"},
             {"reason", info.reason}});
}

} // namespace mws
