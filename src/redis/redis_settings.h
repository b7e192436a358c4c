#pragma once

#include "mws/base/result.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// Where a Redis server listens.
struct RedisNode
{
    std::string host; ///< a name or a numeric address, IPv6 without brackets
    uint16_t port = 6379;

    std::string text() const; ///< `host:port`, IPv6 in brackets
    friend auto operator<=>(const RedisNode &, const RedisNode &) = default;
};

/// Whether the servers form a Redis Cluster. Auto: the first one that answers is asked.
enum class RedisClusterMode { Auto, On, Off };

/// How Redis is reached. Holds a secret: never logged whole.
struct RedisSettings
{
    std::vector<RedisNode> nodes; ///< tried one after the other; of a cluster any few; empty: no Redis
    bool tls = false;
    std::string user; ///< empty: Redis's user `default`
    std::string password;
    uint32_t database = 0;         ///< 0 in a cluster
    std::filesystem::path caFile;  ///< PEM: who signs the servers' certificates; empty: the system's list
    bool verifyCertificate = true; ///< false: any certificate, for tests and closed networks
    std::string clientName;        ///< for CLIENT LIST; empty: none
    RedisClusterMode cluster = RedisClusterMode::Auto;
    std::chrono::milliseconds connectTimeout{2000}; ///< from the first SYN to the answered greeting
    std::chrono::milliseconds replyTimeout{2000};   ///< for an answer, and for any byte when one is due
    std::chrono::milliseconds pingInterval{
        2000};                     ///< silence after which the server is asked for a sign of life
    size_t queueCommands = 200000; ///< unanswered, of each link
    size_t queueBytes = 64 << 20;  ///< unanswered, of each link
    size_t replyBytes = 64 << 20;  ///< longest reply

    bool isOn() const { return !nodes.empty(); }
    friend bool operator==(const RedisSettings &, const RedisSettings &) = default;
};

/// `redis://[[user]:password@]host[:port][,host[:port]…][/database]`, or `rediss://` for TLS. User, password
/// and host may be percent-encoded, IPv6 stands in brackets. Several hosts are nodes of one cluster, or one
/// server and those that may take its place.
/// Errors: InvalidData, with what was wrong and never a part of the text, as that may be the secret.
Result<RedisSettings> parseRedisUrl(std::string_view url);

} // namespace mws
