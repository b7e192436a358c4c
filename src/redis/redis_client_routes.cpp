#include "redis/redis_client_private.h"

#include <algorithm>
#include <array>

namespace mws {

namespace {

constexpr std::chrono::milliseconds firstPause{50};
constexpr std::chrono::milliseconds longestPause{500};

/// Errors of a server that did nothing, and may do it in a moment.
constexpr std::array<std::string_view, 7> notNow{"TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN",
                                                 "READONLY", "UNBLOCKED",   "BUSY"};

size_t bytesOf(const RedisCall &call)
{
    size_t bytes = 64;
    for (const std::string &arg : call.args)
        bytes += arg.size() + 16;
    return bytes;
}

} // namespace

RedisClient::Private::Route &RedisClient::Private::route(uint16_t slot, uint32_t lane)
{
    Route &route = m_routes[RouteKey(lane) << 16 | slot];
    route.slot = slot;
    route.lane = lane;
    return route;
}

void RedisClient::Private::take(RedisErrandPointer errand)
{
    m_thread.check();
    errand->deadline = now() + errand->call.deadline.value_or(m_settings.replyTimeout + errand->call.blocks);
    errand->number = ++m_lastNumber;
    errand->bytes = bytesOf(errand->call);
    ++m_errands;
    m_bytes += errand->bytes;
    if (m_closed)
        return endLater(std::move(errand), "the connection to redis was closed");
    if (errand->call.args.empty())
        return endLater(std::move(errand), "a command without a name");
    if (m_errands > m_settings.queueCommands || m_bytes > m_settings.queueBytes)
        return endLater(std::move(errand), "too much waits for redis");
    Route &way = route(redisSlot(errand->call.key), errand->call.lane);
    way.waiting.push_back(std::move(errand));
    pump(way);
    if (!way.waiting.empty())
        keepTicking();
    forgetIfEmpty(way);
}

void RedisClient::Private::pumpAll()
{
    if (m_closed)
        return;
    for (auto it = m_routes.begin(); it != m_routes.end();) {
        Route &way = it->second;
        ++it; // it may be forgotten
        pump(way);
        forgetIfEmpty(way);
    }
}

void RedisClient::Private::pump(Route &way)
{
    while (!way.waiting.empty() && way.returned.empty() && now() >= way.pausedUntil && sendFirst(way)) {
    }
}

/// False: it has to wait, and all behind it.
bool RedisClient::Private::sendFirst(Route &way)
{
    const RedisErrandPointer &errand = way.waiting.front();
    const auto node = errand->asking ? errand->asking : serverOf(way.slot);
    Entry *entry = node ? &linkTo(*node, way.lane) : nullptr;
    if (!entry || entry->link->state() != RedisState::Up) {
        if (errand->call.whenDown == RedisWhenDown::Wait)
            return false;
        endLater(errand, "redis is not reachable");
        way.waiting.pop_front();
        return true;
    }
    // What another server still holds is older, and may come back.
    if (way.out > 0 && way.at != entry->link.get())
        return false;
    const RedisErrandPointer taken = std::move(way.waiting.front());
    way.waiting.pop_front();
    send(way, *entry, taken);
    return true;
}

void RedisClient::Private::send(Route &way, Entry &entry, const RedisErrandPointer &errand)
{
    RedisCall &call = errand->call;
    if (errand->script) {
        if (std::exchange(entry.connection, entry.link->connection()) != entry.link->connection())
            entry.scripts.clear();
        const bool fresh = entry.scripts.insert(errand->script->digest()).second;
        const bool whole = std::exchange(errand->sourceNeeded, false) || fresh;
        call.args[0] = whole ? "EVAL" : "EVALSHA";
        call.args[1] = whole ? errand->script->source() : errand->script->digest();
    }
    call.deadline = std::chrono::ceil<std::chrono::milliseconds>(errand->deadline - now());
    ++way.out;
    way.at = entry.link.get();
    RedisHandler handler = [this, key = keyOf(way), errand](RedisAnswer answer) {
        answered(key, errand, std::move(answer));
    };
    if (errand->asking)
        entry.link->commandAfter({"ASKING"}, call, std::move(handler));
    else
        entry.link->command(call, std::move(handler));
    errand->asking.reset();
}

void RedisClient::Private::answered(RouteKey key, const RedisErrandPointer &errand, RedisAnswer answer)
{
    Route &way = m_routes.at(key); // there while something of it is out
    --way.out;
    const bool closing = m_closed || m_closingLane == way.lane;
    const bool back = !closing && comesBack(way, *errand, answer);
    if (back)
        way.returned.push_back(errand);
    if (way.out == 0)
        gatherReturned(way);
    if (!closing)
        pump(way);
    if (!way.waiting.empty())
        keepTicking();
    forgetIfEmpty(way);
    if (!back)
        end(errand, std::move(answer));
}

/// Whether it is to be sent once more. If not, `answer` is what its handler is told.
bool RedisClient::Private::comesBack(Route &way, RedisErrand &errand, RedisAnswer &answer)
{
    if (answer.outcome == RedisAnswer::Outcome::Unknown)
        return false;
    const bool late = now() >= errand.deadline;
    if (answer.outcome == RedisAnswer::Outcome::NotSent) {
        const bool linkUp = way.at && way.at->state() == RedisState::Up; // then it was full
        return !late && !linkUp && errand.call.whenDown == RedisWhenDown::Wait;
    }
    if (!refused(way, errand, answer.reply))
        return false;
    if (late)
        answer = RedisAnswer::notSent("redis refused it: " + std::string(answer.reply.errorCode()));
    return !late;
}

/// Whether the server sent it back without doing it; then where and when to try again is noted.
bool RedisClient::Private::refused(Route &way, RedisErrand &errand, const RedisReply &reply)
{
    const std::string_view code = reply.errorCode();
    const bool pause = std::find(notNow.begin(), notNow.end(), code) != notNow.end();
    if (code == "NOSCRIPT" && errand.script) {
        errand.sourceNeeded = true;
    } else if (m_topology && way.at && (code == "MOVED" || code == "ASK")) {
        const auto redirection = parseRedirection(reply, way.at->node());
        if (!redirection)
            return false;
        if (code == "ASK") {
            errand.asking = redirection->node;
        } else {
            m_topology->move(redirection->slot, redirection->node);
            scout();
        }
    } else if (!pause) {
        return false;
    }
    ++errand.refusals;
    if (m_topology && pause)
        scout();
    if (pause || errand.refusals > 2)
        way.pausedUntil = now() + std::min(longestPause, firstPause * errand.refusals);
    return true;
}

/// Nothing is out any more: what came back goes to the front, in its order.
void RedisClient::Private::gatherReturned(Route &way)
{
    way.at = nullptr;
    std::sort(way.returned.begin(), way.returned.end(),
              [](const auto &a, const auto &b) { return a->number < b->number; });
    way.waiting.insert(way.waiting.begin(), way.returned.begin(), way.returned.end());
    way.returned.clear();
}

void RedisClient::Private::forgetIfEmpty(Route &way)
{
    if (way.out == 0 && way.waiting.empty() && way.returned.empty())
        m_routes.erase(keyOf(way));
}

/// Tells those whose time is over while they waited. True if others still wait.
bool RedisClient::Private::expireWaiting()
{
    const SteadyTime time = now();
    bool left = false;
    for (auto it = m_routes.begin(); it != m_routes.end();) {
        Route &way = it->second;
        ++it;
        std::erase_if(way.waiting, [&](const RedisErrandPointer &errand) {
            if (errand->deadline > time)
                return false;
            endLater(errand, "redis was not reachable in time");
            return true;
        });
        left = left || !way.waiting.empty();
        forgetIfEmpty(way);
    }
    return left;
}

void RedisClient::Private::end(const RedisErrandPointer &errand, RedisAnswer answer)
{
    --m_errands;
    m_bytes -= errand->bytes;
    if (const RedisHandler handler = std::move(errand->handler))
        handler(std::move(answer));
}

void RedisClient::Private::endLater(RedisErrandPointer errand, std::string why)
{
    m_endings.emplace_back(std::move(errand), std::move(why));
    if (m_endings.size() == 1)
        QMetaObject::invokeMethod(
            &q, [this] { deliverEndings(); }, Qt::QueuedConnection);
}

void RedisClient::Private::deliverEndings()
{
    for (auto &[errand, why] : std::exchange(m_endings, {}))
        end(errand, RedisAnswer::notSent(why));
}

/// Of one lane, or of all.
void RedisClient::Private::endWaiting(const std::optional<uint32_t> &lane, const std::string &why)
{
    for (auto it = m_routes.begin(); it != m_routes.end();) {
        Route &way = it->second;
        ++it;
        if (lane && way.lane != *lane)
            continue;
        gatherReturned(way);
        for (RedisErrandPointer &errand : std::exchange(way.waiting, {}))
            endLater(std::move(errand), why);
        forgetIfEmpty(way);
    }
    deliverEndings();
}

} // namespace mws
