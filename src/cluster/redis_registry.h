#pragma once

#include "cluster/registry_store.h"
#include "redis/redis.h"

#include <string>

namespace mws {

/// The registry of sockets in Redis: for each gateway a hash of leases, and for each node with sockets of it
/// a sorted set of rows. All keys of a gateway are in one slot, by the tag of RedisStreams. See
/// redis_registry_scripts.h. Thread: one, with an event loop.
class RedisRegistry final : public RegistryStore
{
public:
    /// `prefix` of all keys, as RedisStreams'. `redis` outlives this.
    RedisRegistry(Redis &redis, std::string prefix) : m_redis(redis), m_prefix(std::move(prefix)) {}

    bool isUp() const override { return m_redis.state() == RedisState::Up; }
    void write(RegistryWrite write, std::function<void(RegistryWritten)> done) override;
    void release(const GatewayId &gateway, const NodeId &node, uint64_t sequence,
                 std::function<void(bool)> done) override;
    void list(RegistryQuery query, std::function<void(std::optional<RegistrySlice>)> done) override;
    void find(const GatewayId &gateway, const NodeId &self, const SocketId &id,
              std::function<void(std::optional<std::vector<NodeId>>)> done) override;
    void nodes(const GatewayId &gateway, const NodeId &self,
               std::function<void(std::optional<std::vector<NodeId>>)> done) override;

    /// `{prefix:SHARD}:GATEWAY:NAME`
    std::string key(const GatewayId &gateway, std::string_view name) const;

    /// list() looks at so many rows in one step, of all nodes together, and answers about so many bytes.
    static constexpr size_t rowsOfStep = 4000;
    static constexpr size_t bytesOfStep = 1 << 20;

private:
    std::vector<std::string> nodeKeys(const GatewayId &gateway, const NodeId &node) const;

    Redis &m_redis;
    const std::string m_prefix;
};

} // namespace mws
