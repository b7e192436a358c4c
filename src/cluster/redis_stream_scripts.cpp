#include "cluster/redis_stream_scripts.h"

namespace mws {

namespace {

// The head keeps the last sequence and nonce. Where it is lost and the stream is not (an eviction), the
// stream says them, so that an id is never lower than the one before.
constexpr char position[] = R"(
local function last()
  local head = redis.call('HMGET', KEYS[2], 'seq', 'nonce')
  if head[1] then return tonumber(head[1]), head[2] end
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  if newest then return tonumber(string.match(newest[1], '^%d+')), newest[2][2] end
  return 0, '0'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
)";

// A mark is made every eighth of the age: what the stream's end was then. XTRIM goes by the marks, as ids are
// sequences and not times.
constexpr char append[] = R"(
local keep, age, life = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if life > 0 then
  local known = redis.call('GET', KEYS[4])
  if known and known ~= ARGV[6] then return {'conflict'} end
  if known then
    if ARGV[7] == '1' then redis.call('SET', KEYS[4], known, 'KEEPTTL') end
    return {'repeated'}
  end
end
local seq, previous = last()
seq = seq + 1
local text = string.format('%.0f', seq)
redis.call('XADD', KEYS[1], 'MAXLEN', '~', keep, text .. '-0', 'n', ARGV[1], 'p', previous,
           't', string.format('%.0f', now), 'm', ARGV[2])
redis.call('HSET', KEYS[2], 'seq', text, 'nonce', ARGV[1])
if life > 0 then redis.call('SET', KEYS[4], ARGV[6], 'PX', life) end
local newest = redis.call('LINDEX', KEYS[3], -1)
if not newest or now - tonumber(string.match(newest, '^%d+')) >= age / 8 then
  redis.call('RPUSH', KEYS[3], string.format('%.0f', now) .. ' ' .. text)
  local oldest = redis.call('LINDEX', KEYS[3], 0)
  local before
  while oldest and now - tonumber(string.match(oldest, '^%d+')) > age do
    before = string.match(oldest, '%d+$')
    redis.call('LPOP', KEYS[3])
    oldest = redis.call('LINDEX', KEYS[3], 0)
  end
  if before then redis.call('XTRIM', KEYS[1], 'MINID', before .. '-0') end
  redis.call('PEXPIRE', KEYS[1], age * 2)
  redis.call('PEXPIRE', KEYS[3], age * 2)
  redis.call('PEXPIRE', KEYS[2], 7 * 24 * 3600 * 1000)
end
return {'written', text, ARGV[1]}
)";

constexpr char read[] = R"(
local seq, nonce = last()
local text = string.format('%.0f', seq)
local clock = string.format('%.0f', now)
if ARGV[1] == '' then return {text, nonce, clock, 0, {}} end
local most, bytes = tonumber(ARGV[2]), tonumber(ARGV[3])
local found = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1] .. '-0', '+', 'COUNT', most)
local some, size = {}, 0
for i, entry in ipairs(found) do
  size = size + #entry[2][8]
  if i > 1 and size > bytes then break end
  some[i] = entry
end
local more = (#some < #found or #found == most) and 1 or 0
return {text, nonce, clock, more, some}
)";

} // namespace

const RedisScript &appendScript()
{
    static const RedisScript script{std::string(position) + append};
    return script;
}

const RedisScript &readScript()
{
    static const RedisScript script{std::string(position) + read};
    return script;
}

} // namespace mws
