#include "cluster/redis_gateways.h"

#include "cluster/gateway_fields.h"
#include "mws/base/log.h"
#include "redis/redis_script.h"

#include <utility>

namespace mws {

namespace {

// Behind the head that is expected and a 1 if all other fields go: how many fields are set, their names and
// texts, and the names of those that are removed.
constexpr char writeSource[] = R"(
local head = redis.call('HGET', KEYS[1], 'head') or ''
if head ~= ARGV[1] then return 'outdated' end
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) end
local last = 3 + 2 * tonumber(ARGV[3])
for i = 4, last, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
for i = last + 1, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
return 'written'
)";

const RedisScript &writeScript()
{
    static const RedisScript script{writeSource};
    return script;
}

GatewayFieldsWritten writtenOf(const RedisAnswer &answer)
{
    if (answer.outcome == RedisAnswer::Outcome::NotSent)
        return GatewayFieldsWritten::Refused;
    const auto word = answer.good() ? answer.reply.string() : std::nullopt;
    if (word == "written")
        return GatewayFieldsWritten::Written;
    return word == "outdated" ? GatewayFieldsWritten::Outdated : GatewayFieldsWritten::Unknown;
}

} // namespace

RedisGateways::RedisGateways(Redis &redis, const std::string &prefix)
    : m_redis(redis), m_key("{" + prefix + ":gateways}:state")
{}

/// Redis answered with an error, which is said in the log.
bool RedisGateways::isRefused(const RedisAnswer &answer)
{
    const std::string error(answer.answered() ? answer.reply.errorCode() : std::string_view());
    if (!error.empty() && error != m_lastError)
        log(LogLevel::Warning, "Redis does not let gateways be read or written",
            {{"key", m_key}, {"reason", error}});
    m_lastError = error;
    return !error.empty();
}

void RedisGateways::readHead(std::function<void(std::optional<std::string>)> done)
{
    RedisCall call;
    call.args = {"HGET", m_key, headField};
    call.key = m_key;
    call.whenDown = RedisWhenDown::Fail;
    m_redis.command(std::move(call), [this, done = std::move(done)](const RedisAnswer &answer) {
        if (isRefused(answer) || !answer.good())
            return done(std::nullopt);
        done(std::string(answer.reply.string().value_or(std::string_view())));
    });
}

void RedisGateways::readAll(std::function<void(std::optional<GatewayFields>)> done)
{
    RedisCall call;
    call.args = {"HGETALL", m_key};
    call.key = m_key;
    call.whenDown = RedisWhenDown::Fail;
    m_redis.command(std::move(call), [this, done = std::move(done)](const RedisAnswer &answer) {
        if (isRefused(answer) || !answer.good())
            return done(std::nullopt);
        GatewayFields fields;
        const auto &elements = answer.reply.elements;
        for (size_t i = 0; i + 1 < elements.size(); i += 2)
            fields.emplace(elements[i].text, elements[i + 1].text);
        done(std::move(fields));
    });
}

void RedisGateways::write(GatewayFieldsWrite write, std::function<void(GatewayFieldsWritten)> done)
{
    RedisCall call;
    call.args = {m_key, std::move(write.expected), write.replace ? "1" : "0",
                 std::to_string(write.set.size())};
    for (auto &[name, text] : write.set) {
        call.args.push_back(name);
        call.args.push_back(std::move(text));
    }
    for (std::string &name : write.remove)
        call.args.push_back(std::move(name));
    call.whenDown = RedisWhenDown::Fail;
    m_redis.run(writeScript(), 1, std::move(call), [this, done = std::move(done)](const RedisAnswer &answer) {
        isRefused(answer);
        done(writtenOf(answer));
    });
}

} // namespace mws
