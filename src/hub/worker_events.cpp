#include "hub/worker.h"

#include "mws/base/access_log.h"

#include <utility>

namespace mws {

namespace {

ClosedBy closedBy(const CloseInfo &info)
{
    if (info.code == CloseCode::Abnormal)
        return ClosedBy::Network;
    return info.byPeer ? ClosedBy::Client : ClosedBy::Gateway;
}

} // namespace

/// Whether the backend is to be told such an event of the socket.
bool Worker::tells(const SocketSession &session, EventType type) const
{
    return m_node.events && session.gateway->settings->settings.events.wants(type);
}

SocketEvent Worker::eventOf(const SocketSession &session, EventType type) const
{
    SocketEvent event;
    event.type = type;
    event.gateway = session.gateway->settings;
    event.socket = session.id;
    event.tags = session.tags;
    event.user = session.user;
    event.remote = session.channel->remote();
    event.time = m_node.clock.wall();
    event.connectedAt = session.connectedAt;
    return event;
}

/// Whether the backend is to be asked before a socket of the gateway opens.
bool Worker::asks(const Gateway &gateway) const
{
    const EventSettings &events = gateway.settings.events;
    return m_node.events && events.connect && !events.url.empty();
}

void Worker::ask(SocketSession &session)
{
    const uint64_t question = newQuestion(session);
    m_node.events->ask(
        eventOf(session, EventType::Connect), [this, key = &session, question](Result<ConnectAnswer> answer) {
            auto shared = std::make_shared<Result<ConnectAnswer>>(std::move(answer));
            mailbox().post([this, key, question, shared] { answered(key, question, std::move(*shared)); });
        });
}

/// The backend has answered. `asked` may be gone, or another one in its place, which the question tells.
void Worker::answered(SocketSession *asked, uint64_t question, Result<ConnectAnswer> answer)
{
    const auto found = m_asked.find(asked);
    if (found == m_asked.end() || found->second.number != question)
        return;
    SocketSession &session = *asked;
    const bool came = answer || answer.error().code != ErrorCode::Unavailable;
    if (!came && !m_draining && session.gateway->settings->settings.events.connectOptional)
        answer = ConnectAnswer();
    if (answer && answer->user)
        session.user = *std::move(answer->user);
    if (answer && answer->tags)
        session.tags = distinctTags(*std::move(answer->tags));
    if (session.sender)
        session.sender->identity = identityOf(session.user, *session.tags);
    decided(asked, question, answer ? Result<void>() : Unexpected(answer.error()));
}

void Worker::tellConnected(SocketSession &session)
{
    if (tells(session, EventType::Disconnected) || accessLogOn())
        session.traffic = std::make_unique<SocketTraffic>();
    if (tells(session, EventType::Connected))
        m_node.events->take(eventOf(session, EventType::Connected));
}

void Worker::tellDisconnected(SocketSession &session, const CloseInfo &info)
{
    if (!tells(session, EventType::Disconnected))
        return;
    SocketEvent event = eventOf(session, EventType::Disconnected);
    event.code = uint16_t(info.code);
    event.reason = info.reason;
    event.by = closedBy(info);
    if (session.traffic)
        event.traffic = *session.traffic;
    m_node.events->take(std::move(event));
}

/// What a client sent, under the policy `webhook`.
void Worker::tellMessage(SocketSession &session, PayloadType type, std::string_view payload)
{
    if (!tells(session, EventType::Message))
        return;
    SocketEvent event = eventOf(session, EventType::Message);
    event.payloadType = type;
    event.payload = payload;
    m_node.events->take(std::move(event));
}

} // namespace mws
