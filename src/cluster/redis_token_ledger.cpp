#include "cluster/redis_token_ledger.h"

#include "cluster/redis_keys.h"
#include "cluster/redis_token_scripts.h"
#include "cluster/token_row.h"
#include "mws/base/log.h"

#include <utility>
#include <vector>

namespace mws {

namespace {

/// How far the clocks of Redis and the nodes may be apart: a token is remembered for so long after its end.
constexpr std::chrono::minutes clockError{10};
/// How many open reservations a script looks at: some milliseconds.
constexpr size_t rowsOfSweep = 500;
constexpr size_t givenBackPerTick = 64;

Unexpected unavailable(const RedisAnswer &answer)
{
    if (logEnabled(LogLevel::Debug))
        log(LogLevel::Debug, "Redis does not answer for a token",
            {{"reason", answer.answered() ? answer.reply.text : answer.detail}});
    return Unexpected(temporarilyUnavailable("The broker cannot be reached"));
}

/// What a script says in one word.
Result<void> resultOf(const RedisAnswer &answer)
{
    const std::string_view word = answer.good() ? std::string_view(answer.reply.text) : std::string_view();
    if (word == "reserved" || word == "claimed")
        return {};
    if (word == "spent")
        return Unexpected(ErrorCode::InvalidToken, "The token is spent or revoked");
    if (word == "held")
        return Unexpected(ErrorCode::InvalidToken, "The token is in use");
    if (word == "known")
        return Unexpected(ErrorCode::Internal, "A socket of that id exists");
    return unavailable(answer);
}

std::string milliseconds(WallTime time)
{
    return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

std::string keptUntil(const Reservation &reservation)
{
    return milliseconds(reservation.expiresAt + clockError);
}

/// Whoever asks is told at once if the server cannot be reached, and may try again.
RedisCall callOf(std::vector<std::string> args)
{
    RedisCall call;
    call.args = std::move(args);
    call.whenDown = RedisWhenDown::Fail;
    return call;
}

Unexpected tooLong()
{
    return Unexpected(ErrorCode::InvalidData,
                      "The reservation is longer than " + std::to_string(maxTokenRowBytes) + " bytes");
}

} // namespace

/// A revocation by filter on its way through the open reservations.
struct RedisTokenLedger::Sweep
{
    std::vector<std::string> args; ///< without the last three
    std::string score;             ///< with `field`: the last one that was looked at
    std::string field;
    size_t revoked = 0;
    std::function<void(Result<size_t>)> done;
};

RedisTokenLedger::RedisTokenLedger(Redis &redis, std::string prefix, NodeId node, const Clock &clock)
    : m_redis(redis), m_prefix(std::move(prefix)), m_node(std::move(node)), m_clock(clock)
{}

RedisTokenLedger::~RedisTokenLedger()
{
    *m_alive = false;
}

std::string RedisTokenLedger::key(const GatewayId &gateway, std::string_view name) const
{
    return redisKey(m_prefix, gateway, name);
}

std::string RedisTokenLedger::tokenKey(const GatewayId &gateway, const std::string &tokenId) const
{
    return key(gateway, "j:" + tokenId);
}

void RedisTokenLedger::reserve(const GatewayId &gateway, const Reservation &reservation, uint64_t limit,
                               Done done)
{
    const auto row = tokenRow(reservation);
    if (!row)
        return done(tooLong());
    m_redis.run(reserveTokenScript(), 2,
                callOf({key(gateway, "o"), key(gateway, "e"), reservation.socketId.string(), *row,
                        std::to_string(limit)}),
                [done = std::move(done)](const RedisAnswer &answer) {
                    if (answer.good() && answer.reply.text == "full")
                        done(
                            Unexpected(ErrorCode::Unavailable, "The gateway has too many open reservations"));
                    else
                        done(resultOf(answer));
                });
}

void RedisTokenLedger::claim(const GatewayId &gateway, const Reservation &reservation, Done done)
{
    reservation.reuse ? hold(gateway, reservation, std::move(done))
                      : spend(gateway, reservation, std::move(done));
}

void RedisTokenLedger::spend(const GatewayId &gateway, const Reservation &reservation, Done done)
{
    m_redis.run(claimTokenScript(), 3,
                callOf({key(gateway, "o"), key(gateway, "e"), tokenKey(gateway, reservation.tokenId),
                        reservation.socketId.string(), reservation.tokenId, keptUntil(reservation)}),
                [done = std::move(done)](const RedisAnswer &answer) { done(resultOf(answer)); });
}

void RedisTokenLedger::hold(const GatewayId &gateway, const Reservation &reservation, Done done)
{
    const auto row = tokenRow(reservation);
    if (!row)
        return done(tooLong());
    const uint64_t number = ++m_lastClaim;
    const std::string name = gateway + " " + reservation.tokenId;
    m_held.insert_or_assign(name, Held{gateway, reservation.tokenId, number, reservation.expiresAt});
    m_redis.run(holdTokenScript(), 4,
                callOf({key(gateway, "o"), key(gateway, "e"), tokenKey(gateway, reservation.tokenId),
                        key(gateway, "n"), reservation.socketId.string(), reservation.tokenId,
                        keptUntil(reservation), m_node, std::to_string(number), *row}),
                [this, alive = m_alive, name, number, done = std::move(done)](const RedisAnswer &answer) {
                    if (*alive && answer.good() && answer.reply.text != "claimed")
                        if (const auto it = m_held.find(name);
                            it != m_held.end() && it->second.number == number)
                            m_held.erase(it);
                    if (answer.good() && answer.reply.text == "full")
                        done(Unexpected(ErrorCode::InvalidToken, "Too many tokens have that socket id"));
                    else
                        done(resultOf(answer));
                });
}

void RedisTokenLedger::giveBack(const GatewayId &gateway, const Reservation &reservation)
{
    if (auto held = m_held.extract(gateway + " " + reservation.tokenId))
        release(std::move(held.mapped()));
}

void RedisTokenLedger::release(Held held)
{
    RedisCall call = callOf({tokenKey(held.gateway, held.tokenId), m_node, std::to_string(held.number)});
    m_redis.run(giveTokenBackScript(), 1, std::move(call),
                [this, alive = m_alive, held = std::move(held)](const RedisAnswer &answer) {
                    if (*alive && !answer.good())
                        m_owed.push_back(held);
                });
}

void RedisTokenLedger::tick()
{
    if (m_owed.empty() || m_redis.state() != RedisState::Up)
        return;
    for (size_t i = std::min(m_owed.size(), givenBackPerTick); i > 0; --i) {
        Held held = std::move(m_owed.front());
        m_owed.pop_front();
        if (held.expiresAt + clockError > m_clock.wall())
            release(std::move(held));
    }
}

void RedisTokenLedger::revoke(const GatewayId &gateway, const SocketId &id,
                              std::function<void(Result<bool>)> done)
{
    m_redis.run(revokeTokenScript(), 2,
                callOf({key(gateway, "o"), key(gateway, "e"), id.string(), tokenKey(gateway, {})}),
                [done = std::move(done)](const RedisAnswer &answer) {
                    const auto revoked = answer.good() ? answer.reply.number() : std::nullopt;
                    revoked ? done(*revoked > 0) : done(unavailable(answer));
                });
}

void RedisTokenLedger::revoke(const GatewayId &gateway, const ReservationFilter &filter,
                              std::function<void(Result<size_t>)> done)
{
    auto made = std::make_shared<Sweep>();
    made->args = {key(gateway, "o"),        key(gateway, "e"),
                  tokenKey(gateway, {}),    filter.tag ? "1" : "0",
                  filter.tag.value_or(""),  filter.user ? "1" : "0",
                  filter.user.value_or(""), filter.issuedBefore ? milliseconds(*filter.issuedBefore) : ""};
    made->done = std::move(done);
    sweep(made);
}

void RedisTokenLedger::sweep(const std::shared_ptr<Sweep> &sweep)
{
    RedisCall call = callOf(sweep->args);
    call.args.insert(call.args.end(), {sweep->score, sweep->field, std::to_string(rowsOfSweep)});
    m_redis.run(revokeTokensScript(), 2, std::move(call),
                [this, alive = m_alive, sweep](const RedisAnswer &answer) {
                    const auto &parts = answer.reply.elements;
                    if (!*alive || !answer.good() || (parts.size() != 1 && parts.size() != 3))
                        return sweep->done(unavailable(answer));
                    sweep->revoked += size_t(parts[0].integer);
                    if (parts.size() == 1)
                        return sweep->done(sweep->revoked);
                    sweep->score = parts[1].text;
                    sweep->field = parts[2].text;
                    this->sweep(sweep);
                });
}

void RedisTokenLedger::forget(const GatewayId &gateway)
{
    RedisCall call;
    call.args = {"UNLINK", key(gateway, "o"), key(gateway, "e")};
    call.key = call.args[1];
    m_redis.command(std::move(call), [gateway](const RedisAnswer &answer) {
        if (!answer.good())
            log(LogLevel::Warning, "Redis keeps the reservations of a deleted gateway until they expire",
                {{"gateway", gateway}});
    });
}

} // namespace mws
