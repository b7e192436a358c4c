#include "app/application.h"

#include "app/cluster_thread.h"
#include "app/console_feed.h"
#include "app/gateway_sharing.h"
#include "app/version.h"
#include "config/gateway_state.h"
#include "config/redis_config.h"
#include "events/curl_sender.h"
#include "hub/drain_pace.h"
#include "mws/base/log.h"
#include "net/listener.h"
#include "state/state_restore.h"
#include "tls/tls_context.h"

#include <QCoreApplication>
#include <algorithm>
#include <cstdlib>
#include <thread>

namespace mws {

namespace {

constexpr auto housekeepingInterval = std::chrono::seconds(1);
constexpr auto drainCheckInterval = std::chrono::milliseconds(20);
/// Longest time that a drain waits for the cluster's last messages.
constexpr auto catchUpTime = std::chrono::milliseconds(1000);
/// For events that can be sent at once when all sockets are closed.
constexpr auto eventGrace = std::chrono::milliseconds(2000);

std::string_view accessControlName(const Gateway &gateway)
{
    switch (gateway.settings.accessControl) {
    case AccessControl::None:
        return "none";
    case AccessControl::Eds:
        return "eds";
    case AccessControl::Custom:
        return "custom";
    case AccessControl::Jwt:
        return "jwt";
    }
    return "";
}

size_t workerCount(const ServiceConfig &config)
{
    return config.server.workers != 0 ? config.server.workers
                                      : std::max(1u, std::thread::hardware_concurrency());
}

} // namespace

Application::Application(const ServiceConfig &config, ConfigSource source, EpollDispatcher &dispatcher)
    : m_config(config),
      m_source(std::move(source)),
      m_dispatcher(dispatcher),
      m_status(config.metrics.gateways, QCoreApplication::applicationVersion().toStdString()),
      m_tokenExpiry(config)
{
    m_mailbox.setDispatcher(&m_dispatcher);
    m_dispatcher.setTurnEnd([this] { m_mailbox.take([](const RoutedMessage &) {}); });
    connect(&m_housekeeping, &QTimer::timeout, this, [this] {
        m_reservations->expire();
        m_idempotency->expire();
        m_jwtKeys->tick();
        m_tokenExpiry.check(m_clock.wall());
        if (m_node)
            m_node->addresses.forgetIdle();
        if (m_consoleFeed)
            m_consoleFeed->tick(m_store->table()->console);
        if (m_reloader)
            m_reloader->watch();
    });
    connect(&m_drainCheck, &QTimer::timeout, this, &Application::checkDrained);
}

Application::~Application()
{
    stopWorkers();
    m_dispatcher.setTurnEnd({});
    m_mailbox.setDispatcher(nullptr);
}

Result<void> Application::start()
{
    for (const std::string &warning : m_config.warnings)
        log(LogLevel::Warning, warning);
    if (Result<void> opened = openOps(); !opened)
        return opened;
    if (Result<void> opened = openTls(); !opened)
        return opened;
    if (Result<void> opened = openState(); !opened)
        return opened;
    if (Result<void> opened = openCluster(); !opened)
        return opened;
    if (Result<void> opened = openWorkers(); !opened)
        return opened;
    m_housekeeping.start(housekeepingInterval);
    return {};
}

/// First of all, so that it says why the rest is not ready.
Result<void> Application::openOps()
{
    if (m_config.server.opsPort == 0)
        return {};
    auto ops = OpsThread::start(m_config.server.opsAddress, m_config.server.opsPort, m_status, m_clock);
    if (!ops)
        return Unexpected(ops.error());
    m_ops = *std::move(ops);
    return {};
}

/// Reads the files of [tls], if it is on, and says what is in force.
Result<void> Application::openTls()
{
    if (!m_config.tls.isOn())
        return {};
    Result<TlsContext::Loaded> loaded = TlsContext::load(m_config.tls, m_clock.wall());
    if (!loaded)
        return Unexpected(loaded.error());
    m_tls = std::move(loaded->context);
    for (const std::string &warning : loaded->warnings)
        log(LogLevel::Warning, warning);
    logCertificate(m_config.tls, *m_tls);
    return {};
}

/// Takes the state folder for this process. Where nothing can be written there, nobody needs it.
Result<void> Application::prepareStateFolder()
{
    const std::filesystem::path &folder = m_config.server.stateDir;
    if (const Result<void> made = makeStateFolder(folder); !made)
        return {};
    Result<StateLock> lock = StateLock::take(folder);
    if (!lock)
        return lock.error().code == ErrorCode::Conflict ? Unexpected(lock.error()) : Result<void>();
    m_stateLock = *std::move(lock);
    return finishRestore(folder);
}

Result<void> Application::openState()
{
    if (const Result<void> prepared = prepareStateFolder(); !prepared)
        return prepared;
    auto store = GatewayStore::open(m_config, m_clock);
    if (!store)
        return Unexpected(store.error());
    m_store = *std::move(store);
    for (const std::string &warning : m_store->warnings())
        log(LogLevel::Warning, warning);
    const Result<void> folder = makeStateFolder(m_config.server.stateDir);
    auto journal = folder ? TokenJournal::open(m_config.server.stateDir) : Unexpected(folder.error());
    if (journal)
        m_journal = *std::move(journal);
    else if (journal.error().code == ErrorCode::Internal) // of a newer format: spent tokens are in it
        return Unexpected(journal.error());
    else
        log(LogLevel::Warning, "issued and spent tokens are not kept over a restart",
            {{"reason", journal.error().message()}});
    m_reservations = std::make_unique<ReservationTable>(m_clock, m_journal.get());
    if (m_journal)
        if (const Result<void> loaded = m_journal->load(*m_reservations, m_clock.wall()); !loaded)
            return loaded;
    m_idempotency = std::make_unique<IdempotencyTable>(m_clock);
    m_enginio = std::make_unique<EnginioClient>(m_clock, enginioOptions(m_config.identity));
    m_jwtKeys = std::make_unique<JwtKeyLoader>(m_clock, jwtKeyOptions(m_config.identity));
    m_publisher =
        std::make_unique<GatewayPublisher>(*m_store, m_mailbox, *m_reservations, *m_idempotency, *m_jwtKeys);
    for (const auto &[id, gateway] : m_store->table()->gateways)
        if (gateway->settings.accessControl == AccessControl::Jwt)
            if (Result<void> prepared = m_jwtKeys->prepare(gateway); !prepared)
                return prepared;
    m_tokenExpiry.check(m_clock.wall());
    return {};
}

/// Where Redis is configured, this node is one of several.
Result<void> Application::openCluster()
{
    Result<RedisSettings> redis = redisSettings(m_config.redis);
    if (!redis)
        return Unexpected(redis.error());
    if (!redis->isOn())
        return {};
    ClusterOptions options;
    options.redis = *std::move(redis);
    options.prefix = m_config.cluster.prefix;
    options.streams.entries = m_config.cluster.streamEntries;
    options.streams.age = m_config.cluster.streamAge;
    options.streams.replicas = m_config.cluster.waitReplicas;
    m_cluster = std::make_unique<ClusterThread>(std::move(options), m_clock);
    m_sharing = std::make_unique<GatewaySharing>(*m_store, *m_publisher, *m_cluster, m_mailbox);
    m_cluster->setGateways(m_store->ownState(), *m_sharing);
    m_publisher->setCluster(*m_cluster, *m_sharing);
    return {};
}

Result<void> Application::openWorkers()
{
    const size_t count = workerCount(m_config);
    uint16_t port = m_config.server.port;
    const Result<std::vector<int>> listeners = openListeners(m_config.server.address, port, count);
    if (!listeners)
        return Unexpected(listeners.error());
    const WorkerSettings settings = workerSettings(m_config, m_tls);
    m_node = std::make_unique<Node>(m_clock, *m_reservations, count, settings.net, settings.sockets,
                                    addressLimits(m_config.limits), m_cluster ? &m_cluster->port() : nullptr);
    m_status.setNode(*m_node);
    m_publisher->setRates(m_node->rates);
    if (Result<void> opened = openEvents(); !opened)
        return opened;
    std::vector<Worker *> workers;
    for (size_t i = 0; i < count; ++i) {
        m_workers.push_back(std::make_unique<Worker>(*m_node, i, m_store->table()));
        workers.push_back(m_workers.back().get());
    }
    m_publisher->setWorkers(workers);
    if (m_cluster) {
        m_cluster->setNode(*m_node, workers, m_store->table());
        m_cluster->start();
    }
    const WorkerSetup setup{*m_publisher,
                            m_mailbox,
                            *m_reservations,
                            *m_idempotency,
                            *m_enginio,
                            *m_jwtKeys,
                            m_clock,
                            settings,
                            m_status,
                            *m_node,
                            m_config.server.opsPort == 0,
                            m_config.server.directLane};
    for (size_t i = 0; i < count; ++i) {
        m_workers[i]->setWorkers(workers);
        m_threads.push_back(std::make_unique<WorkerThread>(*m_workers[i], (*listeners)[i], setup));
    }
    openReloader();
    for (const auto &thread : m_threads)
        thread->start();
    m_consoleFeed = std::make_unique<ConsoleFeed>(*m_node, *m_workers.front(), nodeName(),
                                                  [this] { return m_status.notReady().empty(); });
    m_status.setStage(ServiceStatus::Stage::Running);
    announce(port);
    return {};
}

void Application::openReloader()
{
    const auto changed = [this](const ConfigChange &change) {
        const bool tokens =
            std::any_of(change.changed.begin(), change.changed.end(), [](const std::string &name) {
                return name.ends_with(".security_tokens") || name.ends_with(')');
            });
        if (tokens)
            m_tokenExpiry = TokenExpiryWatch(m_config);
    };
    m_reloader = std::make_unique<ConfigReloader>(
        std::move(m_source),
        ConfigReloader::Parts{m_config, m_tls, *m_store, *m_publisher, m_sharing.get(), *m_enginio,
                              *m_jwtKeys, *m_node, m_clock, m_threads, changed});
}

/// Begins to send what is stored, and then what the workers tell.
Result<void> Application::openEvents()
{
    const Result<void> folder = makeStateFolder(m_config.server.stateDir);
    auto database = folder ? EventDatabase::open(m_config.server.stateDir) : Unexpected(folder.error());
    if (!database && database.error().code == ErrorCode::Internal)
        return Unexpected(database.error());
    if (!database)
        log(LogLevel::Warning, "events for backends are not kept over a restart",
            {{"reason", database.error().message()}});
    m_events = std::make_unique<EventService>(
        m_clock, database ? *std::move(database) : nullptr, m_node->eventMetrics,
        EventService::Senders{std::make_unique<CurlSender>(Reach::Public),
                              std::make_unique<CurlSender>(Reach::Any)});
    m_node->events = m_events.get();
    m_publisher->setEvents(*m_events);
    return m_events->start(m_store->table());
}

void Application::announce(uint16_t port)
{
    const GatewayTable &table = *m_store->table();
    log(LogLevel::Info, "listening",
        {{"address", m_config.server.address},
         {"port", port},
         {"workers", m_workers.size()},
         {"gateways", table.gateways.size()},
         {"default_gateway", table.defaultId},
         {"mode", accessControlName(*table.find(table.defaultId))},
         {"version", version},
         {"revision", revision}});
}

void Application::drain()
{
    m_status.setStage(ServiceStatus::Stage::Draining);
    m_reloader->stop();
    if (m_config.server.drainDelay == std::chrono::milliseconds(0)) {
        beginDrain();
        return;
    }
    log(LogLevel::Info, "not ready any more, as the gateway is about to stop",
        {{"drain_delay_ms", m_config.server.drainDelay.count()}});
    QTimer::singleShot(m_config.server.drainDelay, this, &Application::beginDrain);
}

/// What other nodes have accepted until now reaches the sockets before their Close.
void Application::beginDrain()
{
    m_drainEnd = m_clock.now() + m_config.server.drain;
    if (m_cluster)
        m_cluster->catchUp(std::min(catchUpTime, m_config.server.drain / 4), m_mailbox,
                           [this] { drainWorkers(); });
    else
        drainWorkers();
}

void Application::drainWorkers()
{
    log(LogLevel::Info, "stopping: no more connections are accepted, open sockets are closed with 1001");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(m_drainEnd - m_clock.now());
    const auto spread =
        drainSpread(std::max(left, std::chrono::milliseconds(0)), m_config.webSocket.closeTimeout);
    for (const auto &thread : m_threads)
        thread->drain(spread);
    m_drainCheck.start(drainCheckInterval);
}

bool Application::allWorkersAre(WorkerThread::DrainState state) const
{
    return std::all_of(m_threads.begin(), m_threads.end(),
                       [state](const auto &thread) { return thread->drainState() >= state; });
}

void Application::reload()
{
    m_reloader->reload();
}

void Application::checkDrained()
{
    // Until no worker has a socket, what is posted to any of them may be for one.
    if (!m_endingConnections && allWorkersAre(WorkerThread::DrainState::Quiet)) {
        m_endingConnections = true;
        for (const auto &thread : m_threads)
            thread->endConnections();
    }
    const bool drained = allWorkersAre(WorkerThread::DrainState::Gone);
    if (!drained && m_clock.now() < m_drainEnd)
        return;
    m_drainCheck.stop();
    if (!drained) {
        // Answers that never came may still be held somewhere: what is accepted is stored, the rest ends with
        // us.
        log(LogLevel::Warning, "some connections did not end in time and are dropped");
        if (m_journal)
            m_journal->flush();
        m_events->stop(eventGrace);
        flushLog();
        std::_Exit(0);
    }
    QCoreApplication::exit(0);
}

void Application::stopWorkers()
{
    for (const auto &thread : m_threads)
        thread->quit();
    for (const auto &thread : m_threads)
        thread->join();
    m_threads.clear();
    if (m_cluster)
        m_cluster->stop(); // its answers go into mailboxes that nobody reads any more
    if (m_events)
        m_events->stop(eventGrace);
    m_consoleFeed.reset();
    m_enginio.reset(); // still answers who waits, into mailboxes that nobody reads any more
    m_jwtKeys.reset(); // likewise
    m_workers.clear();
}

} // namespace mws
