#include "hub/worker.h"

#include <algorithm>
#include <utility>

// What clients send, and what is done with it (CONTRACT.md "WebSocket", clientMessages).

namespace mws {

namespace {

/// To every other socket that shares a tag with the sender; to every other one if it has none.
Receivers relayReceivers(const SocketSession &sender)
{
    Receivers receivers;
    receivers.everyone = sender.tags->empty();
    receivers.tags = *sender.tags;
    receivers.excluded.push_back(sender.id.string());
    return receivers;
}

} // namespace

RelayState &Worker::relayOf(SocketSession &session)
{
    if (!session.relay) {
        session.relay = std::make_unique<RelayState>();
        session.relay->number = ++m_lastRelay;
    }
    return *session.relay;
}

void Worker::received(Channel &channel, PayloadType type, std::string_view payload)
{
    SocketSession &session = sessionOf(channel);
    const Limits &limits = session.gateway->settings->settings.limits;
    if (session.clientRate.take(1, m_server->now(), Rate{limits.clientMessagesPerSecond, limits.burst})) {
        metrics().limited[LimitKind::SocketMessages].add();
        channel.closeSession(CloseCode::PolicyViolation, "too many messages");
        return;
    }
    if (session.traffic) {
        ++session.traffic->messagesIn;
        session.traffic->bytesIn += payload.size();
    }
    switch (session.clientMessages) {
    case ClientMessages::Echo:
        reply(session, type, payload);
        break;
    case ClientMessages::Relay:
        relay(session, type, payload);
        break;
    case ClientMessages::Publish:
        publishFor(session, type, payload);
        break;
    case ClientMessages::Webhook:
        tellMessage(session, type, payload);
        break;
    case ClientMessages::Ignore:
        break;
    }
}

void Worker::reply(SocketSession &session, PayloadType type, std::string_view payload)
{
    const SharedBytes frame = m_server->queueMemory().share(dataFrame(type, payload));
    if (session.channel->send(frame) == Channel::Delivery::QueueFull)
        handleSlow(session, frame, {});
    else
        session.countSent(*frame);
}

/// A receiver whose queue is more than half full holds the sender up, instead of being closed for what the
/// sender does. Each sender may have a window's worth under way, so that many of them can fill a queue beyond
/// its limit, by that much each; relieve() sees to the worker's memory.
void Worker::relay(SocketSession &sender, PayloadType type, std::string_view payload)
{
    RelayState &state = relayOf(sender);
    const size_t bytes = payload.size();
    const auto receipt =
        std::make_shared<RelayReceipt>([this, &mailbox = mailbox(), serial = sender.gateway->settings->serial,
                                        id = sender.id, number = state.number, bytes] {
            mailbox.post([this, serial, id, number, bytes] { receiptReturned(serial, id, number, bytes); });
        });
    const Gateway &gateway = *sender.gateway->settings;
    if (m_node.broker)
        relayToCluster(sender, type, payload, receipt);
    else
        dispatch(gateway, RoutedMessage{
                              gateway.serial, relayReceivers(sender), dataFrame(type, payload), {}, receipt});
    if (receipt.use_count() == 1) {
        receipt->settle();
        return;
    }
    state.underWay += bytes;
    if (state.underWay > RelayState::window)
        sender.channel->holdMessages();
}

/// The sender is held up until the broker has the message and it has come back here; who reads slower than
/// that is treated as a slow reader. Where the broker does not take it, the sender is told by its Close:
/// nothing is lost silently.
void Worker::relayToCluster(SocketSession &sender, PayloadType type, std::string_view payload,
                            const SharedReceipt &receipt)
{
    const Gateway &gateway = *sender.gateway->settings;
    countMessage(gateway);
    BrokerMessage message;
    message.gateway = gateway.id;
    message.message = {type, relayReceivers(sender), {}, std::string(payload)};
    m_node.broker->publish(
        std::move(message), mailbox(),
        [this, serial = gateway.serial, id = sender.id, receipt](const Result<PublishOutcome> &outcome) {
            if (outcome)
                return;
            if (SocketSession *session = findSession(serial, id))
                session->channel->closeSession(CloseCode::TryAgainLater, "the message could not be relayed");
        });
}

void Worker::receiptReturned(uint32_t serial, const SocketId &id, uint64_t number, size_t bytes)
{
    SocketSession *sender = findSession(serial, id);
    if (!sender || !sender->relay || sender->relay->number != number)
        return; // it has gone
    sender->relay->underWay -= bytes;
    if (sender->relay->underWay > RelayState::window / 2 || !sender->channel->holdsMessages())
        return;
    sender->channel->takeMessages();
    if (sender->pongAwaited) // it may have been waiting to be read
        sender->channel->armSession(m_server->now() + m_sockets.pongTimeout);
}

/// Of a relayed message that was queued for `receiver`.
void Worker::holdUpSender(SocketSession &receiver, const SharedReceipt &receipt)
{
    if (!receiver.channel->isHalfFull())
        return;
    relayOf(receiver).holdUp.push_back(receipt);
    receiver.channel->tellWhenHalfEmpty();
}

void Worker::halfEmpty(Channel &channel)
{
    if (SocketSession &session = sessionOf(channel); session.relay)
        session.relay->holdUp.clear();
}

/// In the place of a message object's HTTP answer: nothing where it was published, else what was wrong.
void Worker::publishFor(SocketSession &session, PayloadType type, std::string_view payload)
{
    if (!m_clientPublisher)
        return;
    m_clientPublisher->publish(
        *session.gateway->settings, *session.sender, type, payload,
        [this, serial = session.gateway->settings->serial, id = session.id](std::string error) {
            if (SocketSession *sender = findSession(serial, id))
                reply(*sender, PayloadType::Text, error);
        });
}

} // namespace mws
