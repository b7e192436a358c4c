#pragma once

#include "mws/domain/identifiers.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mws {

/// Over how many hash tags the keys of all gateways are spread.
inline constexpr uint32_t redisShards = 64;

uint32_t redisShardOf(const GatewayId &gateway);

/// `{PREFIX:SHARD}:GATEWAY:NAME`: all keys of a gateway have one hash tag, so that a script may touch any of
/// them in a Redis Cluster, too. Thread: any.
std::string redisKey(std::string_view prefix, const GatewayId &gateway, std::string_view name);

} // namespace mws
