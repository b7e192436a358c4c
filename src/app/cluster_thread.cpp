#include "app/cluster_thread.h"

#include "cluster/redis_gateways.h"
#include "cluster/redis_streams.h"
#include "cluster/stream_broker.h"
#include "hub/hub_node.h"
#include "mws/base/log.h"
#include "mws/base/random.h"
#include "net/epoll_dispatcher.h"
#include "redis/redis_client.h"

#include <QTimer>
#include <utility>

namespace mws {

namespace {

constexpr auto tickInterval = std::chrono::milliseconds(100);
/// Of a history of gateways, and of a version of it.
constexpr size_t nonceLength = 16;

} // namespace

ClusterThread::ClusterThread(ClusterOptions options, const Clock &clock)
    : m_options(std::move(options)), m_clock(clock)
{
    setEventDispatcher(new EpollDispatcher); // the thread takes it over
}

ClusterThread::~ClusterThread() = default;

void ClusterThread::setNode(Node &node, std::vector<Worker *> workers,
                            std::shared_ptr<const GatewayTable> table)
{
    m_node = &node;
    m_workers = std::move(workers);
    m_table = std::move(table);
}

void ClusterThread::setTable(std::shared_ptr<const GatewayTable> table)
{
    m_mailbox.post([this, table = std::move(table)] { m_hubNode->setTable(table); });
}

void ClusterThread::setGateways(SharedGatewayState own, SharedGatewaysOwner &owner)
{
    m_ownGateways = std::move(own);
    m_gatewaysOwner = &owner;
}

void ClusterThread::changeGateways(SharedGatewaysChange change, SharedGateways::Changed done)
{
    m_mailbox.post(
        [this, change = std::move(change), done = std::move(done)] { m_gateways->change(change, done); });
}

void ClusterThread::run()
{
    auto &dispatcher = *static_cast<EpollDispatcher *>(eventDispatcher());
    {
        RedisClient redis(m_options.redis, {m_clock, randomBelow});
        RedisStreams streams(redis, m_options.prefix, m_options.streams);
        HubNode hubNode(*m_node, m_workers);
        hubNode.setTable(m_table);
        m_hubNode = &hubNode;
        StreamBroker broker(streams, hubNode, m_clock, [] { return randomBelow(UINT64_MAX); });
        m_port.setBroker(&broker);
        RedisGateways gatewayStore(redis, m_options.prefix);
        SharedGateways gateways(gatewayStore, *m_gatewaysOwner, m_clock, std::move(m_ownGateways),
                                [] { return randomAlphanumeric(nonceLength); });
        m_gateways = &gateways;
        redis.setStateListener([&](RedisState state) {
            m_port.setUp(state == RedisState::Up);
            log(LogLevel::Info, state == RedisState::Up
                                    ? "Redis can be reached"
                                    : "Redis cannot be reached: messages and new sockets are answered 503");
            streams.redisStateChanged();
            state == RedisState::Up ? gateways.storeUp() : gateways.storeDown();
        });
        QTimer ticking;
        QObject::connect(&ticking, &QTimer::timeout, &ticking, [&broker, &gateways] {
            broker.tick();
            gateways.tick();
        });
        ticking.start(tickInterval);
        dispatcher.setTurnEnd([this] { m_mailbox.take([](const RoutedMessage &) {}); });
        m_mailbox.setDispatcher(&dispatcher);
        redis.start();
        exec();
        m_mailbox.setDispatcher(nullptr);
        dispatcher.setTurnEnd({});
        redis.close();
    }
    m_hubNode = nullptr;
    m_gateways = nullptr;
    m_ended.store(true, std::memory_order_release);
}

void ClusterThread::stop()
{
    if (!isRunning())
        return;
    quit();
    wait();
    // wait() orders what the thread did before what follows; ThreadSanitizer sees it only here, as Qt is not
    // instrumented.
    [[maybe_unused]] const bool ended = m_ended.load(std::memory_order_acquire);
    m_mailbox.discard();
}

} // namespace mws
