#include "cluster/redis_token_ledger.h"
#include "support/fake_clock.h"
#include "unit/cluster/held_redis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws::test {
namespace {

using ::testing::ElementsAre;

// What the scripts do is tested with a real Redis: tests/redis/token_ledger_test.cpp.
class RedisTokenLedgerTest : public ::testing::Test
{
protected:
    Reservation reservation(bool reuse = false) const
    {
        Reservation made;
        made.socketId = *SocketId::parse(std::string(32, 'a'));
        made.tokenId = "JTI";
        made.issuedAt = clock.wall();
        made.expiresAt = clock.wall() + std::chrono::minutes(5);
        made.reuse = reuse;
        return made;
    }
    TokenLedger::Done into()
    {
        return [this](const Result<void> &told) { result = told; };
    }
    void answer(RedisAnswer given)
    {
        const RedisHandler handler = std::move(redis.handlers.back());
        redis.handlers.pop_back();
        redis.calls.pop_back();
        handler(std::move(given));
    }
    static RedisAnswer word(std::string text)
    {
        return RedisAnswer::of(RedisReply::ofText(RedisReply::Kind::String, std::move(text)));
    }
    static RedisAnswer failed()
    {
        return RedisAnswer::of(RedisReply::ofText(RedisReply::Kind::Error, "OOM no memory"));
    }
    ErrorCode codeFor(RedisAnswer given, bool reuse = false)
    {
        ledger.claim("g", reservation(reuse), into());
        answer(std::move(given));
        return result->has_value() ? ErrorCode() : result->error().code;
    }

    FakeClock clock;
    HeldRedis redis;
    RedisTokenLedger ledger{redis, "mws", "node1", clock};
    std::optional<Result<void>> result;
};

TEST_F(RedisTokenLedgerTest, SaysWhatRedisSays)
{
    ledger.claim("g", reservation(), into());
    answer(word("claimed"));
    EXPECT_TRUE(result->has_value());
    EXPECT_EQ(codeFor(word("spent")), ErrorCode::InvalidToken);
    EXPECT_EQ(codeFor(word("held"), true), ErrorCode::InvalidToken);
    EXPECT_EQ(codeFor(word("full"), true), ErrorCode::InvalidToken);
    EXPECT_EQ(codeFor(word("nonsense")), ErrorCode::Unavailable);
    EXPECT_EQ(codeFor(failed()), ErrorCode::Unavailable);
    EXPECT_EQ(codeFor(RedisAnswer::unknown("the link broke")), ErrorCode::Unavailable);
    EXPECT_EQ(codeFor(RedisAnswer::notSent("down")), ErrorCode::Unavailable);
    ledger.reserve("g", reservation(), 1, into());
    answer(word("full"));
    EXPECT_EQ(result->error().detail, "The gateway has too many open reservations");
}

TEST_F(RedisTokenLedgerTest, ReservationThatIsTooLongIsRefusedWithoutRedis)
{
    Reservation large = reservation(true);
    large.tags = {std::string(9000, 'x')};
    ledger.reserve("g", large, 1, into());
    EXPECT_EQ(result->error().code, ErrorCode::InvalidData);
    ledger.claim("g", large, into());
    EXPECT_EQ(result->error().code, ErrorCode::InvalidData);
    EXPECT_TRUE(redis.calls.empty());
}

TEST_F(RedisTokenLedgerTest, GivesBackLaterWhatItCouldNotGiveBack)
{
    ledger.claim("g", reservation(true), into());
    answer(word("claimed"));
    EXPECT_EQ(ledger.held(), 1u);
    redis.up = false;
    ledger.giveBack("g", reservation(true));
    answer(RedisAnswer::notSent("down"));
    ledger.tick();
    EXPECT_TRUE(redis.calls.empty());
    redis.up = true;
    ledger.tick();
    ASSERT_EQ(redis.calls.size(), 1u);
    EXPECT_THAT(redis.calls[0].args, ElementsAre(::testing::EndsWith(":g:j:JTI"), "node1", "1"));
    answer(RedisAnswer::of(RedisReply::ofInteger(1)));
    EXPECT_EQ(ledger.held(), 0u);
    ledger.tick();
    EXPECT_TRUE(redis.calls.empty());
}

TEST_F(RedisTokenLedgerTest, WhatIsGivenBackLateNamesItsOwnClaim)
{
    for (int round = 0; round < 2; ++round) {
        ledger.claim("g", reservation(true), into());
        answer(word("claimed"));
        if (round == 0) {
            ledger.giveBack("g", reservation(true));
            answer(RedisAnswer::unknown("the link broke"));
        }
    }
    ledger.tick();
    EXPECT_EQ(redis.calls.back().args.back(), "1");
    answer(RedisAnswer::of(RedisReply::ofInteger(0)));
    ledger.giveBack("g", reservation(true));
    EXPECT_EQ(redis.calls.back().args.back(), "2");
}

TEST_F(RedisTokenLedgerTest, GivesNothingBackThatItHasNotClaimed)
{
    ledger.giveBack("g", reservation(true));
    EXPECT_EQ(codeFor(word("held"), true), ErrorCode::InvalidToken);
    ledger.giveBack("g", reservation(true));
    EXPECT_TRUE(redis.calls.empty());
    // Whether this one was done is not known.
    EXPECT_EQ(codeFor(RedisAnswer::unknown("the link broke"), true), ErrorCode::Unavailable);
    ledger.giveBack("g", reservation(true));
    EXPECT_EQ(redis.calls.size(), 1u);
}

TEST_F(RedisTokenLedgerTest, WhatHasExpiredIsNotGivenBack)
{
    ledger.claim("g", reservation(true), into());
    answer(word("claimed"));
    ledger.giveBack("g", reservation(true));
    answer(RedisAnswer::notSent("down"));
    clock.advance(std::chrono::minutes(16));
    ledger.tick();
    EXPECT_TRUE(redis.calls.empty());
    EXPECT_EQ(ledger.held(), 0u);
}

TEST_F(RedisTokenLedgerTest, RevokesStepByStepUntilTheEnd)
{
    std::optional<Result<size_t>> revoked;
    const auto take = [&](const Result<size_t> &told) { revoked = told; };
    const auto text = [](std::string value) {
        return RedisReply::ofText(RedisReply::Kind::String, std::move(value));
    };
    const auto part = [&] {
        return RedisAnswer::of(RedisReply::ofArray({RedisReply::ofInteger(3), text("17"), text("field")}));
    };
    ledger.revoke("g", ReservationFilter{"t", "", std::nullopt}, take);
    EXPECT_THAT(redis.calls.back().args,
                ElementsAre(::testing::EndsWith("g:o"), ::testing::EndsWith("g:e"),
                            ::testing::EndsWith("g:j:"), "1", "t", "1", "", "", "", "", "1000"));
    answer(part());
    EXPECT_FALSE(revoked);
    EXPECT_EQ(redis.calls.back().args[8], "17");
    EXPECT_EQ(redis.calls.back().args[9], "field");
    answer(RedisAnswer::of(RedisReply::ofArray({RedisReply::ofInteger(4)})));
    ASSERT_TRUE(revoked && *revoked);
    EXPECT_EQ(**revoked, 7u);
    ledger.revoke("g", ReservationFilter{"t", {}, {}}, take);
    answer(part());
    answer(RedisAnswer::unknown("the link broke"));
    ASSERT_FALSE(revoked->has_value());
    EXPECT_EQ(revoked->error().code, ErrorCode::Unavailable);
}

} // namespace
} // namespace mws::test
