#pragma once

#include "cluster/gateway_state_store.h"
#include "redis/redis.h"

#include <functional>
#include <optional>
#include <string>

namespace mws {

/// The gateways of a cluster in Redis: one hash, `{PREFIX:gateways}:state`, changed by a script.
/// Thread: one, with an event loop.
class RedisGateways final : public GatewayStateStore
{
public:
    /// `prefix` of all keys. `redis` outlives this.
    RedisGateways(Redis &redis, const std::string &prefix);

    void readHead(std::function<void(std::optional<std::string>)> done) override;
    void readAll(std::function<void(std::optional<GatewayFields>)> done) override;
    void write(GatewayFieldsWrite write, std::function<void(GatewayFieldsWritten)> done) override;

    const std::string &key() const { return m_key; }

private:
    bool isRefused(const RedisAnswer &answer);

    Redis &m_redis;
    const std::string m_key;
    std::string m_lastError; ///< said once
};

} // namespace mws
