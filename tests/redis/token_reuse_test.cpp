#include "token_ledger_test.h"

namespace mws::test {

using namespace std::chrono_literals;

TEST_F(TokenLedgerOnRedis, ReuseIsHeldByOneNodeAtATime)
{
    const Reservation issued = reservation({"all"}, {}, true);
    ASSERT_EQ(reserve(*one, issued), "ok");
    EXPECT_EQ(claim(*one, issued), "ok");
    EXPECT_EQ(claim(*two, issued), inUse);
    two->giveBack("g", issued); // which has not got it
    EXPECT_EQ(claim(*two, issued), inUse);
    one->giveBack("g", issued);
    ask({"TYPE"}, "o");
    EXPECT_EQ(claim(*two, issued), "ok");
    EXPECT_EQ(claim(*one, issued), inUse);
    EXPECT_EQ(rows(), "1"); // it can be revoked as long as it is good
    EXPECT_TRUE(revoke(*one, issued.socketId));
    two->giveBack("g", issued);
    EXPECT_EQ(claim(*two, issued), spent);
    EXPECT_EQ(claim(*one, issued), spent);
}

TEST_F(TokenLedgerOnRedis, ReuseIsHeldAsLongAsTheNodesLeaseLives)
{
    const Reservation issued = reservation({}, {}, true);
    const std::string name = "j:" + issued.tokenId;
    ASSERT_EQ(claim(*one, issued), "ok");
    // As if the claim's own lease were over.
    const std::string held = ask({"GET"}, name);
    ASSERT_THAT(held, testing::MatchesRegex("node1 1 [0-9]+"));
    ask({"SET", "node1 1 1"}, name);
    const auto leaseFor = [&](std::chrono::milliseconds time) {
        const auto ends = std::chrono::floor<std::chrono::milliseconds>(m_clock.wall() + time);
        ask({"HSET", "node1", std::to_string(ends.time_since_epoch().count())}, "n");
    };
    leaseFor(20s);
    EXPECT_EQ(claim(*two, issued), inUse);
    leaseFor(-1ms);
    EXPECT_EQ(claim(*two, issued), "ok");
    one->giveBack("g", issued); // late: another one has it
    ask({"TYPE"}, "o");
    EXPECT_EQ(claim(*one, issued), inUse);
}

TEST_F(TokenLedgerOnRedis, NodeThatCouldNotGiveBackTakesItAgain)
{
    const Reservation issued = reservation({}, {}, true);
    ASSERT_EQ(claim(*one, issued), "ok");
    EXPECT_EQ(claim(*one, issued), "ok");
    EXPECT_EQ(claim(*two, issued), inUse);
    one->giveBack("g", issued);
    ask({"TYPE"}, "o");
    EXPECT_EQ(claim(*two, issued), "ok");
}

TEST_F(TokenLedgerOnRedis, MintedReuseIsEnteredSoThatItCanBeRevoked)
{
    const Reservation minted = reservation({"all"}, {}, true);
    std::vector<Reservation> others;
    ASSERT_EQ(claim(*one, minted), "ok");
    EXPECT_EQ(rows(), "1");
    for (int i = 0; i < 8; ++i) {
        others.push_back(reservation({"all"}, {}, true));
        others.back().socketId = minted.socketId;
        EXPECT_EQ(claim(*one, others.back()), i < 7 ? "ok" : "Too many tokens have that socket id");
    }
    EXPECT_EQ(rows(), "8");
    one->giveBack("g", minted);
    ask({"TYPE"}, "o");
    EXPECT_EQ(claim(*two, minted), "ok");
    EXPECT_EQ(rows(), "8");
    EXPECT_TRUE(revoke(*two, minted.socketId));
    EXPECT_EQ(rows(), "0");
    EXPECT_EQ(claim(*two, minted), spent);
    for (int i = 0; i < 7; ++i)
        EXPECT_EQ(claim(*two, others[i]), spent);
}

} // namespace mws::test
