#pragma once

#include "cluster/rate_store.h"
#include "redis/redis.h"

#include <memory>
#include <string>

namespace mws {

/// Rates in Redis: the hash `{prefix:SHARD}:GATEWAY:q` has for each rate what is missing in the bucket, and
/// the time of that, by Redis's clock. It goes a minute after all of them are full. Thread: one, with an
/// event loop.
class RedisRates final : public RateStore
{
public:
    /// `prefix` of all keys. `redis` outlives this.
    RedisRates(Redis &redis, std::string prefix);
    ~RedisRates() override;

    void report(const GatewayId &gateway, const RateReport &report,
                std::function<void(std::optional<RateDebts>)> done) override;

private:
    std::optional<RateDebts> debtsOf(const RedisAnswer &answer);

    Redis &m_redis;
    const std::string m_prefix;
    std::string m_refusal; ///< why the last report was refused, so that the log does not repeat it
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); ///< for handlers that come when this has gone
};

} // namespace mws
