#pragma once

#include "cluster/redis_keys.h"
#include "cluster/redis_token_ledger.h"
#include "redis/redis_client.h"
#include "redis_test.h"

#include <algorithm>

namespace mws::test {

constexpr uint64_t noLimit = 1000000;

/// Two nodes of one ledger, each with a connection of its own.
class TokenLedgerTest : public RedisTest
{
protected:
    /// At `url`.
    void connect(const std::string &url)
    {
        for (auto &client : clients) {
            client = std::make_unique<RedisClient>(settings(url), surroundings());
            client->start();
        }
        ASSERT_TRUE(until([&] {
            return std::all_of(clients.begin(), clients.end(),
                               [](const auto &client) { return client->state() == RedisState::Up; });
        })) << m_log.text();
        one = std::make_unique<RedisTokenLedger>(*clients[0], "mws", "node1", m_clock);
        two = std::make_unique<RedisTokenLedger>(*clients[1], "mws", "node2", m_clock);
    }

    Reservation reservation(std::vector<Tag> tags = {}, std::string user = {}, bool reuse = false) const
    {
        Reservation made;
        made.socketId = SocketId::random();
        made.tokenId = randomAlphanumeric(22);
        made.tags = std::move(tags);
        made.user = std::move(user);
        made.reuse = reuse;
        made.issuedAt = std::chrono::floor<std::chrono::seconds>(m_clock.wall());
        made.expiresAt = made.issuedAt + std::chrono::minutes(5);
        return made;
    }

    template <typename Answer, typename Ask>
    static Answer answerOf(Ask ask)
    {
        std::optional<Answer> answer;
        ask([&](Answer told) { answer = std::move(told); });
        EXPECT_TRUE(until([&] { return answer.has_value(); }));
        return answer.value_or(Unexpected(ErrorCode::Internal, "no answer"));
    }
    /// The answer in words: `ok`, or the error's detail.
    static std::string wordOf(const Result<void> &result) { return result ? "ok" : result.error().detail; }

    static std::string reserve(TokenLedger &ledger, const Reservation &reservation, uint64_t limit = noLimit)
    {
        return wordOf(answerOf<Result<void>>(
            [&](TokenLedger::Done done) { ledger.reserve("g", reservation, limit, std::move(done)); }));
    }
    static std::string claim(TokenLedger &ledger, const Reservation &reservation)
    {
        return wordOf(answerOf<Result<void>>(
            [&](TokenLedger::Done done) { ledger.claim("g", reservation, std::move(done)); }));
    }
    static bool revoke(TokenLedger &ledger, const SocketId &id)
    {
        const auto result = answerOf<Result<bool>>(
            [&](std::function<void(Result<bool>)> done) { ledger.revoke("g", id, std::move(done)); });
        EXPECT_TRUE(result);
        return result && *result;
    }
    static size_t revoke(TokenLedger &ledger, const ReservationFilter &filter)
    {
        const auto result = answerOf<Result<size_t>>(
            [&](std::function<void(Result<size_t>)> done) { ledger.revoke("g", filter, std::move(done)); });
        EXPECT_TRUE(result);
        return result ? *result : SIZE_MAX;
    }
    /// Answers one of the first client's connection; commands before it on that lane are done then.
    std::string ask(std::vector<std::string> args, const std::string &name)
    {
        RedisCall call;
        call.key = key(name);
        args.insert(args.begin() + 1, call.key);
        call.args = std::move(args);
        const RedisReply reply = RedisTest::ask(*clients[0], std::move(call)).reply;
        return reply.kind == RedisReply::Kind::Integer ? std::to_string(reply.integer) : reply.text;
    }
    static std::string key(const std::string &name) { return redisKey("mws", "g", name); }
    std::string rows()
    {
        const std::string count = ask({"HLEN"}, "o");
        EXPECT_EQ(ask({"ZCARD"}, "e"), count);
        return count;
    }

    std::array<std::unique_ptr<RedisClient>, 2> clients;
    std::unique_ptr<RedisTokenLedger> one;
    std::unique_ptr<RedisTokenLedger> two;
};

inline const std::string spent = "The token is spent or revoked";
inline const std::string inUse = "The token is in use";

/// On one server.
class TokenLedgerOnRedis : public TokenLedgerTest
{
protected:
    void SetUp() override { connect(redis.url()); }
    RedisServer redis;
};

} // namespace mws::test
