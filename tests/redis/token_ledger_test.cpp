#include "token_ledger_test.h"

namespace mws::test {

namespace {

using namespace std::chrono_literals;

} // namespace

TEST_F(TokenLedgerOnRedis, TokenIsSpentForAllNodes)
{
    const Reservation issued = reservation();
    EXPECT_EQ(reserve(*one, issued), "ok");
    EXPECT_EQ(rows(), "1");
    EXPECT_EQ(claim(*two, issued), "ok");
    EXPECT_EQ(rows(), "0");
    EXPECT_EQ(claim(*one, issued), spent);
    EXPECT_EQ(claim(*two, issued), spent);
    EXPECT_FALSE(revoke(*one, issued.socketId)); // it is no reservation any more
}

TEST_F(TokenLedgerOnRedis, MintedTokenIsSpentWithoutAReservation)
{
    const Reservation minted = reservation();
    EXPECT_EQ(claim(*one, minted), "ok");
    EXPECT_EQ(claim(*two, minted), spent);
    // It takes no other token's reservation away, though it names its socket.
    const Reservation issued = reservation();
    ASSERT_EQ(reserve(*one, issued), "ok");
    Reservation other = reservation();
    other.socketId = issued.socketId;
    EXPECT_EQ(claim(*two, other), "ok");
    EXPECT_EQ(rows(), "1");
    EXPECT_TRUE(revoke(*one, issued.socketId));
}

TEST_F(TokenLedgerOnRedis, RevokedTokenDoesNotOpen)
{
    const Reservation issued = reservation();
    EXPECT_FALSE(revoke(*two, issued.socketId));
    ASSERT_EQ(reserve(*one, issued), "ok");
    EXPECT_TRUE(revoke(*two, issued.socketId));
    EXPECT_FALSE(revoke(*one, issued.socketId));
    EXPECT_EQ(claim(*one, issued), spent);
    EXPECT_EQ(claim(*two, issued), spent);
    EXPECT_EQ(rows(), "0");
}

TEST_F(TokenLedgerOnRedis, FilterMatchesEveryMemberThatIsGiven)
{
    const auto add = [&](std::vector<Tag> tags, const std::string &user, std::chrono::seconds age = 0s) {
        Reservation made = reservation(std::move(tags), user);
        made.issuedAt -= age;
        EXPECT_EQ(reserve(*one, made), "ok");
        return made;
    };
    const Reservation room = add({"room", "x"}, "eva");
    const Reservation within = add({"5:room", "rooms", ""}, "eva2"); // looks like the tag, written down
    const Reservation old = add({"x", "room"}, "", 10s);
    const Reservation adam = add({}, "adam", 20s);
    ReservationFilter filter;
    filter.tag = "room";
    filter.user = "eva";
    EXPECT_EQ(revoke(*two, filter), 1u);
    EXPECT_EQ(claim(*one, room), spent);
    filter.user.reset();
    EXPECT_EQ(revoke(*two, filter), 1u);
    EXPECT_EQ(claim(*one, old), spent);
    EXPECT_EQ(revoke(*two, filter), 0u);
    filter.tag.reset();
    filter.issuedBefore = adam.issuedAt;
    EXPECT_EQ(revoke(*two, filter), 0u);
    filter.issuedBefore = adam.issuedAt + 1ms;
    EXPECT_EQ(revoke(*two, filter), 1u);
    EXPECT_EQ(claim(*one, adam), spent);
    EXPECT_EQ(rows(), "1");
    filter = {};
    filter.user = "eva2";
    filter.tag = "";
    EXPECT_EQ(revoke(*two, filter), 1u);
    EXPECT_EQ(claim(*two, within), spent);
}

TEST_F(TokenLedgerOnRedis, FilterGoesThroughThousandsAndCountsExactly)
{
    constexpr size_t count = 4500;
    std::vector<Reservation> issued;
    size_t answered = 0;
    for (size_t i = 0; i < count; ++i) {
        issued.push_back(reservation({i % 3 == 0 ? "third" : "other"}));
        one->reserve("g", issued.back(), noLimit, [&](const Result<void> &result) {
            EXPECT_TRUE(result);
            ++answered;
        });
    }
    ASSERT_TRUE(until([&] { return answered == count; }));
    // Rows go away while it looks at them, those on which it stands among them.
    std::optional<Result<size_t>> revoked;
    two->revoke("g", ReservationFilter{"third", {}, {}}, [&](Result<size_t> told) { revoked = told; });
    size_t claimed = 0;
    for (size_t i = 1; i < count; i += 3)
        one->claim("g", issued[i], [&](const Result<void> &result) { claimed += result ? 1 : 0; });
    ASSERT_TRUE(until([&] { return revoked && claimed == count / 3; }));
    EXPECT_EQ(**revoked, count / 3);
    EXPECT_EQ(rows(), std::to_string(count / 3));
    EXPECT_EQ(revoke(*two, ReservationFilter{}), count / 3);
    EXPECT_EQ(rows(), "0");
}

TEST_F(TokenLedgerOnRedis, EitherTheClaimOrTheRevocationWins)
{
    for (int round = 0; round < 200; ++round) {
        const Reservation issued = reservation();
        ASSERT_EQ(reserve(*one, issued), "ok");
        std::optional<bool> claimed;
        std::optional<bool> revoked;
        const auto claims = [&] {
            one->claim("g", issued, [&](const Result<void> &result) { claimed = result.has_value(); });
        };
        if (round % 2 == 0)
            claims();
        two->revoke("g", issued.socketId, [&](const Result<bool> &result) { revoked = result && *result; });
        if (round % 2 == 1)
            claims();
        ASSERT_TRUE(until([&] { return claimed && revoked; }));
        EXPECT_NE(*claimed, *revoked);
    }
}

TEST_F(TokenLedgerOnRedis, LimitCountsWhatIsOpenAtAllNodes)
{
    const std::string full = "The gateway has too many open reservations";
    EXPECT_EQ(reserve(*one, reservation(), 2), "ok");
    const Reservation second = reservation();
    EXPECT_EQ(reserve(*two, second, 2), "ok");
    EXPECT_EQ(reserve(*one, reservation(), 2), full);
    EXPECT_EQ(reserve(*two, reservation(), 2), full);
    EXPECT_EQ(claim(*two, second), "ok");
    EXPECT_EQ(reserve(*one, reservation(), 2), "ok");
    EXPECT_EQ(reserve(*one, reservation(), 2), full);
}

TEST_F(TokenLedgerOnRedis, WhatHasExpiredIsNotCountedAndGoes)
{
    const auto expired = [&](std::chrono::seconds since) {
        Reservation made = reservation({"all"});
        made.expiresAt = std::chrono::floor<std::chrono::seconds>(m_clock.wall()) - since;
        made.issuedAt = made.expiresAt - 5min;
        return made;
    };
    const Reservation late = expired(60s); // a node whose clock is behind may still open it
    EXPECT_EQ(reserve(*one, late, 1), "ok");
    for (int i = 0; i < 250; ++i)
        EXPECT_EQ(reserve(*one, expired(180s), 1), "ok");
    // Each call takes up to a hundred away, so that at most the last one and `late` are left.
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(reserve(*one, reservation({"all"}), 1), "ok");
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(revoke(*two, ReservationFilter{"all", {}, {}}), 1u); // it has one
    EXPECT_EQ(claim(*two, late), spent);
    EXPECT_EQ(rows(), "0");
}

TEST_F(TokenLedgerOnRedis, KeysGoByThemselves)
{
    const Reservation issued = reservation();
    ASSERT_EQ(reserve(*one, issued), "ok");
    Reservation shorter = reservation();
    shorter.expiresAt -= 4min;
    ASSERT_EQ(reserve(*one, shorter), "ok");
    ASSERT_EQ(claim(*one, issued), "ok");
    for (const std::string &name : {std::string("o"), std::string("e"), "j:" + issued.tokenId}) {
        const long left = std::stol(ask({"PTTL"}, name));
        EXPECT_GT(left, 14 * 60 * 1000) << name;
        EXPECT_LE(left, 15 * 60 * 1000 + 1000) << name;
    }
}

TEST_F(TokenLedgerOnRedis, RowThatMakesNoSenseIsDropped)
{
    for (const char *text : {"", "nonsense", "1 2 3", "99999999999999999999 1 1 1:ab", "1 1 1 1"}) {
        ask({"HSET", "field", text}, "o");
        ask({"ZADD", "99999999999999", "field"}, "e");
        EXPECT_EQ(revoke(*one, ReservationFilter{}), 0u) << text;
        EXPECT_EQ(rows(), "0") << text;
    }
    ask({"ZADD", "99999999999999", "field"}, "e"); // without its row
    EXPECT_EQ(revoke(*one, ReservationFilter{}), 0u);
    EXPECT_EQ(rows(), "0");
}

TEST_F(TokenLedgerOnRedis, DeletedGatewaysReservationsGo)
{
    ASSERT_EQ(reserve(*one, reservation()), "ok");
    one->forget("g");
    EXPECT_EQ(rows(), "0");
}

TEST_F(TokenLedgerOnRedis, SaysWhenRedisIsAway)
{
    const Reservation issued = reservation();
    ASSERT_EQ(reserve(*one, issued), "ok");
    redis.kill();
    const std::string away = "The broker cannot be reached";
    EXPECT_EQ(reserve(*one, reservation()), away);
    EXPECT_EQ(claim(*one, issued), away);
    const auto revoked = answerOf<Result<size_t>>(
        [&](std::function<void(Result<size_t>)> done) { one->revoke("g", ReservationFilter{}, done); });
    ASSERT_FALSE(revoked);
    EXPECT_EQ(revoked.error().code, ErrorCode::Unavailable);
    EXPECT_EQ(revoked.error().retryAfter, 1s);
    EXPECT_FALSE(m_log.has(issued.tokenId));
    EXPECT_FALSE(m_log.has(issued.socketId.string()));
}

TEST_F(TokenLedgerOnRedis, OpenReservationTakesFewBytes)
{
    const auto used = [&] {
        const std::string text = redis.ask({"INFO", "memory"});
        return std::stol(text.substr(text.find("used_memory:") + 12));
    };
    constexpr size_t count = 10000;
    const long before = used();
    size_t answered = 0;
    for (size_t i = 0; i < count; ++i)
        one->reserve("g", reservation({"room:1234", "users.42"}, "42"), noLimit,
                     [&](const Result<void> &result) { answered += result ? 1 : 0; });
    ASSERT_TRUE(until([&] { return answered == count; }));
    const long bytes = (used() - before) / long(count);
    RecordProperty("bytes", std::to_string(bytes));
    std::cout << "bytes of an open reservation in Redis: " << bytes << "\n";
    EXPECT_LT(bytes, 500);
}

/// In a Redis Cluster.
class TokenLedgerOnCluster : public TokenLedgerTest
{
protected:
    static void SetUpTestSuite() { s_cluster = std::make_unique<RedisClusterServers>(); }
    static void TearDownTestSuite() { s_cluster.reset(); }
    void SetUp() override { connect(s_cluster->url()); }
    static inline std::unique_ptr<RedisClusterServers> s_cluster;
};

TEST_F(TokenLedgerOnCluster, AllKeysOfAGatewayAreAtOneServer)
{
    const Reservation issued = reservation({"all"});
    const Reservation reused = reservation({"all"}, "eva", true);
    const Reservation third = reservation({"all"}, "eva");
    for (const Reservation &each : {issued, reused, third})
        ASSERT_EQ(reserve(*one, each), "ok");
    EXPECT_EQ(claim(*two, issued), "ok");
    EXPECT_EQ(claim(*one, issued), spent);
    EXPECT_EQ(claim(*two, reused), "ok");
    EXPECT_EQ(claim(*one, reused), inUse);
    two->giveBack("g", reused);
    EXPECT_TRUE(until([&] { return claim(*one, reused) == "ok"; }));
    EXPECT_EQ(revoke(*two, ReservationFilter{"all", "eva", {}}), 2u);
    EXPECT_EQ(claim(*one, third), spent);
    EXPECT_FALSE(revoke(*one, third.socketId));
    one->forget("g");
    EXPECT_EQ(rows(), "0");
}

} // namespace mws::test
