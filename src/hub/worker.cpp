#include "hub/worker.h"

#include "hub/admission.h"
#include "mws/base/log.h"
#include "mws/base/random.h"

#include <QTimer>
#include <algorithm>
#include <utility>

namespace mws {

namespace {

/// All pings are alike, so that one frame serves all sockets.
constexpr std::string_view pingPayload = "mws";

SocketSession &sessionOf(Channel &channel)
{
    return static_cast<SocketSession &>(*channel.session());
}

} // namespace

SharedTags distinctTags(std::vector<Tag> tags)
{
    std::vector<Tag> distinct;
    distinct.reserve(tags.size());
    for (Tag &tag : tags)
        if (std::find(distinct.begin(), distinct.end(), tag) == distinct.end())
            distinct.push_back(std::move(tag));
    return std::make_shared<const std::vector<Tag>>(std::move(distinct));
}

Identity identityOf(const std::string &user, const std::vector<Tag> &tags)
{
    Identity identity;
    if (user.empty())
        return identity;
    identity.userId = user;
    for (const Tag &tag : tags)
        if (!std::string_view(tag).starts_with("users.")) // whoever else it listens for
            identity.groups.push_back(tag);
    return identity;
}

/// Pings of a second go out together, so that an idle worker wakes up for many of them at once: `at`, or a
/// little before.
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
    if (message.ttl)
        routed.expires = m_server->now() + *message.ttl;
    return dispatch(gateway, std::move(routed));
}

void Worker::publishToCluster(const Gateway &gateway, Message &&message, std::string_view body,
                              std::function<void(Result<PublishOutcome>)> answer)
{
    countMessage(gateway);
    BrokerMessage sent;
    sent.gateway = gateway.id;
    sent.message = {message.type, std::move(message.receivers), message.ttl, std::move(message.payload)};
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
    const auto result = local->index.match(message.receivers, [&](RoutedSocket &socket) {
        auto &session = static_cast<SocketSession &>(socket);
        if (!frame)
            frame = m_server->queueMemory().share(message.frame);
        if (message.receipt) {
            session.channel->sendAboveLimit(frame);
            holdUpSender(session, message.receipt);
        } else if (session.channel->send(frame, message.expires) == Channel::Delivery::QueueFull) {
            m_slow.push_back(&session);
            return;
        }
        ++deliveries;
        session.countSent(*frame);
    });
    local->counters->deliveries.add(deliveries);
    delivered.matched = result.count;
    delivered.dropped = m_slow.size();
    for (SocketSession *slow : std::exchange(m_slow, {}))
        handleSlow(*slow, frame, message.expires);
    return delivered;
}

Result<Admission> Worker::admit(const RequestHead &head, const HandshakeRequest &handshake, Channel &channel)
{
    if (m_draining) // before the token is spent: it opens a socket elsewhere, or after the restart
        return Unexpected(ErrorCode::Unavailable, "The server is going away");
    const WallTime now = m_node.clock.wall();
    Result<Admitted> admitted = checkAdmission(*m_table, head, handshake, now);
    if (!admitted)
        return Unexpected(admitted.error());
    const Gateway &gateway = *admitted->gateway;
    Reservation &reservation = admitted->reservation;
    uint64_t addressKey = noAddressKey;
    if (const Result<void> may = mayOpen(gateway, channel.clientAddress(head), addressKey); !may)
        return Unexpected(may.error());
    const bool anonymous = reservation.tokenId.empty();
    if (!anonymous) {
        if (const Result<void> claim = m_node.reservations.hold(gateway, reservation); !claim) {
            giveBack(gateway.serial, addressKey);
            return Unexpected(claim.error());
        }
    }
    auto session = std::make_unique<SocketSession>();
    session->gateway = &localGateway(admitted->gateway);
    ++session->gateway->sessions;
    session->channel = &channel;
    session->addressKey = addressKey;
    session->id = reservation.socketId;
    session->tags = distinctTags(reservation.tags);
    session->user = reservation.user;
    session->issuedAt = reservation.issuedAt;
    session->connectedAt = now;
    session->clientMessages = reservation.clientMessages.value_or(gateway.settings.clientMessages);
    if (session->clientMessages == ClientMessages::Publish)
        session->sender = std::make_unique<ClientSender>(
            ClientSender{identityOf(reservation.user, reservation.tags),
                         reservation.clientMessages == ClientMessages::Publish, channel.clientAddress(head)});
    if (!anonymous)
        session->held = std::make_unique<Reservation>(std::move(reservation));

    std::chrono::milliseconds undecided(0);
    if (m_node.broker) {
        askBroker(*session);
        undecided = m_node.net.handshakeTimeout;
    }
    if (asks(gateway)) {
        ask(*session);
        undecided = gateway.settings.events.connectTimeout + m_node.net.handshakeTimeout;
    }
    const Limits &limits = gateway.settings.limits;
    return Admission{std::move(session),
                     std::move(admitted->subprotocol),
                     FrameLimits{limits.clientMessageBytes, limits.clientMessageFragments},
                     limits.controlFramesPerSecond,
                     limits.queueBytes,
                     undecided};
}

