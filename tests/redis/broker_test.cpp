#include "cluster/redis_streams.h"
#include "cluster/stream_broker.h"
#include "redis/redis_client.h"
#include "redis_test.h"
#include "unit/cluster/broker_contract.h"

#include <array>

namespace mws::test {

namespace {

/// A node's way to Redis, as ClusterThread makes it.
class BrokerOnRedis
{
public:
    BrokerOnRedis(const RedisSettings &settings, const Clock &clock)
        : m_redis(settings, {clock, randomBelow}),
          m_streams(m_redis, "mws", {}),
          broker(m_streams, node, clock, [] { return randomBelow(UINT64_MAX); }, m_metrics)
    {
        m_redis.setStateListener([this](RedisState) { m_streams.redisStateChanged(); });
        QObject::connect(&m_ticking, &QTimer::timeout, &m_ticking, [this] { broker.tick(); });
        m_ticking.start(100);
        m_redis.start();
    }
    ~BrokerOnRedis() { m_redis.close(); }
    bool isUp() const { return m_redis.state() == RedisState::Up; }

private:
    BrokerMetrics m_metrics;
    RedisClient m_redis;
    RedisStreams m_streams;
    QTimer m_ticking;

public:
    RecordingNode node;
    StreamBroker broker;
};

/// Two nodes on a Redis of their own.
class RedisBench final : public BrokerBench
{
public:
    RedisBench()
    {
        for (auto &node : m_nodes)
            node = std::make_unique<BrokerOnRedis>(m_settings, m_clock);
        EXPECT_TRUE(until([this] { return m_nodes[0]->isUp() && m_nodes[1]->isUp(); }));
    }
    Broker &broker(size_t node) override { return m_nodes[node]->broker; }
    RecordingNode &node(size_t node) override { return m_nodes[node]->node; }
    bool until(const std::function<bool()> &holds) override
    {
        return runEventLoopUntil(holds, std::chrono::seconds(60));
    }

private:
    RedisServer m_server;
    SystemClock m_clock;
    const RedisSettings m_settings = parseRedisUrl(m_server.url()).value();
    std::array<std::unique_ptr<BrokerOnRedis>, 2> m_nodes;
};

std::unique_ptr<BrokerBench> redisBench()
{
    return std::make_unique<RedisBench>();
}

} // namespace

INSTANTIATE_TEST_SUITE_P(Redis, BrokerContract, ::testing::Values(&redisBench));

} // namespace mws::test
