#pragma once

#include "cluster/node_post.h"
#include "redis/redis.h"

#include <memory>
#include <string>

namespace mws {

/// Each node's inbox is a stream in Redis, `{PREFIX:node-NODE}:inbox`, which senders trim by length (10,000
/// letters) and age (20 s), and its owner by what it has read. It is gone a minute after the last of both.
///
/// The owner reads by a script, which says how old each letter is by Redis's clock, and waits for the next
/// one with XREAD BLOCK, on a connection of its own. After a failure it reads on where it was; where Redis
/// has lost what was read already, from what is there then.
///
/// Thread: one, with an event loop.
class RedisNodePost final : public NodePost
{
public:
    /// Reads the letters to `self`. `prefix` of all keys, e.g. `mws`. `redis` outlives this.
    RedisNodePost(Redis &redis, std::string prefix, NodeId self);
    ~RedisNodePost() override;

    void setListener(NodePostListener *listener) override { m_listener = listener; }
    void send(const NodeId &to, std::string letter, std::function<void(Sent)> done) override;

    /// Begins to read, also after a failure. Call it several times a second.
    void tick();

    std::string inbox(const NodeId &node) const;
    /// Its connection's number; those below are RedisStreams's.
    static constexpr uint32_t lane = 100;

private:
    void read();
    void haveRead(const RedisAnswer &answer);
    void deliver(const RedisReply &entry, int64_t now);
    void wait();
    void failed(const RedisAnswer &answer);

    Redis &m_redis;
    const std::string m_prefix;
    const NodeId m_self;
    NodePostListener *m_listener = nullptr;
    std::string m_position{"0-0"}; ///< id of the last letter that was delivered
    bool m_reading = false;        ///< something is asked
    bool m_failing = false;        ///< Redis answers with errors, and the log has said so
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); ///< for handlers that come when this has gone
};

} // namespace mws
