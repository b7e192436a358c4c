#include "redis/redis_client.h"

#include "mws/base/log.h"
#include "redis/redis_client_private.h"

#include <algorithm>

namespace mws {

namespace {

constexpr std::chrono::milliseconds tickInterval{50};
/// Until it is told that there was nothing to unblock: who asks again at once would do nothing else while a
/// lane has no connection.
constexpr std::chrono::milliseconds unblockPause{10};
/// Between two looks at a cluster that is changing, and as much again by chance; of one that stays broken up
/// to ten times as long.
constexpr std::chrono::milliseconds scoutInterval{200};
constexpr int scoutsAtOneSpeed = 5;
constexpr int slowestScouts = 10;

} // namespace

RedisClient::Private::Private(RedisClient &client, RedisSettings settings, RedisSurroundings surroundings)
    : m_settings(std::move(settings)),
      q(client),
      m_surroundings(surroundings),
      m_scout(m_settings, surroundings, [this](RedisScout::Finding finding) { found(std::move(finding)); })
{
    m_ticks.setInterval(tickInterval);
    QObject::connect(&m_ticks, &QTimer::timeout, &q, [this] { tick(); });
}

void RedisClient::Private::start()
{
    if (m_settings.cluster == RedisClusterMode::Off) {
        found(RedisScout::NoCluster{});
        return;
    }
    m_scout.begin(m_settings.nodes, RedisScout::Telling::Operator);
}

/// Asks for the slots anew, but not too often.
void RedisClient::Private::scout()
{
    if (m_closed || !m_topology || m_scout.isUnderWay())
        return;
    m_scoutWanted = true;
    if (now() >= m_scoutNext) {
        m_scoutWanted = false;
        std::vector<RedisNode> servers = m_topology->servers();
        for (const RedisNode &node : m_settings.nodes)
            if (std::find(servers.begin(), servers.end(), node) == servers.end())
                servers.push_back(node);
        for (size_t i = servers.size(); i > 1; --i)
            std::swap(servers[i - 1], servers[m_surroundings.random(i)]);
        m_scout.begin(std::move(servers), RedisScout::Telling::Nobody);
    }
    keepTicking();
}

void RedisClient::Private::found(RedisScout::Finding finding)
{
    m_scouts = m_state == RedisState::Up ? 0 : m_scouts + 1;
    const std::chrono::milliseconds pause =
        scoutInterval * std::min(1 + m_scouts / scoutsAtOneSpeed, slowestScouts);
    m_scoutNext = now() + pause + std::chrono::milliseconds(m_surroundings.random(uint64_t(pause.count())));
    if (auto *topology = std::get_if<RedisTopology>(&finding)) {
        if (!m_isCluster)
            log(LogLevel::Info, "redis is a cluster",
                {{"primaries", topology->primaries().size()}, {"servers", topology->servers().size()}});
        m_topology = std::move(*topology);
        m_isCluster = true;
    } else {
        m_isCluster = false;
    }
    keepLinks();
    updateState();
    pumpAll();
}

/// A link of lane 0 to each server that has slots, and none to those that have none any more.
void RedisClient::Private::keepLinks()
{
    const std::vector<RedisNode> wanted = m_topology ? m_topology->primaries() : std::vector{RedisNode{}};
    for (auto &[key, entry] : m_links)
        entry.leaving = std::find(wanted.begin(), wanted.end(), key.first) == wanted.end();
    for (const RedisNode &node : wanted)
        linkTo(node, 0);
    dropLeaving();
}

std::optional<RedisNode> RedisClient::Private::serverOf(uint16_t slot) const
{
    if (!m_isCluster)
        return std::nullopt;
    if (!m_topology)
        return RedisNode{};
    const RedisNode *node = m_topology->primary(slot);
    return node ? std::optional(*node) : std::nullopt;
}

RedisClient::Private::Entry &RedisClient::Private::linkTo(const RedisNode &node, uint32_t lane)
{
    const auto [it, fresh] = m_links.try_emplace({node, lane});
    Entry &entry = it->second;
    if (!fresh)
        return entry;
    RedisSettings settings = m_settings;
    if (m_topology)
        settings.nodes = {node};
    // A cluster's replica redirects instead, and may have been made the primary a moment ago.
    const auto replicas = m_topology ? RedisLink::Replicas::Welcome : RedisLink::Replicas::Refused;
    entry.link = std::make_unique<RedisLink>(std::move(settings), m_surroundings, replicas);
    if (lane != 0)
        entry.link->setQuiet();
    entry.link->setStateListener([this, lane](RedisState state) { linkChanged(lane, state); });
    entry.link->start();
    return entry;
}

const RedisClient::Private::Entry *RedisClient::Private::linkIfThere(const RedisNode &node,
                                                                     uint32_t lane) const
{
    const auto it = m_links.find({node, lane});
    return it == m_links.end() ? nullptr : &it->second;
}

void RedisClient::Private::linkChanged(uint32_t lane, RedisState state)
{
    if (state == RedisState::Down)
        scout();
    if (lane == 0)
        updateState();
    pumpAll();
    keepTicking();
}

void RedisClient::Private::dropLink(std::unique_ptr<RedisLink> gone)
{
    RedisLink *link = gone.release(); // we may be called from within it
    link->setStateListener(nullptr);
    link->close();
    link->deleteLater();
}

/// Takes the links for which `which` holds out of the list before their handlers hear of it, as these may
/// change the list.
template <typename Which>
void RedisClient::Private::dropLinks(Which which)
{
    std::vector<std::unique_ptr<RedisLink>> gone;
    for (auto it = m_links.begin(); it != m_links.end();) {
        if (which(it->first, it->second)) {
            gone.push_back(std::move(it->second.link));
            it = m_links.erase(it);
        } else {
            ++it;
        }
    }
    for (auto &link : gone)
        dropLink(std::move(link));
}

void RedisClient::Private::dropLeaving()
{
    dropLinks(
        [](const LinkKey &, const Entry &entry) { return entry.leaving && entry.link->unanswered() == 0; });
}

void RedisClient::Private::updateState()
{
    RedisState state = m_state == RedisState::Connecting ? RedisState::Connecting : RedisState::Down;
    if (m_isCluster) {
        bool up = !m_topology || m_topology->isComplete();
        for (const RedisNode &node : m_topology ? m_topology->primaries() : std::vector{RedisNode{}}) {
            const Entry *there = linkIfThere(node, 0);
            up = up && there && there->link->state() == RedisState::Up;
            if (there && there->link->state() == RedisState::Down)
                state = RedisState::Down;
        }
        if (up)
            state = RedisState::Up;
    }
    if (std::exchange(m_state, state) == state || !m_listener)
        return;
    // Whoever hears of it may give commands, or take our links away: not while they are walked.
    QMetaObject::invokeMethod(
        &q,
        [this, state] {
            if (m_listener)
                m_listener(state);
        },
        Qt::QueuedConnection);
}

void RedisClient::Private::keepTicking()
{
    if (!m_ticks.isActive() && !m_closed)
        m_ticks.start();
}

void RedisClient::Private::tick()
{
    const bool waiting = expireWaiting();
    dropLeaving();
    const bool isWhole = !m_topology || m_state == RedisState::Up;
    if (m_scoutWanted || !isWhole)
        scout();
    pumpAll();
    const bool leaving =
        std::any_of(m_links.begin(), m_links.end(), [](const auto &link) { return link.second.leaving; });
    if (!waiting && isWhole && !leaving && !m_scoutWanted)
        m_ticks.stop();
}

bool RedisClient::Private::isUp(const std::string &key) const
{
    const auto node = serverOf(redisSlot(key));
    const Entry *there = node ? linkIfThere(*node, 0) : nullptr;
    return there && there->link->state() == RedisState::Up;
}

void RedisClient::Private::unblock(const std::string &key, uint32_t lane, std::function<void(bool)> done)
{
    const auto node = serverOf(redisSlot(key));
    const Entry *blocked = node ? linkIfThere(*node, lane) : nullptr;
    const Entry *ours = node ? linkIfThere(*node, 0) : nullptr;
    if (!blocked || !ours || blocked->link->clientId() == 0 || lane == 0) {
        QTimer::singleShot(unblockPause, &q, [done = std::move(done)] { done(false); });
        return;
    }
    const std::string id = std::to_string(blocked->link->clientId());
    ours->link->command({.args = {"CLIENT", "UNBLOCK", id}},
                        [this, done = std::move(done)](const RedisAnswer &answer) {
                            if (answer.answered() && answer.reply.number() == 1)
                                return done(true);
                            QTimer::singleShot(unblockPause, &q, [done] { done(false); });
                        });
}

void RedisClient::Private::closeLane(uint32_t lane)
{
    m_closingLane = lane;
    dropLinks([lane](const LinkKey &key, const Entry &) { return key.second == lane; });
    endWaiting(lane, "the lane was closed");
    m_closingLane.reset();
}

void RedisClient::Private::close()
{
    m_closed = true;
    m_ticks.stop();
    m_scout.stop();
    dropLinks([](const LinkKey &, const Entry &) { return true; });
    endWaiting(std::nullopt, "the connection to redis was closed");
    m_state = RedisState::Down;
}

RedisClient::RedisClient(RedisSettings settings, RedisSurroundings surroundings, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(*this, std::move(settings), surroundings))
{}

RedisClient::~RedisClient() = default;

void RedisClient::setStateListener(StateListener listener)
{
    d->m_listener = std::move(listener);
}

void RedisClient::start()
{
    d->start();
}

void RedisClient::close()
{
    d->close();
}

void RedisClient::command(RedisCall call, RedisHandler handler)
{
    auto errand = std::make_shared<RedisErrand>();
    errand->call = std::move(call);
    errand->handler = std::move(handler);
    d->take(std::move(errand));
}

void RedisClient::run(const RedisScript &script, size_t keyCount, RedisCall call, RedisHandler handler)
{
    if (call.key.empty() && keyCount > 0 && !call.args.empty())
        call.key = call.args.front();
    const std::string count = std::to_string(keyCount);
    call.args.insert(call.args.begin(), {"EVALSHA", script.digest(), count});
    auto errand = std::make_shared<RedisErrand>();
    errand->call = std::move(call);
    errand->handler = std::move(handler);
    errand->script = script;
    d->take(std::move(errand));
}

void RedisClient::unblock(const std::string &key, uint32_t lane, std::function<void(bool)> done)
{
    d->unblock(key, lane, std::move(done));
}

void RedisClient::closeLane(uint32_t lane)
{
    d->closeLane(lane);
}

RedisState RedisClient::state() const
{
    return d->m_state;
}

bool RedisClient::isUp(const std::string &key) const
{
    return d->isUp(key);
}

std::optional<bool> RedisClient::isCluster() const
{
    return d->m_isCluster;
}

} // namespace mws
