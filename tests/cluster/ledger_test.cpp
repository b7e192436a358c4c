#include "ledger.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace mws::test {

namespace {

using Answer = Ledger::Answer;

/// The accounts of one sender, whose messages were answered so, and one open socket, which got those.
std::unique_ptr<Ledger> accounts(const std::vector<Answer> &answers, const std::vector<uint32_t> &got)
{
    auto ledger = std::make_unique<Ledger>();
    ledger->addSender();
    ledger->addReader(std::chrono::steady_clock::now());
    for (const Answer answer : answers)
        ledger->answered(0, ledger->begin(0), answer);
    for (const uint32_t number : got)
        ledger->received(0, Ledger::text(0, number));
    return ledger;
}

} // namespace

TEST(Ledger, TakesWhatWasRefusedEitherWay)
{
    const auto ledger =
        accounts({Answer::Accepted, Answer::Refused, Answer::Unknown, Answer::Accepted}, {0, 3, 1});
    EXPECT_TRUE(ledger->waitUntilWhole());
    const Ledger::Balance balance = ledger->verify();
    EXPECT_EQ(balance.accepted, 2u);
    EXPECT_EQ(balance.refused, 1u);
    EXPECT_EQ(balance.unknown, 1u);
    EXPECT_EQ(balance.delivered, 3u);
}

TEST(Ledger, NoticesWhatIsMissing)
{
    EXPECT_FALSE(accounts({Answer::Accepted}, {})->waitUntilWhole(std::chrono::milliseconds(1)));
    EXPECT_NONFATAL_FAILURE(accounts({Answer::Accepted, Answer::Accepted}, {0})->verify(), "first 0.1");
}

TEST(Ledger, NoticesDoubles)
{
    EXPECT_NONFATAL_FAILURE(accounts({Answer::Refused}, {0, 0})->verify(), "doubles");
}

TEST(Ledger, NoticesAnotherOrder)
{
    EXPECT_NONFATAL_FAILURE(accounts({Answer::Accepted, Answer::Accepted}, {1, 0})->verify(),
                            "got 0.0 after 0.1");
}

TEST(Ledger, NoticesWhatNobodySent)
{
    EXPECT_NONFATAL_FAILURE(accounts({}, {0})->verify(), "nobody sent 0.0");
}

TEST(Ledger, SocketThatWasTold1012MayMissWhatWasSentBefore)
{
    const auto ledger = accounts({Answer::Accepted}, {});
    ledger->ended(0, 1012);
    ledger->answered(0, ledger->begin(0), Answer::Accepted);
    const Ledger::Balance balance = ledger->verify();
    EXPECT_EQ(balance.told1012, 1u);
    EXPECT_EQ(balance.lostTold, 1u);
}

TEST(Ledger, SocketMissesNothingOfBeforeItOpened)
{
    Ledger ledger;
    ledger.addSender();
    ledger.answered(0, ledger.begin(0), Answer::Accepted);
    ledger.addReader(std::chrono::steady_clock::now());
    EXPECT_TRUE(ledger.waitUntilWhole());
    ledger.verify();
}

} // namespace mws::test
