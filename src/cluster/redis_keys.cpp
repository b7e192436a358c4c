#include "cluster/redis_keys.h"

namespace mws {

uint32_t redisShardOf(const GatewayId &gateway)
{
    uint32_t hash = 2166136261; // FNV-1a
    for (const char byte : gateway)
        hash = (hash ^ uint8_t(byte)) * 16777619;
    return hash % redisShards;
}

std::string redisKey(std::string_view prefix, const GatewayId &gateway, std::string_view name)
{
    std::string key = "{";
    key.append(prefix).append(":").append(std::to_string(redisShardOf(gateway))).append("}:");
    return key.append(gateway).append(":").append(name);
}

} // namespace mws
