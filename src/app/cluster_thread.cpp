#include "app/cluster_thread.h"

#include "cluster/cluster_sockets.h"
#include "cluster/rate_share.h"
#include "cluster/redis_gateways.h"
#include "cluster/redis_node_post.h"
#include "cluster/redis_rates.h"
#include "cluster/redis_registry.h"
#include "cluster/redis_streams.h"
#include "cluster/redis_token_ledger.h"
#include "cluster/stream_broker.h"
#include "hub/hub_node.h"
#include "hub/node_call_handler.h"
#include "mws/base/log.h"
#include "mws/base/random.h"
#include "net/epoll_dispatcher.h"
#include "redis/redis_client.h"

#include <QTimer>
#include <utility>

namespace mws {

namespace {

constexpr auto tickInterval = std::chrono::milliseconds(100);
/// For what is said to the other nodes at the end.
constexpr auto leavePatience = std::chrono::milliseconds(1000);
/// Of a history of gateways, and of a version of it.
constexpr size_t nonceLength = 16;

} // namespace

/// What lives on the thread, in the order in which it is made.
struct ClusterThread::Parts
{
    explicit Parts(ClusterThread &thread)
        : redis(thread.m_options.redis, {thread.m_clock, randomBelow}),
          streams(redis, thread.m_options.prefix, thread.m_options.streams),
          hubNode(*thread.m_node, thread.m_workers),
          callHandler(*thread.m_node, *thread.m_workers.front(), thread.m_mailbox),
          broker(
              streams, hubNode, thread.m_clock, [] { return randomBelow(UINT64_MAX); },
              thread.m_node->brokerMetrics),
          registryStore(redis, thread.m_options.prefix),
          post(redis, thread.m_options.prefix, thread.m_id),
          sockets(registryStore, post, thread.m_id, thread.m_clock, thread.m_node->brokerMetrics,
                  callHandler),
          ledger(redis, thread.m_options.prefix, thread.m_id, thread.m_clock),
          rateStore(redis, thread.m_options.prefix),
          rateShare(thread.m_node->rates, rateStore, thread.m_clock),
          gatewayStore(redis, thread.m_options.prefix),
          gateways(gatewayStore, *thread.m_gatewaysOwner, thread.m_clock, std::move(thread.m_ownGateways),
                   [] { return randomAlphanumeric(nonceLength); }),
          port(thread.m_port),
          metrics(thread.m_node->brokerMetrics)
    {
        setTable(thread.m_table);
        redis.setStateListener([this](RedisState state) { changed(state); });
    }

    void setTable(const std::shared_ptr<const GatewayTable> &table)
    {
        hubNode.setTable(table);
        callHandler.setTable(table);
    }

    void tick()
    {
        broker.tick();
        post.tick();
        sockets.tick();
        ledger.tick();
        gateways.tick();
    }

    void changed(RedisState state)
    {
        const bool up = state == RedisState::Up;
        metrics.up.set(up ? 1 : 0);
        if (up && std::exchange(wasUp, true))
            metrics.reconnects.add();
        port.setUp(up);
        log(LogLevel::Info, up ? "Redis can be reached"
                               : "Redis cannot be reached: messages and new sockets are answered 503");
        streams.redisStateChanged();
        up ? sockets.registry().storeUp() : sockets.registry().storeDown();
        up ? gateways.storeUp() : gateways.storeDown();
    }

    RedisClient redis;
    RedisStreams streams;
    HubNode hubNode;
    NodeCallHandler callHandler;
    StreamBroker broker;
    RedisRegistry registryStore;
    RedisNodePost post;
    ClusterSockets sockets;
    RedisTokenLedger ledger;
    RedisRates rateStore;
    RateShare rateShare;
    RedisGateways gatewayStore;
    SharedGateways gateways;
    BrokerPort &port;
    BrokerMetrics &metrics;
    bool wasUp = false;
};

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
    m_mailbox.post([this, table = std::move(table)] { m_parts->setTable(table); });
}

void ClusterThread::setGateways(SharedGatewayState own, SharedGatewaysOwner &owner)
{
    m_ownGateways = std::move(own);
    m_gatewaysOwner = &owner;
}

void ClusterThread::changeGateways(SharedGatewaysChange change, SharedGateways::Changed done)
{
    m_mailbox.post([this, change = std::move(change), done = std::move(done)] {
        m_parts->gateways.change(change, done);
    });
}

void ClusterThread::catchUp(std::chrono::milliseconds within, Executor &caller, std::function<void()> done)
{
    m_mailbox.post([this, within, &caller, done = std::move(done)] {
        m_parts->broker.catchUp(within, [&caller, done] { caller.post(done); });
    });
}

void ClusterThread::run()
{
    auto &dispatcher = *static_cast<EpollDispatcher *>(eventDispatcher());
    {
        Parts parts(*this);
        m_parts = &parts;
        m_port.setParts({&parts.broker, &parts.sockets, &parts.ledger});
        QTimer ticking;
        QObject::connect(&ticking, &QTimer::timeout, &ticking, [&parts] { parts.tick(); });
        ticking.start(tickInterval);
        QTimer sharing;
        QObject::connect(&sharing, &QTimer::timeout, &sharing, [&parts] { parts.rateShare.tick(); });
        sharing.start(RateShare::interval);
        dispatcher.setTurnEnd([this] { m_mailbox.take([](const RoutedMessage &) {}); });
        m_mailbox.setDispatcher(&dispatcher);
        parts.redis.start();
        exec();
        m_mailbox.setDispatcher(nullptr);
        dispatcher.setTurnEnd({});
        parts.redis.close();
        m_port.setParts({});
        m_parts = nullptr;
    }
    m_ended.store(true, std::memory_order_release);
}

void ClusterThread::stop()
{
    if (!isRunning())
        return;
    m_mailbox.post([this] { leave(); });
    wait();
    // wait() orders what the thread did before what follows; ThreadSanitizer sees it only here, as Qt is not
    // instrumented.
    [[maybe_unused]] const bool ended = m_ended.load(std::memory_order_acquire);
    m_mailbox.discard();
}

/// Tells the other nodes that this one has no sockets any more, if that can be done at once.
void ClusterThread::leave()
{
    QTimer::singleShot(leavePatience, [this] { quit(); });
    m_parts->sockets.registry().close([this] { quit(); });
}

} // namespace mws
