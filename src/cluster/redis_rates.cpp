#include "cluster/redis_rates.h"

#include "cluster/redis_keys.h"
#include "mws/base/log.h"
#include "redis/redis_script.h"

#include <utility>

namespace mws {

namespace {

/// Fields of the hash, by GatewayRate.
constexpr std::array<const char *, gatewayRates> names{"messages", "reservations", "sockets"};

/// A token bucket for each rate, as TokenBucket is one, but for refusing. What was taken some time ago counts
/// from then: a bucket that was full then has been refilled since. Keys: the hash. Arguments for each rate:
/// name (empty: leave it alone), per second, taken, age in µs. Answers each one's debt in µs.
const RedisScript &script()
{
    static const RedisScript script{R"(
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local debts, longest = {}, 0
for i = 1, #ARGV, 4 do
  local name, debt = ARGV[i], 0
  if name ~= '' then
    local rate = tonumber(ARGV[i + 1]) / 1000000
    local missing = -rate * tonumber(ARGV[i + 3])
    local known = redis.call('HMGET', KEYS[1], name, name .. 'At')
    local before, at = tonumber(known[1] or ''), tonumber(known[2] or '')
    if before and at then missing = math.max(missing, before - rate * math.max(0, now - at)) end
    missing = missing + tonumber(ARGV[i + 2])
    redis.call('HSET', KEYS[1], name, string.format('%.6f', missing), name .. 'At', string.format('%.0f', now))
    debt = math.max(0, math.ceil(missing / rate))
  end
  longest = math.max(longest, debt)
  debts[#debts + 1] = debt
end
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', 60000 + longest / 1000))
return debts
)"};
    return script;
}

} // namespace

RedisRates::RedisRates(Redis &redis, std::string prefix) : m_redis(redis), m_prefix(std::move(prefix)) {}

RedisRates::~RedisRates()
{
    *m_alive = false;
}

void RedisRates::report(const GatewayId &gateway, const RateReport &report,
                        std::function<void(std::optional<RateDebts>)> done)
{
    RedisCall call;
    call.args = {redisKey(m_prefix, gateway, "q")};
    for (size_t i = 0; i < gatewayRates; ++i) {
        const RateReport::OfRate &rate = report.rates[i];
        call.args.insert(call.args.end(),
                         {rate.perSecond == 0 ? "" : names[i], std::to_string(rate.perSecond),
                          std::to_string(rate.taken), std::to_string(rate.age.count())});
    }
    call.whenDown = RedisWhenDown::Fail; // it is told again
    m_redis.run(script(), 1, std::move(call),
                [this, alive = m_alive, done = std::move(done)](const RedisAnswer &answer) {
                    if (*alive)
                        done(debtsOf(answer));
                });
}

std::optional<RateDebts> RedisRates::debtsOf(const RedisAnswer &answer)
{
    if (!answer.answered())
        return std::nullopt;
    RateDebts debts{};
    bool good = answer.reply.elements.size() == debts.size();
    for (size_t i = 0; good && i < debts.size(); ++i) {
        const auto number = answer.reply.elements[i].number();
        good = number && *number >= 0;
        debts[i] = std::chrono::microseconds(number.value_or(0));
    }
    const std::string reason = good                     ? std::string()
                               : answer.reply.isError() ? answer.reply.text
                                                        : "an answer that makes no sense";
    if (std::exchange(m_refusal, reason) != reason && !good)
        log(LogLevel::Warning, "Redis does not add up rates: each node keeps to them by itself",
            {{"reason", reason}});
    return good ? std::optional(debts) : std::nullopt;
}

} // namespace mws
