#include "cluster/redis_node_post.h"

#include "mws/base/log.h"
#include "redis/redis_script.h"

#include <algorithm>
#include <utility>

namespace mws {

namespace {

/// How long the server holds an XREAD back that has nothing to say.
constexpr std::chrono::milliseconds blockTime{5000};
constexpr size_t lettersOfInbox = 10000;
constexpr size_t lettersOfRead = 32; // each may have a mebibyte, which the script holds
constexpr size_t bytesOfRead = 4 << 20;
constexpr std::chrono::milliseconds inboxLife{60000};
/// Nobody delivers older ones.
constexpr auto letterLife = NodePost::longestAge + std::chrono::milliseconds(5000);

// Key: inbox. Arguments: letter, letters to keep, age in ms, life of the inbox in ms.
constexpr char sendText[] = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 't', string.format('%.0f', now), 'm', ARGV[1])
redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', now - ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
)";

// Key: inbox. Arguments: id of the last letter that was read, most letters, most bytes, life of the inbox in
// ms. Answers {id from which it reads on, now in ms, whether there are more, [[id, [fields…]]…]}. If the
// inbox has never come so far as what was read, it is another one, or Redis lost some: it goes on from its
// end, as what it has may have been read.
constexpr char readText[] = R"(
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local time = redis.call('TIME')
local clock = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local after, last = ARGV[1], '0-0'
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] end
  end
end
local ms, seq = parts(after)
local lastMs, lastSeq = parts(last)
if lastMs < ms or (lastMs == ms and lastSeq < seq) then
  after, ms, seq = last, lastMs, lastSeq
end
redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f-%.0f', ms, seq + 1))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local most, bytes = tonumber(ARGV[2]), tonumber(ARGV[3])
local found = redis.call('XRANGE', KEYS[1], '(' .. after, '+', 'COUNT', most)
local some, size = {}, 0
for i, entry in ipairs(found) do
  size = size + #(entry[2][4] or '')
  if i > 1 and size > bytes then break end
  some[i] = entry
end
local more = (#some < #found or #found == most) and 1 or 0
return {after, clock, more, some}
)";

const RedisScript &sendScript()
{
    static const RedisScript script{sendText};
    return script;
}

const RedisScript &readScript()
{
    static const RedisScript script{readText};
    return script;
}

NodePost::Sent sentOf(const RedisAnswer &answer)
{
    if (answer.good())
        return NodePost::Sent::Yes;
    // A script that fails half-way has done what it did until then.
    return answer.outcome == RedisAnswer::Outcome::NotSent ? NodePost::Sent::No : NodePost::Sent::Unknown;
}

} // namespace

RedisNodePost::RedisNodePost(Redis &redis, std::string prefix, NodeId self)
    : m_redis(redis), m_prefix(std::move(prefix)), m_self(std::move(self))
{}

RedisNodePost::~RedisNodePost()
{
    *m_alive = false;
}

std::string RedisNodePost::inbox(const NodeId &node) const
{
    return "{" + m_prefix + ":node-" + node + "}:inbox";
}

void RedisNodePost::send(const NodeId &to, std::string letter, std::function<void(Sent)> done)
{
    if (letter.size() > longestLetter) {
        log(LogLevel::Error, "a letter to another node is too long",
            {{"node", to}, {"bytes", uint64_t(letter.size())}, {"most", uint64_t(longestLetter)}});
        return done(Sent::TooLong);
    }
    RedisCall call;
    call.args = {inbox(to), std::move(letter), std::to_string(lettersOfInbox),
                 std::to_string(letterLife.count()), std::to_string(inboxLife.count())};
    call.whenDown = RedisWhenDown::Fail; // who asks is told at once, and may try again
    m_redis.run(sendScript(), 1, std::move(call), [to, done = std::move(done)](const RedisAnswer &answer) {
        if (answer.answered() && answer.reply.isError())
            log(LogLevel::Warning, "Redis does not take a letter to another node",
                {{"node", to}, {"reason", answer.reply.text}});
        done(sentOf(answer));
    });
}

void RedisNodePost::tick()
{
    if (!m_reading && m_redis.isUp(inbox(m_self)))
        read();
}

void RedisNodePost::read()
{
    m_reading = true;
    RedisCall call;
    call.args = {inbox(m_self), m_position, std::to_string(lettersOfRead), std::to_string(bytesOfRead),
                 std::to_string(inboxLife.count())};
    call.lane = lane;
    m_redis.run(readScript(), 1, std::move(call), [this, alive = m_alive](const RedisAnswer &answer) {
        if (*alive)
            haveRead(answer);
    });
}

void RedisNodePost::haveRead(const RedisAnswer &answer)
{
    const auto &parts = answer.reply.elements;
    const auto now = answer.good() && parts.size() == 4 ? parts[1].number() : std::nullopt;
    if (!now)
        return failed(answer);
    m_failing = false;
    if (parts[0].text != m_position)
        log(LogLevel::Warning, "Redis has lost letters of other nodes",
            {{"read", m_position}, {"last", parts[0].text}});
    m_position = parts[0].text;
    for (const RedisReply &entry : parts[3].elements)
        deliver(entry, *now);
    parts[2].integer == 1 ? read() : wait();
}

void RedisNodePost::deliver(const RedisReply &entry, int64_t now)
{
    if (entry.elements.size() != 2)
        return;
    m_position = entry.elements[0].text; // before anything else: it is not delivered again
    const auto &fields = entry.elements[1].elements;
    const auto written = fields.size() == 4 ? fields[1].number() : std::nullopt;
    if (!written || !m_listener)
        return;
    const std::chrono::milliseconds age(std::max<int64_t>(now - *written, 0));
    if (age <= longestAge)
        m_listener->letterCame(std::string(fields[3].text), age);
}

/// Until there is something to read.
void RedisNodePost::wait()
{
    RedisCall call;
    call.args = {"XREAD",   "COUNT",       "1",       "BLOCK", std::to_string(blockTime.count()),
                 "STREAMS", inbox(m_self), m_position};
    call.key = inbox(m_self);
    call.lane = lane;
    call.blocks = blockTime;
    m_redis.command(std::move(call), [this, alive = m_alive](const RedisAnswer &answer) {
        if (*alive)
            answer.good() ? read() : failed(answer);
    });
}

/// tick() tries again.
void RedisNodePost::failed(const RedisAnswer &answer)
{
    m_reading = false;
    if (answer.answered() && !std::exchange(m_failing, true))
        log(LogLevel::Warning, "Redis does not let letters of other nodes be read",
            {{"reason", answer.reply.isError() ? answer.reply.text : "an answer that makes no sense"}});
}

} // namespace mws
