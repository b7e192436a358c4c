#include "cluster/stream_broker.h"

#include "cluster/followed_stream.h"
#include "mws/base/log.h"
#include "mws/base/secret.h"

#include <utility>

namespace mws {

namespace {

AppendResult resultOf(StreamAppended::Outcome outcome)
{
    switch (outcome) {
    case StreamAppended::Outcome::Written:
        return AppendResult::Written;
    case StreamAppended::Outcome::Repeated:
        return AppendResult::Repeated;
    case StreamAppended::Outcome::Conflict:
        return AppendResult::Conflict;
    case StreamAppended::Outcome::Refused:
        return AppendResult::Refused;
    case StreamAppended::Outcome::Unknown:
        break;
    }
    return AppendResult::Unknown;
}

} // namespace

StreamBroker::StreamBroker(StreamStore &store, BrokerNode &node, const Clock &clock,
                           std::function<uint64_t()> random, BrokerMetrics &metrics,
                           StreamBrokerOptions options)
    : m_store(store),
      m_node(node),
      m_clock(clock),
      m_random(std::move(random)),
      m_metrics(metrics),
      m_options(options)
{
    m_store.setListener(this);
}

StreamBroker::~StreamBroker()
{
    *m_alive = false;
    m_store.setListener(nullptr);
}

StreamBroker::Followed *StreamBroker::find(const GatewayId &gateway)
{
    const auto it = m_gateways.find(gateway);
    return it == m_gateways.end() ? nullptr : it->second.get();
}

void StreamBroker::publish(BrokerMessage message, Published done)
{
    StreamAppend append;
    append.body = encode(message.message);
    if (append.body.size() > m_options.messageBytes)
        return done(Unexpected(ErrorCode::PayloadTooLarge, "The message is too large for the cluster"));
    append.gateway = message.gateway;
    do {
        append.nonce = m_random();
    } while (append.nonce == 0 || m_pending.contains(append.nonce));
    append.idempotencyId = std::move(message.idempotencyId);
    if (!append.idempotencyId.empty())
        append.digest = SecretDigest(message.body).hex();
    Pending &pending = m_pending[append.nonce];
    pending.gateway = message.gateway;
    pending.done = std::move(done);
    pending.since = m_clock.now();
    pending.accepted = message.message.accepted;
    if (!append.idempotencyId.empty())
        pending.receivers = std::move(message.message.receivers);
    const uint64_t nonce = append.nonce;
    m_store.append(std::move(append), [this, alive = m_alive, gateway = std::move(message.gateway),
                                       nonce](const StreamAppended &result) {
        if (*alive)
            appended(gateway, nonce, result);
    });
}

void StreamBroker::appended(const GatewayId &gateway, uint64_t nonce, const StreamAppended &appended)
{
    const auto it = m_pending.find(nonce);
    if (it == m_pending.end())
        return;
    Pending &pending = it->second;
    m_metrics.appends[resultOf(appended.outcome)].add();
    switch (appended.outcome) {
    case StreamAppended::Outcome::Written: {
        m_metrics.appendTime.add(
            std::chrono::duration_cast<std::chrono::microseconds>(m_clock.now() - pending.since));
        const Followed *followed = find(gateway);
        pending.written = true;
        pending.deadline = m_clock.now() + m_options.patience;
        if (pending.outcome)
            answer(nonce, *pending.outcome);
        else if (!followed || !followed->feed.isHeld() ||
                 followed->feed.position()->sequence >= appended.position.sequence)
            answer(nonce, PublishOutcome()); // nobody here had joined when it was written
        break;
    }
    case StreamAppended::Outcome::Repeated:
        answer(nonce, m_node.count(gateway, pending.receivers));
        break;
    case StreamAppended::Outcome::Conflict:
        answer(nonce, Unexpected(ErrorCode::InvalidData, "Another message had this id", "id"));
        break;
    case StreamAppended::Outcome::Refused:
    case StreamAppended::Outcome::Unknown:
        if (logEnabled(LogLevel::Debug))
            log(LogLevel::Debug, "message not accepted by the broker",
                {{"gateway", gateway}, {"reason", appended.detail}});
        answer(nonce, Unexpected(temporarilyUnavailable("The broker did not accept the message")));
        break;
    }
}

void StreamBroker::answer(uint64_t nonce, Result<PublishOutcome> outcome)
{
    const auto it = m_pending.find(nonce);
    Published done = std::move(it->second.done);
    m_pending.erase(it);
    done(std::move(outcome));
}

/// Of an entry that is ours; default for others.
SteadyTime StreamBroker::acceptedAt(uint64_t nonce) const
{
    const auto it = m_pending.find(nonce);
    return it == m_pending.end() ? SteadyTime{} : it->second.accepted;
}

/// An entry came; perhaps it is one of ours.
void StreamBroker::delivered(uint64_t nonce, const PublishOutcome &outcome)
{
    const auto it = m_pending.find(nonce);
    if (it == m_pending.end())
        return;
    it->second.outcome = outcome;
    if (it->second.written)
        answer(nonce, outcome);
}

/// What is written and has not come here is not known to be delivered.
void StreamBroker::lost(const GatewayId &gateway, const char *reason)
{
    m_metrics.messagesMissed.add();
    log(LogLevel::Error, "messages were missed, the sockets of their gateway are closed with 1012",
        {{"gateway", gateway}, {"reason", reason}});
    std::vector<uint64_t> unsure;
    for (const auto &[nonce, pending] : m_pending)
        if (pending.gateway == gateway && pending.written)
            unsure.push_back(nonce);
    for (const uint64_t nonce : unsure)
        answer(nonce, Unexpected(temporarilyUnavailable("The broker lost messages")));
    m_node.messagesLost(gateway, reason);
}

void StreamBroker::join(const GatewayId &gateway, Joined done)
{
    Followed *followed = find(gateway);
    if (!followed) {
        auto made = std::make_unique<Followed>(*this, gateway);
        followed = made.get();
        followed->heard = m_clock.now();
        m_gateways.emplace(gateway, std::move(made));
        if (m_store.isUp(gateway))
            followed->connect();
    }
    followed->join(std::move(done), m_clock.now() + m_options.patience);
}

void StreamBroker::leave(const GatewayId &gateway)
{
    if (Followed *followed = find(gateway); followed && followed->joined > 0 && --followed->joined == 0)
        followed->idleSince = m_clock.now();
}

void StreamBroker::catchUp(std::chrono::milliseconds within, std::function<void()> done)
{
    m_caughtUp = std::move(done);
    m_catchUpEnd = m_clock.now() + within;
    for (const auto &[gateway, followed] : m_gateways)
        if (m_store.isUp(gateway))
            followed->catchUp();
    noticeCaughtUp();
}

void StreamBroker::noticeCaughtUp()
{
    if (m_caughtUp && (m_behind == 0 || m_clock.now() >= m_catchUpEnd))
        std::exchange(m_caughtUp, {})();
}

void StreamBroker::tick()
{
    noticeCaughtUp();
    const SteadyTime now = m_clock.now();
    for (auto it = m_gateways.begin(); it != m_gateways.end();) {
        const GatewayId &gateway = it->first;
        Followed &followed = *it->second;
        if (followed.joined == 0 && now - followed.idleSince >= m_options.linger) {
            m_store.unfollow(gateway);
            followed.giveUpGoal();
            it = m_gateways.erase(it);
            continue;
        }
        ++it;
        followed.refuse("The broker cannot be reached", now);
        const bool detached = followed.feed.isDetached();
        const bool isAwaited = m_caughtUp && followed.isBehind();
        const auto interval = detached    ? m_options.retryEvery
                              : isAwaited ? std::chrono::milliseconds(0)
                                          : m_options.checkEvery;
        if (now - followed.heard < interval || !m_store.isUp(gateway))
            continue;
        followed.heard = now;
        detached ? followed.connect() : followed.feed.check();
    }
    std::vector<uint64_t> late;
    for (const auto &[nonce, pending] : m_pending)
        if (pending.written && pending.deadline <= now)
            late.push_back(nonce);
    for (const uint64_t nonce : late)
        answer(nonce, Unexpected(temporarilyUnavailable(
                          "The message was accepted, but has not come back to this node")));
}

void StreamBroker::pushed(const GatewayId &gateway, StreamEntry &&entry)
{
    if (Followed *followed = find(gateway))
        followed->push(std::move(entry));
}

void StreamBroker::pushesLost(const GatewayId &gateway)
{
    Followed *followed = find(gateway);
    if (!followed)
        return;
    followed->disconnect();
    if (m_store.isUp(gateway))
        followed->connect();
}

void StreamBroker::storeUp()
{
    for (const auto &[gateway, followed] : m_gateways)
        if (followed->feed.isDetached())
            followed->connect();
}

void StreamBroker::storeDown()
{
    for (const auto &[gateway, followed] : m_gateways)
        if (!m_store.isUp(gateway))
            followed->disconnect();
}

} // namespace mws
