#include "cluster/socket_registry.h"

#include "cluster/registry_row.h"
#include "cluster/registry_rows.h"
#include "mws/base/log.h"

#include <algorithm>
#include <utility>

namespace mws {

namespace {

Unexpected unavailable()
{
    return Unexpected(temporarilyUnavailable("The registry of sockets cannot be reached"));
}

} // namespace

/// A list() under way.
struct SocketRegistry::Listing
{
    RegistryQuery query;
    size_t limit;
    RegisteredPage page;
    std::function<void(Result<RegisteredPage>)> done;
};

SocketRegistry::SocketRegistry(RegistryStore &store, NodeId self, const Clock &clock,
                               SocketRegistryListener &listener, SocketRegistryOptions options)
    : m_store(store), m_self(std::move(self)), m_clock(clock), m_listener(listener), m_options(options)
{}

SocketRegistry::~SocketRegistry()
{
    *m_alive = false;
}

RegistryRows *SocketRegistry::rowsOf(const GatewayId &gateway)
{
    const auto it = m_gateways.find(gateway);
    return it == m_gateways.end() ? nullptr : it->second.get();
}

SocketRegistry::Rows &SocketRegistry::makeRows(const GatewayId &gateway)
{
    Rows &rows = m_gateways[gateway];
    if (!rows) {
        rows = std::make_shared<RegistryRows>(gateway);
        rows->renewAt = m_clock.now();
    }
    rows->idleSince = m_clock.now();
    return rows;
}

void SocketRegistry::announce(const GatewayId &gateway, std::function<void(Result<void>)> done)
{
    if (m_closed)
        return done(unavailable());
    const SteadyTime now = m_clock.now();
    const Rows &rows = makeRows(gateway);
    if (rows->hasLease(now, m_options.lease - m_options.renewEvery))
        return done({});
    rows->announcements.push_back({std::move(done), now + m_options.patience});
    makeReady(rows); // its first socket waits for this
    writeNext();
}

void SocketRegistry::entered(const GatewayId &gateway, RegisteredSocket socket)
{
    if (!m_closed)
        makeRows(gateway)->enter(socket.id, encodeRegistryRow(socket));
}

void SocketRegistry::changed(const GatewayId &gateway, const SocketId &id, std::vector<Tag> tags)
{
    RegistryRows *rows = rowsOf(gateway);
    std::string *body = rows ? rows->bodyOf(id) : nullptr;
    auto socket = body ? decodeRegistryRow(id, *body) : std::nullopt;
    if (!socket)
        return;
    socket->tags = std::move(tags);
    *body = encodeRegistryRow(*socket);
    rows->queue(id);
}

void SocketRegistry::left(const GatewayId &gateway, const SocketId &id)
{
    if (RegistryRows *rows = rowsOf(gateway); rows && rows->leave(id))
        rows->idleSince = m_clock.now();
}

void SocketRegistry::check(const GatewayId &gateway, const SocketId &id)
{
    if (RegistryRows *rows = rowsOf(gateway); rows && rows->bodyOf(id))
        rows->queue(id);
}

/// Nothing to do where the store is away: the lease ends by itself.
void SocketRegistry::release(const RegistryRows &rows, std::function<void()> done)
{
    if (!rows.mayBeKnown() || !m_store.isUp())
        return done();
    m_store.release(rows.gateway(), m_self, ++m_lastSequence, [done = std::move(done)](bool) { done(); });
}

void SocketRegistry::refuse(RegistryRows &rows, SteadyTime until)
{
    const auto late =
        std::stable_partition(rows.announcements.begin(), rows.announcements.end(),
                              [until](const auto &announcement) { return announcement.deadline > until; });
    std::vector<RegistryRows::Announcement> refused(std::make_move_iterator(late),
                                                    std::make_move_iterator(rows.announcements.end()));
    rows.announcements.erase(late, rows.announcements.end());
    for (const auto &announcement : refused)
        announcement.done(unavailable());
}

void SocketRegistry::tick()
{
    const SteadyTime now = m_clock.now();
    std::vector<Rows> late;
    for (auto it = m_gateways.begin(); it != m_gateways.end();) {
        const Rows &rows = it->second;
        const bool idle = rows->open() == 0 && !rows->hasQueued() && !rows->isWriting() &&
                          rows->announcements.empty() && now - rows->idleSince >= m_options.linger;
        if (idle) {
            release(*rows, [] {});
            it = m_gateways.erase(it);
            continue;
        }
        ++it;
        if (rows->hasQueued() || now >= rows->renewAt || !rows->announcements.empty())
            makeReady(rows);
        if (!rows->announcements.empty())
            late.push_back(rows);
    }
    writeNext();
    for (const Rows &rows : late) // may call back
        refuse(*rows, now);
}

void SocketRegistry::makeReady(const Rows &rows)
{
    if (rows->isWriting() || rows->isReady || m_clock.now() < rows->notBefore)
        return;
    rows->isReady = true;
    m_ready.push_back(rows);
}

void SocketRegistry::writeNext()
{
    while (m_store.isUp() && m_writing < m_options.writesAtOnce && !m_ready.empty()) {
        const Rows rows = std::move(m_ready.front());
        m_ready.pop_front();
        rows->isReady = false;
        if (rowsOf(rows->gateway()) == rows.get()) // not closed
            write(rows);
    }
}

void SocketRegistry::write(const Rows &rows)
{
    const SteadyTime now = m_clock.now();
    RegistryWrite write = rows->take(++m_lastSequence, m_options.rowsPerWrite, m_options.bytesPerWrite, now);
    write.node = m_self;
    write.lease = m_options.lease;
    rows->renewAt = now + m_options.renewEvery;
    ++m_writing;
    m_store.write(std::move(write), [this, alive = m_alive, rows](const RegistryWritten &answer) {
        if (*alive)
            written(rows, answer);
    });
}

void SocketRegistry::written(const Rows &rows, const RegistryWritten &written)
{
    --m_writing;
    const std::vector<RegistryRival> rivals = rows->written(written);
    if (rowsOf(rows->gateway()) == rows.get()) {
        report(*rows, written);
        const bool done = written.outcome == RegistryWritten::Outcome::Done;
        if (written.outcome == RegistryWritten::Outcome::Unknown)
            rows->notBefore = m_clock.now() + m_options.retryAfter;
        if (!done)
            rows->renewAt = m_clock.now();
        if (!done || (rows->hasQueued() && rows->wasCut()))
            makeReady(rows);
        if (done)
            for (const auto &announcement : std::exchange(rows->announcements, {}))
                announcement.done({});
        for (const RegistryRival &rival : rivals)
            rival.isNewer ? m_listener.superseded(rows->gateway(), rival.id, rival.node)
                          : m_listener.openedAgain(rows->gateway(), rival.id, rival.node);
    }
    writeNext();
}

void SocketRegistry::report(const RegistryRows &rows, const RegistryWritten &written)
{
    if (written.outcome == RegistryWritten::Outcome::Lost) {
        ++m_timesLost;
        log(LogLevel::Warning, "the registry had lost this node's sockets, they are written again",
            {{"gateway", rows.gateway()}, {"sockets", rows.open()}});
    }
    if (written.outcome != RegistryWritten::Outcome::Unknown || !m_store.isUp())
        return;
    if (const auto suppressed = m_failureLines.take(m_clock.now()))
        log(LogLevel::Warning, "the registry of sockets could not be written, it is tried again",
            {{"gateway", rows.gateway()}, {"reason", written.detail}, {"suppressed", *suppressed}});
}

void SocketRegistry::storeUp()
{
    for (const auto &[gateway, rows] : m_gateways) {
        rows->renewAt = m_clock.now();
        rows->notBefore = m_clock.now();
        makeReady(rows);
    }
    writeNext();
}

void SocketRegistry::storeDown()
{
    for (const Rows &rows : m_ready)
        rows->isReady = false;
    m_ready.clear();
}

void SocketRegistry::list(const GatewayId &gateway, const std::optional<Tag> &tag, size_t limit,
                          const std::string &cursor, std::function<void(Result<RegisteredPage>)> done)
{
    const auto listing =
        std::make_shared<Listing>(Listing{{gateway, m_self, tag, 0, cursor}, limit, {}, std::move(done)});
    listMore(listing);
}

void SocketRegistry::listMore(const std::shared_ptr<Listing> &listing)
{
    listing->query.limit =
        listing->limit + 1 - listing->page.sockets.size(); // one more tells whether there is
    m_store.list(listing->query, [this, alive = m_alive, listing](const std::optional<RegistrySlice> &slice) {
        if (!*alive)
            return;
        if (!slice)
            return listing->done(unavailable());
        listed(listing, *slice);
    });
}

void SocketRegistry::listed(const std::shared_ptr<Listing> &listing, const RegistrySlice &slice)
{
    RegisteredPage &page = listing->page;
    const std::optional<Tag> &tag = listing->query.tag;
    for (const RegistryRow &row : slice.rows) {
        auto socket = decodeRegistryRow(row.id, row.body);
        if (!socket && !std::exchange(m_loggedStrangeRow, true))
            log(LogLevel::Warning, "a socket of another node is not listed, its row cannot be read",
                {{"gateway", listing->query.gateway}, {"bytes", row.body.size()}});
        if (!socket)
            continue;
        if (tag && std::find(socket->tags.begin(), socket->tags.end(), *tag) == socket->tags.end())
            continue;
        page.more = page.sockets.size() == listing->limit;
        if (page.more)
            break;
        page.sockets.push_back(*std::move(socket));
    }
    if (page.more || !slice.upTo)
        return listing->done(std::move(page));
    if (slice.upTo->view() <= listing->query.after) // it would never end
        return listing->done(unavailable());
    listing->query.after = slice.upTo->string();
    listMore(listing);
}

void SocketRegistry::find(const GatewayId &gateway, const SocketId &id,
                          std::function<void(Result<std::optional<NodeId>>)> done)
{
    m_store.find(gateway, m_self, id,
                 [alive = m_alive, done = std::move(done)](const std::optional<std::vector<NodeId>> &nodes) {
                     if (!*alive)
                         return;
                     if (!nodes)
                         return done(unavailable());
                     done(nodes->empty() ? std::nullopt : std::optional(nodes->front()));
                 });
}

void SocketRegistry::nodes(const GatewayId &gateway, std::function<void(Result<std::vector<NodeId>>)> done)
{
    m_store.nodes(gateway, m_self,
                  [alive = m_alive, done = std::move(done)](std::optional<std::vector<NodeId>> nodes) {
                      if (!*alive)
                          return;
                      if (!nodes)
                          return done(unavailable());
                      done(*std::move(nodes));
                  });
}

void SocketRegistry::close(std::function<void()> done)
{
    m_closed = true;
    const auto missing = std::make_shared<size_t>(1);
    const auto one = [missing, done = std::move(done)] {
        if (--*missing == 0)
            done();
    };
    for (const auto &[gateway, rows] : std::exchange(m_gateways, {})) {
        ++*missing;
        release(*rows, one);
        refuse(*rows, SteadyTime::max());
    }
    one();
}

size_t SocketRegistry::unwritten() const
{
    size_t count = 0;
    for (const auto &[gateway, rows] : m_gateways)
        count += rows->unwritten();
    return count;
}

} // namespace mws
