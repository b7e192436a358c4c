#include "hub/worker.h"

#include "mws/base/log.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace mws {

namespace {

/// How often a socket whose messages are dropped is named in the log.
constexpr auto betweenLines = std::chrono::seconds(60);

struct Waiting
{
    size_t bytes;
    SocketSession *session;
    bool operator<(const Waiting &other) const { return bytes < other.bytes; }
};

void logSlow(SocketSession &session, std::string_view event, SteadyTime now)
{
    const std::optional<uint64_t> suppressed = session.gateway->slowLines.take(now);
    if (!suppressed)
        return;
    log(LogLevel::Warning, event,
        {{"gateway", session.gateway->settings->id},
         {"id", session.id.string()},
         {"queued", session.channel->queuedBytes()},
         {"suppressed", *suppressed}});
}

} // namespace

/// Of a socket whose queue is full: as its gateway's configuration says now.
void Worker::handleSlow(SocketSession &session, const SharedBytes &frame, SteadyTime expires)
{
    if (session.gateway->settings->settings.limits.slowReaders == SlowReaders::Close)
        return closeSlow(session);
    countDropped(session, session.channel->sendDroppingOldest(frame, expires));
}

void Worker::closeSlow(SocketSession &session)
{
    if (!session.channel->isOpen())
        return;
    session.gateway->counters->slowClosed.add();
    logSlow(session, "socket closed: its client reads too slowly", m_server->now());
    session.channel->closeSlowReader();
}

void Worker::countDropped(SocketSession &session, size_t messages)
{
    if (messages == 0)
        return;
    session.gateway->counters->slowDropped.add(messages);
    const SteadyTime now = m_server->now();
    if (session.dropLogged != SteadyTime{} && now - session.dropLogged < betweenLines)
        return;
    session.dropLogged = now;
    logSlow(session, "messages dropped: their client reads too slowly", now);
}

/// Brings the queues of all sockets together under the worker's limit: who has most waiting gives first. A
/// socket with policy dropOldest gives half of what it has, and is then one among the others again. Called
/// when all that sockets would take has been written.
void Worker::relieve()
{
    const size_t most = m_sockets.workerQueueBytes;
    QueueMemory &memory = m_server->queueMemory();
    if (memory.bytes() <= most)
        return;
    const size_t enough = most - most / 8; // so that this is not done again for each message
    std::vector<Waiting> all;
    for (const auto &[serial, local] : m_gateways)
        for (RoutedSocket *socket : local->index.all())
            if (auto *session = static_cast<SocketSession *>(socket); session->channel->heldBytes() > 0)
                all.push_back({session->channel->heldBytes(), session});
    std::priority_queue<Waiting> byBytes({}, std::move(all));
    while (memory.bytes() > enough && !byBytes.empty()) {
        const auto [bytes, session] = byBytes.top();
        byBytes.pop();
        if (session->gateway->settings->settings.limits.slowReaders == SlowReaders::Close) {
            closeSlow(*session);
            continue;
        }
        countDropped(*session, session->channel->dropOldest(bytes / 2));
        if (const size_t left = session->channel->heldBytes(); left < bytes && left > 0)
            byBytes.push({left, session});
    }
}

/// True if the socket was closed because it took nothing for too long of what waits for it. Whoever reads
/// nothing can still send pongs: without this a peer could keep its queue for ever under policy dropOldest.
bool Worker::closeStalled(SocketSession &session, SteadyTime now)
{
    const std::optional<SteadyTime> since = session.channel->stalledSince();
    if (!since || now - *since < m_sockets.slowReaderTimeout)
        return false;
    metrics().deadlines[DeadlineKind::SlowReader].add();
    closeSlow(session);
    return true;
}

} // namespace mws
