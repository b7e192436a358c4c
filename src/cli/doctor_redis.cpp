#include "cli/doctor.h"
#include "config/redis_config.h"
#include "mws/base/clock.h"
#include "mws/base/random.h"
#include "redis/redis_client.h"

#include <QEventLoop>
#include <algorithm>

namespace mws::cli {

namespace {

constexpr std::chrono::seconds patience{6};
constexpr int oldestRedis = 6;

/// The value of `KEY:VALUE` in what INFO answers.
std::string infoOf(const std::string &info, const std::string &key)
{
    const size_t at = ('\n' + info).find('\n' + key + ':');
    if (at == std::string::npos)
        return {};
    const size_t begin = at + key.size() + 1;
    return info.substr(begin, info.find_first_of("\r\n", begin) - begin);
}

RedisAnswer ask(RedisClient &redis, std::vector<std::string> words)
{
    QEventLoop loop;
    RedisAnswer result;
    RedisCall call;
    call.args = std::move(words);
    call.deadline = patience;
    redis.command(std::move(call), [&](RedisAnswer answer) {
        result = std::move(answer);
        loop.quit();
    });
    loop.exec();
    return result;
}

Check unreachable(const RedisSettings &settings, const RedisAnswer &answer)
{
    std::string places;
    for (const RedisNode &node : settings.nodes)
        places += (places.empty() ? "" : ", ") + node.text();
    const std::string why = answer.answered() ? answer.reply.text : answer.detail;
    return {"redis", Check::Status::Failed,
            "Redis at " + places + " does not take commands: " + printable(why) +
                "; this node is not ready without it",
            "Check that Redis runs there (redis-cli -h … ping), and REDIS_URL, or REDIS_HOST, REDIS_PORT and "
            "REDIS_PASSWORD."};
}

Check checkVersion(const std::string &info)
{
    const std::string version = infoOf(info, "redis_version");
    if (std::atoi(version.c_str()) >= oldestRedis)
        return Check::ok("redis", "it takes commands, version " + version);
    return {"redis", Check::Status::Warning, "version " + version + " is older than what is tested (6)",
            "Upgrade Redis."};
}

Check checkPolicy(const std::string &info)
{
    const std::string policy = infoOf(info, "maxmemory_policy");
    if (policy == "noeviction")
        return Check::ok("redis memory", "maxmemory-policy is noeviction");
    const bool isBounded = infoOf(info, "maxmemory") != "0";
    return {"redis memory", isBounded ? Check::Status::Failed : Check::Status::Warning,
            "maxmemory-policy is " + policy + ": what Redis throws out is missing until it is written again",
            "redis-cli config set maxmemory-policy noeviction, and the same in redis.conf."};
}

Check checkPersistence(const std::string &info)
{
    if (infoOf(info, "aof_enabled") == "1")
        return Check::ok("redis persistence", "appendonly is on");
    return {
        "redis persistence", Check::Status::Warning,
        "appendonly is off: when Redis restarts it has forgotten messages, reservations and what PUT stored "
        "since its last snapshot",
        "appendonly yes in redis.conf, unless a restart of Redis may cost that."};
}

Check checkPassword(const RedisSettings &settings)
{
    if (!settings.password.empty())
        return Check::ok("redis password", "it is set");
    const bool isLocal = std::all_of(settings.nodes.begin(), settings.nodes.end(), [](const RedisNode &node) {
        return node.host == "localhost" || node.host == "::1" || node.host.starts_with("127.");
    });
    if (isLocal)
        return Check::ok("redis password", "none is set, and Redis is on this machine");
    return {"redis password", Check::Status::Warning,
            "none is set, and Redis is on another machine: who reaches it can send messages to every socket",
            "requirepass in redis.conf, and REDIS_PASSWORD here."};
}

Check checkTime(const RedisAnswer &answer)
{
    if (!answer.good() || answer.reply.elements.size() != 2)
        return Check::skipped("clock against Redis", "Redis does not tell the time");
    const auto seconds = answer.reply.elements[0].number().value_or(0);
    return compareClock("clock against Redis", "Redis", WallTime(std::chrono::seconds(seconds)));
}

} // namespace

std::vector<Check> checkRedis(const Patient &patient)
{
    const auto settings = redisSettings(patient.config.redis);
    if (!settings || !settings->isOn())
        return {Check::skipped("redis", "none is configured: this node works alone")};
    const SystemClock clock;
    RedisClient redis(*settings, {clock, randomBelow});
    redis.start();
    const RedisAnswer info = ask(redis, {"INFO"});
    if (!info.good() || !info.reply.string())
        return {unreachable(*settings, info), checkPassword(*settings)};
    const std::string text(*info.reply.string());
    return {checkVersion(text), checkPolicy(text), checkPersistence(text), checkPassword(*settings),
            checkTime(ask(redis, {"TIME"}))};
}

} // namespace mws::cli
