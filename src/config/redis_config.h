#pragma once

#include "mws/base/result.h"
#include "redis/redis_settings.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace mws {

/// [redis], as it was written. Holds secrets.
struct RedisConfig
{
    std::string url;
    std::string host;
    uint16_t port = 6379;
    std::string user;
    std::string password;
    uint32_t database = 0;
    bool tls = false;
    std::filesystem::path caFile;
    bool verifyCertificate = true;
    RedisClusterMode cluster = RedisClusterMode::Auto;
    std::string clientName = "mws-gateway";
    std::chrono::milliseconds connectTimeout{2000};
    std::chrono::milliseconds replyTimeout{2000};
    std::chrono::milliseconds pingInterval{2000};
    uint64_t queueBytes = 64 << 20;
    friend bool operator==(const RedisConfig &, const RedisConfig &) = default;
};

/// What the link needs of it; without servers if neither a URL nor a host is set. Errors: InvalidData, whose
/// property is the key that is wrong; no value in it.
Result<RedisSettings> redisSettings(const RedisConfig &config);

} // namespace mws
