#include "hub/worker.h"

#include "hub/admission.h"
#include "mws/base/log.h"
#include "mws/base/random.h"

#include <algorithm>
#include <utility>

// How sockets come to be: who may open one, and who is asked before it opens.

namespace mws {

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

Result<Admission> Worker::admit(const RequestHead &head, const HandshakeRequest &handshake, Channel &channel)
{
    if (m_draining) // before the token is spent: it opens a socket elsewhere, or after the restart
        return Unexpected(ErrorCode::Unavailable, "The server is going away");
    if (!knowsGateways())
        return Unexpected(ErrorCode::Unavailable, "The gateways of the cluster are not known yet");
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
        undecided = m_server->config().handshakeTimeout;
    }
    if (asks(gateway)) {
        ask(*session);
        undecided = gateway.settings.events.connectTimeout + m_server->config().handshakeTimeout;
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
    if (m_node.broker)
        m_node.broker->entered(gateway.settings->id, registered(session));
    gateway.counters->socketsOpened.add();
    const std::chrono::milliseconds interval = m_sockets.pingInterval;
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

RegisteredSocket Worker::registered(const SocketSession &session)
{
    return {session.id,    session.connectedAt, session.issuedAt,
            *session.tags, session.user,        session.channel->remote()};
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
    if (!session.held)
        return;
    // Before the table lets another socket hold it, whose claim must not be given back.
    if (m_node.broker && session.held->reuse)
        m_node.broker->giveBack(session.gateway->settings->id, *session.held);
    m_node.reservations.release(*session.gateway->settings, *session.held);
}

/// One more answer that `session` waits for; they share a number.
uint64_t Worker::newQuestion(SocketSession &session)
{
    Question &question = m_asked[&session];
    if (question.missing++ == 0)
        question.number = ++m_lastQuestion;
    return question.number;
}

/// One answer has come. `asked` may be gone, or another one in its place, which the question tells.
void Worker::decided(SocketSession *asked, uint64_t question, const Result<void> &answer)
{
    const auto found = m_asked.find(asked);
    if (found == m_asked.end() || found->second.number != question)
        return;
    Channel &channel = *asked->channel;
    if (!answer) {
        channel.decide(answer); // comes to abandoned()
        return;
    }
    if (--found->second.missing > 0)
        return;
    m_asked.erase(found);
    channel.decide({});
}

/// No socket opens before this node holds its place in the gateway's messages, and has its token for itself.
void Worker::askBroker(SocketSession &session)
{
    const GatewayId &gateway = session.gateway->settings->id;
    const uint64_t question = newQuestion(session);
    const auto answered = [this, key = &session, question](const Result<void> &answer) {
        decided(key, question, answer);
    };
    session.joined = true;
    m_node.broker->join(gateway, mailbox(), answered);
    if (!session.held)
        return;
    newQuestion(session);
    m_node.broker->claim(gateway, *session.held, mailbox(), answered);
}

} // namespace mws
