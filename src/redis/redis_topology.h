#pragma once

#include "redis/redis_reply.h"
#include "redis/redis_settings.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mws {

constexpr uint16_t redisSlots = 16384;

/// CRC16-CCITT (XMODEM), as Redis Cluster's specification has it.
uint16_t redisCrc16(std::string_view bytes);
/// Of what stands in the first `{…}` of `key` if that is not empty, else of all of it.
uint16_t redisSlot(std::string_view key);

/// Which server of a cluster has which slots. A value.
class RedisTopology
{
public:
    /// From the reply to CLUSTER SLOTS of `asked`, whose host stands for those that the cluster does not
    /// name. Nothing if it is not such a reply, or names no server.
    static std::optional<RedisTopology> fromClusterSlots(const RedisReply &reply, const RedisNode &asked);

    /// Null if nobody has the slot. Precondition: slot < redisSlots.
    const RedisNode *primary(uint16_t slot) const;
    /// What MOVED says.
    void move(uint16_t slot, const RedisNode &node);
    /// Each once.
    std::vector<RedisNode> primaries() const;
    /// Those and the replicas, each once.
    const std::vector<RedisNode> &servers() const { return m_nodes; }
    bool isComplete() const; ///< each slot has a primary

private:
    static constexpr uint16_t nobody = 0xFFFF;
    uint16_t indexOf(const RedisNode &node);
    bool addRange(const RedisReply &range, const RedisNode &asked);

    RedisTopology() { m_owners.fill(nobody); }

    std::vector<RedisNode> m_nodes;
    std::array<uint16_t, redisSlots> m_owners; ///< places in m_nodes
};

/// What `MOVED 3999 127.0.0.1:6381` and `ASK …` say. Nothing if the error is neither, or malformed.
struct RedisRedirection
{
    uint16_t slot = 0;
    RedisNode node;
};
std::optional<RedisRedirection> parseRedirection(const RedisReply &error, const RedisNode &asked);

} // namespace mws
