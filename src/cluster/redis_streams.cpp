#include "cluster/redis_streams.h"

#include "base/number_text.h"
#include "cluster/redis_stream_scripts.h"
#include "mws/base/log.h"

#include <charconv>
#include <utility>

namespace mws {

namespace {

/// How long the server holds an XREAD back that has nothing to say.
constexpr std::chrono::milliseconds blockTime{5000};
constexpr size_t entriesOfPush = 32;
/// Of what waits for replicas: behind those of the readers.
constexpr uint32_t confirmedLane = redisShards + 1;
constexpr size_t entriesOfRead = 256;
constexpr size_t bytesOfRead = 4 << 20;

std::string hexadecimal(uint64_t number)
{
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

std::optional<uint64_t> numberIn(const RedisReply &reply, int base)
{
    const auto text = reply.string();
    return text ? numberOf<uint64_t>(*text, base) : std::nullopt;
}

std::optional<StreamPosition> positionOf(const RedisReply &sequence, const RedisReply &nonce)
{
    const auto number = numberIn(sequence, 10);
    const auto random = numberIn(nonce, 16);
    if (!number || !random)
        return std::nullopt;
    return StreamPosition{*number, *random};
}

/// Of `[id, [n, …, p, …, t, …, m, …]]`, as appendScript() writes it. `now`: 0 for one that was pushed.
std::optional<StreamEntry> entryOf(const RedisReply &reply, uint64_t now)
{
    if (reply.elements.size() != 2 || reply.elements[1].elements.size() != 8)
        return std::nullopt;
    const std::string_view id = reply.elements[0].text;
    const auto &fields = reply.elements[1].elements;
    const auto sequence = numberOf<uint64_t>(id.substr(0, id.find('-')), 10);
    const auto nonce = numberIn(fields[1], 16);
    const auto previous = numberIn(fields[3], 16);
    const auto written = numberIn(fields[5], 10);
    if (!sequence || !nonce || !previous || !written)
        return std::nullopt;
    const uint64_t age = now > *written ? now - *written : 0;
    return StreamEntry{{*sequence, *nonce}, *previous, fields[7].text, std::chrono::milliseconds(age)};
}

std::optional<StreamRead> readOf(const RedisReply &reply)
{
    if (reply.elements.size() != 5)
        return std::nullopt;
    const auto last = positionOf(reply.elements[0], reply.elements[1]);
    const auto now = numberIn(reply.elements[2], 10);
    if (!last || !now)
        return std::nullopt;
    StreamRead read;
    read.last = *last;
    read.more = reply.elements[3].integer == 1;
    for (const RedisReply &element : reply.elements[4].elements) {
        auto entry = entryOf(element, *now);
        if (!entry)
            return std::nullopt;
        read.entries.push_back(*std::move(entry));
    }
    return read;
}

StreamAppended appendedOf(const RedisAnswer &answer)
{
    using Outcome = StreamAppended::Outcome;
    if (answer.outcome == RedisAnswer::Outcome::Unknown)
        return {Outcome::Unknown, {}, answer.detail};
    if (answer.outcome == RedisAnswer::Outcome::NotSent)
        return {Outcome::Refused, {}, answer.detail};
    const RedisReply &reply = answer.reply;
    if (reply.isError()) // a script that fails half-way has done what it did until then
        return {Outcome::Unknown, {}, reply.text};
    const std::string_view word = reply.elements.empty() ? std::string_view() : reply.elements[0].text;
    if (word == "repeated")
        return {Outcome::Repeated, {}, {}};
    if (word == "conflict")
        return {Outcome::Conflict, {}, {}};
    if (word == "written" && reply.elements.size() == 3)
        if (const auto position = positionOf(reply.elements[1], reply.elements[2]))
            return {Outcome::Written, *position, {}};
    return {Outcome::Unknown, {}, "an answer that makes no sense"};
}

} // namespace

RedisStreams::RedisStreams(Redis &redis, std::string prefix, StreamLimits limits)
    : m_redis(redis), m_prefix(std::move(prefix)), m_limits(limits)
{}

RedisStreams::~RedisStreams()
{
    *m_alive = false;
}

std::string RedisStreams::key(const GatewayId &gateway, std::string_view name) const
{
    return redisKey(m_prefix, gateway, name);
}

bool RedisStreams::isUp(const GatewayId &gateway) const
{
    return m_redis.isUp(key(gateway, "s"));
}

void RedisStreams::redisStateChanged()
{
    if (!m_listener)
        return;
    m_redis.state() == RedisState::Up ? m_listener->storeUp() : m_listener->storeDown();
}

void RedisStreams::append(StreamAppend append, std::function<void(StreamAppended)> done)
{
    const bool named = !append.idempotencyId.empty();
    const std::string stream = key(append.gateway, "s");
    RedisCall call;
    call.args = {stream,
                 key(append.gateway, "h"),
                 key(append.gateway, "t"),
                 key(append.gateway, named ? "i:" + append.idempotencyId : "i"),
                 hexadecimal(append.nonce),
                 std::move(append.body),
                 std::to_string(m_limits.entries),
                 std::to_string(m_limits.age.count()),
                 std::to_string(named ? m_limits.idLife.count() : 0),
                 std::move(append.digest)};
    const bool confirms = m_limits.replicas > 0;
    call.args.emplace_back(confirms ? "1" : "0");
    if (confirms) {
        call.lane = confirmedLane;
        call.blocks = m_limits.replicaTimeout; // a WAIT may be before it
    }
    if (!confirms || !m_redis.isUp(stream))
        call.whenDown = RedisWhenDown::Fail; // who posts is told at once, and may try again
    m_redis.run(
        appendScript(), 4, std::move(call),
        [this, alive = m_alive, stream, confirms, done = std::move(done)](const RedisAnswer &answer) mutable {
            StreamAppended appended = appendedOf(answer);
            const bool isThere = appended.outcome == StreamAppended::Outcome::Written ||
                                 appended.outcome == StreamAppended::Outcome::Repeated;
            if (*alive && confirms && isThere)
                confirm(answer.connection, stream, {std::move(appended), std::move(done)});
            else
                done(std::move(appended));
        });
}

/// WAIT goes by what its own connection has written; and it holds that connection up. So all that were
/// written since the last WAIT wait together, and nothing else goes over this connection.
void RedisStreams::confirm(uint64_t connection, const std::string &key, Written written)
{
    Unconfirmed &unconfirmed = m_unconfirmed[connection];
    unconfirmed.key = key;
    unconfirmed.behind.push_back(std::move(written));
    if (!unconfirmed.asking)
        askReplicas(connection);
}

void RedisStreams::askReplicas(uint64_t connection)
{
    Unconfirmed &unconfirmed = m_unconfirmed[connection];
    RedisCall call;
    call.args = {"WAIT", std::to_string(m_limits.replicas), std::to_string(m_limits.replicaTimeout.count())};
    call.key = unconfirmed.key;
    call.lane = confirmedLane;
    call.blocks = m_limits.replicaTimeout;
    call.whenDown = RedisWhenDown::Fail;
    unconfirmed.asking = true;
    m_redis.command(std::move(call), [this, alive = m_alive, connection, needed = m_limits.replicas,
                                      batch = std::exchange(unconfirmed.behind, {})](
                                         const RedisAnswer &answer) mutable {
        const auto replicas = answer.good() ? answer.reply.number() : std::nullopt;
        const bool confirmed = replicas && *replicas >= int64_t(needed) &&
                               answer.connection == connection; // another one has written nothing of it
        for (Written &one : batch)
            one.done(confirmed
                         ? std::move(one.appended)
                         : StreamAppended{StreamAppended::Outcome::Unknown, {}, "too few replicas have it"});
        if (!*alive)
            return;
        Unconfirmed &left = m_unconfirmed[connection];
        left.asking = false;
        if (left.behind.empty())
            m_unconfirmed.erase(connection);
        else
            askReplicas(connection);
    });
}

void RedisStreams::read(const GatewayId &gateway, std::optional<StreamPosition> after,
                        std::function<void(std::optional<StreamRead>)> done)
{
    RedisCall call;
    call.args = {key(gateway, "s"), key(gateway, "h"),
                 after ? std::to_string(after->sequence) : std::string(), std::to_string(entriesOfRead),
                 std::to_string(bytesOfRead)};
    m_redis.run(readScript(), 2, std::move(call), [done = std::move(done)](const RedisAnswer &answer) {
        done(answer.good() ? readOf(answer.reply) : std::nullopt);
    });
}

RedisStreams::Reader &RedisStreams::readerOf(const GatewayId &gateway)
{
    const uint32_t index = m_redis.isCluster().value_or(false) ? redisShardOf(gateway) : 0;
    std::unique_ptr<Reader> &reader = m_readers[index];
    if (!reader) {
        reader = std::make_unique<Reader>();
        reader->lane = index + 1;
    }
    return *reader;
}

void RedisStreams::follow(const GatewayId &gateway, const StreamPosition &after)
{
    Reader &reader = readerOf(gateway);
    reader.after[gateway] = after.sequence;
    askAgain(reader);
}

void RedisStreams::unfollow(const GatewayId &gateway)
{
    for (const auto &reader : m_readers)
        if (reader && reader->after.erase(gateway) > 0)
            askAgain(*reader);
}

/// With what is followed now: at once, if the server holds an older question.
void RedisStreams::askAgain(Reader &reader)
{
    if (reader.asking)
        unblock(reader);
    else
        ask(reader);
}

void RedisStreams::unblock(Reader &reader)
{
    if (reader.after.empty() || std::exchange(reader.unblocking, true))
        return;
    m_redis.unblock(key(reader.after.begin()->first, "s"), reader.lane,
                    [this, alive = m_alive, &reader](bool unblocked) {
                        if (!*alive || !std::exchange(reader.unblocking, false))
                            return;
                        if (!unblocked && reader.asking)
                            unblock(reader); // it was on its way, in one of the directions
                    });
}

void RedisStreams::ask(Reader &reader)
{
    if (reader.after.empty())
        return;
    reader.asking = true;
    std::map<std::string, GatewayId> asked;
    RedisCall call;
    call.args = {"XREAD",  "COUNT", std::to_string(entriesOfPush), "BLOCK", std::to_string(blockTime.count()),
                 "STREAMS"};
    std::vector<std::string> ids;
    for (const auto &[gateway, sequence] : reader.after) {
        call.args.push_back(key(gateway, "s"));
        ids.push_back(std::to_string(sequence) + "-0");
        asked.emplace(call.args.back(), gateway);
    }
    call.key = asked.begin()->first;
    call.args.insert(call.args.end(), ids.begin(), ids.end());
    call.lane = reader.lane;
    call.blocks = blockTime;
    m_redis.command(std::move(call),
                    [this, alive = m_alive, &reader, asked = std::move(asked)](const RedisAnswer &answer) {
                        if (*alive)
                            answered(reader, asked, answer);
                    });
}

void RedisStreams::answered(Reader &reader, const std::map<std::string, GatewayId> &asked,
                            const RedisAnswer &answer)
{
    reader.asking = false;
    reader.unblocking = false;
    if (!answer.good()) {
        if (answer.answered())
            log(LogLevel::Warning, "Redis does not let streams be read", {{"reason", answer.reply.text}});
        return lose(reader);
    }
    for (const RedisReply &stream : answer.reply.elements) {
        const auto gateway =
            asked.find(stream.elements.size() == 2 ? stream.elements[0].text : std::string());
        if (gateway == asked.end())
            continue;
        for (const RedisReply &element : stream.elements[1].elements) {
            const auto followed = reader.after.find(gateway->second);
            if (followed == reader.after.end())
                break; // not any more
            auto entry = entryOf(element, 0);
            if (!entry)
                continue; // the next one does not follow: the stream is read, and the reader told what is
                          // wrong
            followed->second = entry->position.sequence;
            m_listener->pushed(gateway->second, *std::move(entry));
        }
    }
    if (!reader.asking)
        ask(reader);
}

/// The question was not answered: whoever is followed must look for itself, and follow again.
void RedisStreams::lose(Reader &reader)
{
    for (const auto &[gateway, after] : std::exchange(reader.after, {}))
        m_listener->pushesLost(gateway);
}

} // namespace mws
