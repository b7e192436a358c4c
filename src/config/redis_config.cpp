#include "config/redis_config.h"

#include "mws/base/secret.h"

namespace mws {

namespace {

Unexpected bad(std::string key, std::string what)
{
    return Unexpected(ErrorCode::InvalidData, std::move(what), std::move(key));
}

Result<RedisSettings> withoutUrl(const RedisConfig &config)
{
    RedisSettings settings;
    if (config.host.empty())
        return settings;
    const bool bracketed = config.host.starts_with('[');
    settings.nodes = {{bracketed ? config.host.substr(1, config.host.size() - 2) : config.host, config.port}};
    settings.tls = config.tls;
    settings.user = config.user;
    settings.password = config.password;
    settings.database = config.database;
    return settings;
}

/// The URL says all but what it left out.
Result<RedisSettings> withUrl(const RedisConfig &config)
{
    auto settings = parseRedisUrl(config.url);
    if (!settings)
        return bad("url", settings.error().detail);
    if (!config.host.empty())
        return bad("host", "of no use beside redis.url: unset one of them");
    if (!settings->password.empty() && !config.password.empty() &&
        !SecretDigest(settings->password).matches(config.password))
        return bad("password", "differs from the one in redis.url: unset one of them");
    if (!settings->user.empty() && !config.user.empty() && settings->user != config.user)
        return bad("user", "differs from the one in redis.url: unset one of them");
    if (settings->database != 0 && config.database != 0 && settings->database != config.database)
        return bad("database", "differs from the one in redis.url: unset one of them");
    if (settings->password.empty())
        settings->password = config.password;
    if (settings->user.empty())
        settings->user = config.user;
    if (settings->database == 0)
        settings->database = config.database;
    settings->tls = settings->tls || config.tls;
    return settings;
}

} // namespace

Result<RedisSettings> redisSettings(const RedisConfig &config)
{
    auto settings = config.url.empty() ? withoutUrl(config) : withUrl(config);
    if (!settings || !settings->isOn())
        return settings;
    if (!settings->user.empty() && settings->password.empty())
        return bad("user", "needs redis.password, which is not set");
    if (config.cluster == RedisClusterMode::On && settings->database != 0)
        return bad("database", "a Redis Cluster has only database 0");
    if (!config.caFile.empty() && !settings->tls)
        return bad("ca_file", "of no use without TLS: set redis.tls, or write rediss:// in redis.url");
    settings->caFile = config.caFile;
    settings->verifyCertificate = config.verifyCertificate;
    settings->cluster = config.cluster;
    settings->clientName = config.clientName;
    settings->connectTimeout = config.connectTimeout;
    settings->replyTimeout = config.replyTimeout;
    settings->pingInterval = config.pingInterval;
    settings->queueBytes = config.queueBytes;
    return settings;
}

} // namespace mws
