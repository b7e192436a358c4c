#include "config/option.h"
#include "config/text_check.h"

#include <array>

namespace mws {

namespace {

using Service = ServiceConfig;
using Own = GatewayConfig;

constexpr int64_t minute = 60 * 1000;
constexpr int64_t mebibyte = 1024 * 1024;

constexpr std::array clusterWords{
    Word{"auto", int(RedisClusterMode::Auto)},
    Word{"on", int(RedisClusterMode::On)},
    Word{"off", int(RedisClusterMode::Off)},
};

// clang-format off
std::vector<Option> serverOptions()
{
    return {
        {.section = "redis", .key = "url", .defaultText = "\"\"", .secrecy = Secrecy::Secret, .variable = "REDIS_URL",
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.url; },
         .sentence = "`redis://user:password@host:port/database`, or `rediss://` for TLS; several hosts with commas between "
                     "them are nodes of one Redis Cluster, or servers that may take each other's place."},
        {.section = "redis", .key = "host", .type = OptionType::Host, .defaultText = "\"\"", .check = expectRedisHost,
         .variable = "REDIS_HOST", .slot = [](Service &s, Own &) -> Slot { return &s.redis.host; },
         .sentence = "The server, where there is no `url`."},
        {.section = "redis", .key = "port", .type = OptionType::Integer, .defaultText = "6379", .min = 1, .max = 65535,
         .variable = "REDIS_PORT", .slot = [](Service &s, Own &) -> Slot { return &s.redis.port; },
         .sentence = "Its port."},
        {.section = "redis", .key = "user", .defaultText = "\"\"", .check = expectName,
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.user; },
         .sentence = "The user (ACL); empty: Redis's `default`."},
        {.section = "redis", .key = "password", .defaultText = "\"\"", .check = expectRedisPassword,
         .secrecy = Secrecy::Secret, .variable = "REDIS_PASSWORD",
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.password; },
         .sentence = "The password, where `url` has none."},
        {.section = "redis", .key = "database", .type = OptionType::Integer, .defaultText = "0", .max = 1000000,
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.database; },
         .sentence = "The database, where `url` has none; a Redis Cluster has only 0."},
        {.section = "redis", .key = "tls", .type = OptionType::Flag, .defaultText = "false",
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.tls; },
         .sentence = "Whether TLS is spoken, as with `rediss://`."},
        {.section = "redis", .key = "ca_file", .type = OptionType::Path, .defaultText = "\"\"", .check = expectFile,
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.caFile; },
         .sentence = "PEM file with the authorities that sign the servers' certificates, read at each connection; empty: the "
                     "system's."},
        {.section = "redis", .key = "verify_certificate", .type = OptionType::Flag, .defaultText = "true",
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.verifyCertificate; },
         .sentence = "Whether the servers' certificates are checked; `false` is for tests, as anyone on the way could then "
                     "read and change everything."},
    };
}

std::vector<Option> linkOptions()
{
    return {
        {.section = "redis", .key = "cluster", .type = OptionType::Word, .defaultText = "\"auto\"",
         .words = clusterWords, .slot = [](Service &s, Own &) -> Slot { return &s.redis.cluster; },
         .sentence = "Whether the servers form a Redis Cluster; `auto` asks them."},
        {.section = "redis", .key = "client_name", .defaultText = "\"mws-gateway\"", .check = expectHeaderValue,
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.clientName; },
         .sentence = "The connections' name in Redis's CLIENT LIST."},
        {.section = "redis", .key = "connect_timeout", .type = OptionType::Duration, .defaultText = "\"2s\"",
         .unit = "seconds", .min = 50, .max = minute,
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.connectTimeout; },
         .sentence = "Longest time for a connection, TLS and password included; then the next attempt."},
        {.section = "redis", .key = "reply_timeout", .type = OptionType::Duration, .defaultText = "\"2s\"",
         .unit = "seconds", .min = 50, .max = minute,
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.replyTimeout; },
         .sentence = "Longest time for an answer; a server that owes one and is silent for that long counts as dead."},
        {.section = "redis", .key = "ping_interval", .type = OptionType::Duration, .defaultText = "\"2s\"",
         .unit = "seconds", .min = 50, .max = minute,
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.pingInterval; },
         .sentence = "Silence after which a server is asked for a sign of life."},
        {.section = "redis", .key = "queue_bytes", .type = OptionType::Size, .defaultText = "\"64MiB\"", .unit = "bytes",
         .min = mebibyte, .max = 16384 * mebibyte,
         .slot = [](Service &s, Own &) -> Slot { return &s.redis.queueBytes; },
         .sentence = "What may wait for Redis's answers; more is refused at once."},
    };
}

std::vector<Option> clusterOptions()
{
    return {
        {.section = "cluster", .key = "prefix", .defaultText = "\"mws\"", .check = expectGatewayId,
         .slot = [](Service &s, Own &) -> Slot { return &s.cluster.prefix; },
         .sentence = "With what all keys in Redis begin; nodes of one cluster have the same."},
        {.section = "cluster", .key = "stream_entries", .type = OptionType::Integer, .defaultText = "10000",
         .min = 100, .max = 10000000, .slot = [](Service &s, Own &) -> Slot { return &s.cluster.streamEntries; },
         .sentence = "Messages of each gateway that are kept for nodes whose link breaks."},
        {.section = "cluster", .key = "stream_age", .type = OptionType::Duration, .defaultText = "\"2m\"",
         .unit = "seconds", .min = 1000, .max = 60 * minute,
         .slot = [](Service &s, Own &) -> Slot { return &s.cluster.streamAge; },
         .sentence = "How long they are kept."},
        {.section = "cluster", .key = "wait_replicas", .type = OptionType::Integer, .defaultText = "0", .max = 16,
         .slot = [](Service &s, Own &) -> Slot { return &s.cluster.waitReplicas; },
         .sentence = "Replicas of Redis that must have a message before it is answered with success."},
    };
}
// clang-format on

} // namespace

std::vector<Option> redisOptions()
{
    std::vector<Option> all = serverOptions();
    for (const Option &option : linkOptions())
        all.push_back(option);
    for (const Option &option : clusterOptions())
        all.push_back(option);
    return all;
}

} // namespace mws
