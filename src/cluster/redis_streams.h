#pragma once

#include "cluster/redis_keys.h"
#include "cluster/stream_store.h"
#include "redis/redis.h"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mws {

/// Streams in Redis. Entry `N-0` of a stream is the one with sequence N; what is beside it is the head (last
/// sequence and nonce) and marks (what the end was when), which Lua scripts keep, so that each entry is
/// written in one step.
///
/// Keys of a gateway have a hash tag of one of 64 shards, by its id: so a Redis Cluster spreads gateways, and
/// all streams of a shard can be read by one XREAD, which in a cluster must stay within a slot. On a single
/// server all are read by one.
///
/// Thread: one, with an event loop.
class RedisStreams final : public StreamStore
{
public:
    /// `prefix` of all keys, e.g. `mws`. `redis` outlives this; its state is told by redisStateChanged().
    RedisStreams(Redis &redis, std::string prefix, StreamLimits limits);
    ~RedisStreams() override;

    void setListener(StreamListener *listener) override { m_listener = listener; }
    bool isUp(const GatewayId &gateway) const override;
    void append(StreamAppend append, std::function<void(StreamAppended)> done) override;
    void read(const GatewayId &gateway, std::optional<StreamPosition> after,
              std::function<void(std::optional<StreamRead>)> done) override;
    void follow(const GatewayId &gateway, const StreamPosition &after) override;
    void unfollow(const GatewayId &gateway) override;

    void redisStateChanged();

    /// `{prefix:SHARD}:GATEWAY:NAME`
    std::string key(const GatewayId &gateway, std::string_view name) const;

private:
    /// Streams that are read together.
    struct Reader
    {
        uint32_t lane = 0;
        std::map<GatewayId, uint64_t> after; ///< by gateway: the last sequence that was pushed
        bool asking = false;
        bool unblocking = false;
    };

    /// An entry that the primary has.
    struct Written
    {
        StreamAppended appended;
        std::function<void(StreamAppended)> done;
    };
    /// Those that one connection has written, and of which it is not known whether the replicas have them.
    struct Unconfirmed
    {
        std::string key;             ///< of the last one: all are at one server
        std::vector<Written> behind; ///< for which the next WAIT is
        bool asking = false;
    };

    Reader &readerOf(const GatewayId &gateway);
    void askAgain(Reader &reader);
    void ask(Reader &reader);
    void unblock(Reader &reader);
    void answered(Reader &reader, const std::map<std::string, GatewayId> &asked, const RedisAnswer &answer);
    void lose(Reader &reader);
    void confirm(uint64_t connection, const std::string &key, Written written);
    void askReplicas(uint64_t connection);

    Redis &m_redis;
    const std::string m_prefix;
    const StreamLimits m_limits;
    StreamListener *m_listener = nullptr;
    std::array<std::unique_ptr<Reader>, redisShards>
        m_readers;                                 ///< by shard; on a single server only the first
    std::map<uint64_t, Unconfirmed> m_unconfirmed; ///< by connection
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); ///< for handlers that come when this has gone
};

} // namespace mws
