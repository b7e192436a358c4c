#include "cluster/redis_token_scripts.h"

#include <initializer_list>
#include <string>
#include <utility>

namespace mws {

namespace {

// What several scripts begin with, each with no more than it needs: Lua makes its functions anew at each
// call.

constexpr char rows[] = R"(
local open, ends = KEYS[1], KEYS[2]
local function parse(text)
  local expires, issued, idSize, userSize, at = string.match(text or '', '^(%d+) (%d+) (%d+) (%d+):()')
  if not at or #expires > 11 then return nil end
  local user = at + idSize
  local tags = user + userSize
  return {expires = expires * 1000, issued = issued * 1000, id = string.sub(text, at, user - 1),
          user = string.sub(text, user, tags - 1), tags = tags}
end
local function drop(field)
  redis.call('HDEL', open, field)
  redis.call('ZREM', ends, field)
end
)";

constexpr char clock[] = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local clockError = 600000
local function integer(number) return string.format('%.0f', number) end
)";

// A row is kept for a while after its end, as a node whose clock is behind may still open it, and it must be
// possible to revoke it then.
constexpr char writing[] = R"(
local behind = 120000
local function put(field, text)
  local expires = parse(text).expires
  redis.call('HSET', open, field, text)
  redis.call('ZADD', ends, integer(expires), field)
  if redis.call('PTTL', open) < expires + clockError - now then
    redis.call('PEXPIREAT', open, integer(expires + clockError))
    redis.call('PEXPIREAT', ends, integer(expires + clockError))
  end
end
local old = redis.call('ZRANGEBYSCORE', ends, '-inf', integer(now - behind), 'LIMIT', 0, 100)
if #old > 0 then
  redis.call('HDEL', open, unpack(old))
  redis.call('ZREM', ends, unpack(old))
end
)";

constexpr char fields[] = R"(
local function fieldsOf(id)
  local fields = {id}
  for i = 1, 7 do fields[i + 1] = id .. '/' .. i end
  return fields
end
)";

constexpr char revoking[] = R"(
local function revoke(field, row, tokens)
  redis.call('SET', tokens .. row.id, '1', 'PXAT', integer(row.expires + clockError))
  drop(field)
  return row.expires > now and 1 or 0
end
)";

constexpr char reserve[] = R"(
if redis.call('ZCOUNT', ends, '(' .. integer(now), '+inf') >= tonumber(ARGV[3]) then return 'full' end
if redis.call('HEXISTS', open, ARGV[1]) == 1 then return 'known' end
put(ARGV[1], ARGV[2])
return 'reserved'
)";

constexpr char claim[] = R"(
if not redis.call('SET', KEYS[3], '1', 'NX', 'PXAT', ARGV[3]) then return 'spent' end
local row = parse(redis.call('HGET', open, ARGV[1]))
if row and row.id == ARGV[2] then drop(ARGV[1]) end
return 'claimed'
)";

// The claim has a lease of its own, as the registry may not have renewed the node's yet. As there, one that
// ends later than any can was written by another clock, before a failover.
constexpr char hold[] = R"(
local function lives(ends) return ends and ends > now and ends <= now + 30000 end
local held = redis.call('GET', KEYS[3])
if held then
  local node, lease = string.match(held, '^(%w+) %d+ (%d+)$')
  if not node then return 'spent' end
  if node ~= ARGV[4] and (lives(tonumber(lease))
      or lives(tonumber(redis.call('HGET', KEYS[4], node) or ''))) then return 'held' end
end
local fields = fieldsOf(ARGV[1])
local known, free = false, nil
for i, text in ipairs(redis.call('HMGET', open, unpack(fields))) do
  local row = parse(text)
  if row and row.id == ARGV[2] then known = true end
  if not row and not free then free = fields[i] end
end
if not known then
  if not free then return 'full' end
  put(free, ARGV[6])
end
redis.call('SET', KEYS[3], ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. integer(now + 15000), 'PXAT', ARGV[3])
return 'claimed'
)";

constexpr char giveBack[] = R"(
local held = redis.call('GET', KEYS[1])
if not held or string.match(held, '^(%w+ %d+) ') ~= ARGV[1] .. ' ' .. ARGV[2] then return 0 end
return redis.call('DEL', KEYS[1])
)";

constexpr char revokeOne[] = R"(
local revoked = 0
local fields = fieldsOf(ARGV[1])
for i, text in ipairs(redis.call('HMGET', open, unpack(fields))) do
  local row = parse(text)
  if row then revoked = revoked + revoke(fields[i], row, ARGV[2]) end
end
return revoked
)";

// Where to go on is a place in the order, not an element or a cursor of HSCAN: so neither a row that has gone
// since nor a failover makes it pass over another. A space sorts before all that follows a field in a name.
constexpr char revokeMany[] = R"(
local tokens, byTag, tag, byUser, user, before, score, after, most =
  ARGV[1], ARGV[2] == '1', ARGV[3], ARGV[4] == '1', ARGV[5], tonumber(ARGV[6]), ARGV[7], ARGV[8], tonumber(ARGV[9])
local function hasTag(text, at)
  while at <= #text do
    local size, from = string.match(text, '^(%d+):()', at)
    if not from then return false end
    at = from + size
    if string.sub(text, from, at - 1) == tag then return true end
  end
  return false
end
local first = 0
if score ~= '' then
  redis.call('ZADD', ends, score, after .. ' ')
  first = redis.call('ZRANK', ends, after .. ' ')
  redis.call('ZREM', ends, after .. ' ')
end
local found = redis.call('ZRANGE', ends, first, first + most - 1, 'WITHSCORES')
local fields = {}
for i = 1, #found, 2 do fields[#fields + 1] = found[i] end
if #fields == 0 then return {0} end
local revoked = 0
for i, text in ipairs(redis.call('HMGET', open, unpack(fields))) do
  local row = parse(text)
  if not row then
    drop(fields[i])
  elseif (not byUser or row.user == user) and (not before or row.issued < before)
      and (not byTag or hasTag(text, row.tags)) then
    revoked = revoked + revoke(fields[i], row, tokens)
  end
end
if #fields < most then return {revoked} end
return {revoked, found[#found], fields[#fields]}
)";

RedisScript scriptOf(std::initializer_list<const char *> parts)
{
    std::string source;
    for (const char *part : parts)
        source += part;
    return RedisScript(std::move(source));
}

} // namespace

const RedisScript &reserveTokenScript()
{
    static const RedisScript script = scriptOf({rows, clock, writing, reserve});
    return script;
}

const RedisScript &claimTokenScript()
{
    static const RedisScript script = scriptOf({rows, claim});
    return script;
}

const RedisScript &holdTokenScript()
{
    static const RedisScript script = scriptOf({rows, clock, writing, fields, hold});
    return script;
}

const RedisScript &giveTokenBackScript()
{
    static const RedisScript script{giveBack};
    return script;
}

const RedisScript &revokeTokenScript()
{
    static const RedisScript script = scriptOf({rows, clock, fields, revoking, revokeOne});
    return script;
}

const RedisScript &revokeTokensScript()
{
    static const RedisScript script = scriptOf({rows, clock, revoking, revokeMany});
    return script;
}

} // namespace mws