/// The limits on sockets; what is counted for one is given back where another refuses.
Result<void> Worker::mayOpen(const Gateway &gateway, const IpAddress &client, uint64_t &addressKey)
{
    if (!m_node.directory.reserve(gateway))
        return Unexpected(ErrorCode::Unavailable, "The gateway has as many open sockets as it may have");
    const auto limited = [&](LimitKind kind, const char *text, Refused refused) {
        metrics().limited[kind].add();
        m_node.directory.unreserve(gateway.serial);
        return Unexpected(Error{ErrorCode::TooManyRequests, text, {}, *refused});
    };
    if (gateway.settings.limits.socketsPerAddress != 0) {
        const uint64_t key = mws::addressKey(client);
        if (const Refused refused = m_node.rates.openSocket(gateway, key))
            return limited(LimitKind::GatewayAddressSockets, "This address has too many open sockets",
                           refused);
        addressKey = key;
    }
    if (const Refused refused = m_node.rates.take(GatewayRate::Sockets, gateway)) {
        if (addressKey != noAddressKey)
            m_node.rates.closeSocket(gateway.serial, addressKey);
        return limited(LimitKind::GatewaySockets, "Too many sockets open at once", refused);
    }
    return {};
}

/// What mayOpen() counted.
void Worker::giveBack(uint32_t gatewaySerial, uint64_t addressKey)
{
    m_node.directory.unreserve(gatewaySerial);
    if (addressKey != noAddressKey)
        m_node.rates.closeSocket(gatewaySerial, addressKey);
}

void Worker::opened(Channel &channel)
{
    SocketSession &session = sessionOf(channel);
    LocalGateway &gateway = *session.gateway;
    supersede(gateway.settings->serial, session.id);
    const SharedTags tags = session.tags;
    gateway.index.add(session, tags);
    m_node.directory.add(gateway.settings->serial, m_index, session.id, tags);
    gateway.counters->socketsOpened.add();
    const std::chrono::milliseconds interval = m_node.sockets.pingInterval;
    const std::chrono::milliseconds first(1 + randomBelow(uint64_t(interval.count())));
    channel.armSession(pingTime(m_server->now() + first, interval));
    if (logEnabled(LogLevel::Debug))
        log(LogLevel::Debug, "socket opened",
            {{"gateway", gateway.settings->id}, {"id", session.id.string()}, {"remote", channel.remote()}});
    tellConnected(session);
    const std::shared_ptr<const Gateway> current = m_table->find(gateway.settings->id);
    if (!current || current->serial != gateway.settings->serial) // removed while the socket opened
        channel.closeSession(CloseCode::GoingAway, "the gateway was removed");
    else if (!confirm(session))
        channel.closeSession(CloseCode::PolicyViolation, "revoked");
}

/// False if the reservation was revoked while the socket opened. Asked when the socket can be found, so that
/// who revokes meets either the reservation or the socket.
bool Worker::confirm(SocketSession &session)
{
    if (!session.held)
        return true;
    const bool confirmed = m_node.reservations.confirm(*session.gateway->settings, *session.held);
    if (!session.held->reuse)
        session.held.reset();
    return confirmed;
}

/// A token that a backend minted may name an id that is open: the newer socket takes its place.
void Worker::supersede(uint32_t serial, const SocketId &id)
{
    static const std::string reason = "the socket id was opened again";
    const std::optional<size_t> owner = m_node.directory.workerOf(serial, id);
    if (owner == m_index ||
        (!owner && findSession(serial, id))) // the latter is leaving: see worker_drain.cpp
        closeHere(serial, id, CloseCode::PolicyViolation, reason);
    else if (owner)
        m_node.mailboxes[*owner]->post([worker = m_workers[*owner], serial, id] {
            worker->closeHere(serial, id, CloseCode::PolicyViolation, reason);
        });
}

void Worker::abandoned(Channel &channel)
{
    SocketSession &session = sessionOf(channel);
    m_asked.erase(&session);
    release(session);
}

void Worker::release(SocketSession &session)
{
    --session.gateway->sessions;
    giveBack(session.gateway->settings->serial, session.addressKey);
    if (session.joined)
        m_node.broker->leave(session.gateway->settings->id);
    if (session.held)
        m_node.reservations.release(*session.gateway->settings, *session.held);
}

void Worker::ponged(Channel &channel)
{
    SocketSession &session = sessionOf(channel);
    if (!std::exchange(session.pongAwaited, false))
        return; // a heartbeat that nobody asked for (RFC 6455 §5.5.3)
    // Not put off lazily: those that were pinged together are at hand now, and would be looked for again.
    const std::chrono::milliseconds interval = m_node.sockets.pingInterval;
    channel.rearmSession(std::max(pingTime(session.pinged + interval, interval), m_server->now()));
}

void Worker::sessionDue(Channel &channel, SteadyTime now)
{
    SocketSession &session = sessionOf(channel);
    if (closeStalled(session, now))
        return;
    if (session.pongAwaited && channel.holdsMessages()) { // its pong may wait behind what is not read
        channel.armSession(now + m_node.sockets.pongTimeout);
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
    channel.armSession(now + m_node.sockets.pongTimeout);
}

void Worker::closed(Channel &channel, const CloseInfo &info)
{
    SocketSession &session = sessionOf(channel);
    const uint32_t serial = session.gateway->settings->serial;
    const SharedTags tags = session.tags;
    session.gateway->index.remove(session);
    if (!session.leaving)
        m_node.directory.remove(serial, m_index, session.id, tags);
    session.gateway->counters->socketsClosed.add();
    tellDisconnected(session, info);
    release(session);
    if (logEnabled(LogLevel::Debug))
        log(LogLevel::Debug, "socket closed",
            {{"gateway", session.gateway->settings->id},
             {"id", session.id.string()},
             {"code", uint16_t(info.code)},
             {"by", info.byPeer ? "client" : "gateway"},
             {"reason", info.reason}});
}

} // namespace mws
