#include "cluster/redis_registry_scripts.h"

namespace mws {

namespace {

// Live nodes but `self`. A lease that ends later than any can was written by another clock, before a
// failover. One that ended ten minutes ago is forgotten where that may be written.
constexpr char common[] = R"(
local longest = 30000
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)
local function live(self, forget)
  local all, found = redis.call('HGETALL', KEYS[1]), {}
  for i = 1, #all, 2 do
    local ends = tonumber(all[i + 1]) or 0
    if all[i] ~= self then
      if ends > now and ends <= now + longest then
        found[#found + 1] = all[i]
      elseif forget and now - ends > 600000 then
        redis.call('HDEL', KEYS[1], all[i])
        redis.call('HDEL', forget, all[i])
      end
    end
  end
  return found
end
local function rowOf(key, id)
  return redis.call('ZRANGEBYLEX', key, '[' .. id, '(' .. id .. '\255', 'LIMIT', 0, 1)[1]
end
)";

constexpr char writeOf[] = R"(
local leases, states, rows, marks = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local node, seq, after = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local lease, count = tonumber(ARGV[4]), tonumber(ARGV[5])
local state = redis.call('HGET', states, node)
local seen, held
if state then
  seen, held = string.match(state, '^(%d+) (%d+)$')
  seen, held = tonumber(seen), tonumber(held)
end
if seen and seen >= seq then return {'late'} end
if after == 0 then
  redis.call('UNLINK', rows, marks)
else
  local ends = tonumber(redis.call('HGET', leases, node) or '0')
  if not seen or seen < after or ends <= now or ends > now + longest
     or redis.call('ZCARD', rows) ~= held then
    redis.call('UNLINK', rows, marks)
    redis.call('HDEL', states, node)
    return {'lost'}
  end
end
local others = live(node, states)
local nodeAt = #rows - #node
local rowsOfOthers, marksOfOthers = string.sub(rows, 1, nodeAt), string.sub(marks, 1, nodeAt)
local marked = redis.call('SCARD', marks) > 0
local stamp = math.max(micros, tonumber(redis.call('HGET', states, '*') or '0') + 1)
local earlier, rivals = {}, {}
for i = 6, 3 + 3 * count, 3 do
  local id, own, body = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2]
  local old = rowOf(rows, id)
  if own == 0 then
    own = stamp
    if old and string.sub(old, 46, 52) == string.sub(body, 1, 7) then
      own = tonumber(string.sub(old, 33, 45), 16)
      earlier[#earlier + 1] = id
      earlier[#earlier + 1] = string.format('%.0f', own)
    end
  end
  if old then redis.call('ZREM', rows, old) end
  redis.call('ZADD', rows, 0, id .. string.format('%013x', own) .. body)
  if marked then redis.call('SREM', marks, id) end
  for _, other in ipairs(others) do
    local theirs = rowOf(rowsOfOthers .. other, id)
    if theirs then
      local at = tonumber(string.sub(theirs, 33, 45), 16) or 0
      local newer = at > own or (at == own and other > node)
      if not newer then
        redis.call('SADD', marksOfOthers .. other, id)
        redis.call('PEXPIRE', marksOfOthers .. other, 4 * lease)
      end
      rivals[#rivals + 1] = id
      rivals[#rivals + 1] = other
      rivals[#rivals + 1] = newer and 1 or 0
    end
  end
end
for i = 6 + 3 * count, #ARGV do
  local old = rowOf(rows, ARGV[i])
  if old then redis.call('ZREM', rows, old) end
  if marked then redis.call('SREM', marks, ARGV[i]) end
end
if count > 0 then redis.call('HSET', states, '*', string.format('%.0f', stamp)) end
redis.call('HSET', states, node, ARGV[2] .. ' ' .. redis.call('ZCARD', rows))
redis.call('HSET', leases, node, string.format('%.0f', now + lease))
redis.call('PEXPIRE', rows, 2 * lease)
redis.call('PEXPIRE', leases, 3600000)
redis.call('PEXPIRE', states, 3600000)
local contested = marked and redis.call('SRANDMEMBER', marks, 100) or {}
return {'done', string.format('%.0f', stamp), earlier, rivals, contested}
)";

// The state stays, so that a write that comes late does nothing.
constexpr char release[] = R"(
local state = redis.call('HGET', KEYS[2], ARGV[1])
if state and tonumber(string.match(state, '^%d+')) >= tonumber(ARGV[2]) then return {'late'} end
redis.call('UNLINK', KEYS[3], KEYS[4])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2] .. ' 0')
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], 3600000)
redis.call('PEXPIRE', KEYS[2], 3600000)
return {'done'}
)";

constexpr char list[] = R"(
local others = live(ARGV[1])
local limit, needle = tonumber(ARGV[3]), ARGV[4]
local each = math.max(1, math.floor(tonumber(ARGV[5]) / math.max(1, #others)))
local bytes = tonumber(ARGV[6]) / math.max(1, #others)
if limit > 0 and limit < each then each = limit end
local answer = {}
for _, other in ipairs(others) do
  local key = string.sub(KEYS[1], 1, -2) .. 'r:' .. other
  local found = redis.call('ZRANGEBYLEX', key, ARGV[2], '+', 'LIMIT', 0, each)
  local some, size = {}, 0
  local upTo = #found == each and string.sub(found[each], 1, 32) or ''
  for _, row in ipairs(found) do
    if needle == '' or string.find(row, needle, 46, true) then
      some[#some + 1] = row
      size = size + #row
      if size > bytes then
        upTo = string.sub(row, 1, 32)
        break
      end
    end
  end
  if upTo ~= '' or #some > 0 then answer[#answer + 1] = {upTo, some} end
end
return answer
)";

constexpr char find[] = R"(
local answer = {}
for _, other in ipairs(live(ARGV[1])) do
  local row = rowOf(string.sub(KEYS[1], 1, -2) .. 'r:' .. other, ARGV[2])
  if row then
    answer[#answer + 1] = other
    answer[#answer + 1] = row
  end
end
return answer
)";

constexpr char nodes[] = R"(
return live(ARGV[1])
)";

} // namespace

const RedisScript &registryWriteScript()
{
    static const RedisScript script{std::string(common) + writeOf};
    return script;
}

const RedisScript &registryReleaseScript()
{
    static const RedisScript script{std::string(common) + release};
    return script;
}

const RedisScript &registryListScript()
{
    static const RedisScript script{std::string(common) + list};
    return script;
}

const RedisScript &registryFindScript()
{
    static const RedisScript script{std::string(common) + find};
    return script;
}

const RedisScript &registryNodesScript()
{
    static const RedisScript script{std::string(common) + nodes};
    return script;
}

} // namespace mws
