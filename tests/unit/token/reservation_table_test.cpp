#include "token/reservation_table.h"

#include "token_test_data.h"

#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace mws {

using namespace std::chrono_literals;
using test::makeReservation;

namespace {

class RecordingObserver final : public ReservationObserver
{
public:
    void reserved(const GatewayId &gateway, const Reservation &reservation) override
    {
        events.push_back("reserved " + gateway + " " + reservation.tokenId);
    }
    void ended(const GatewayId &gateway, const std::string &tokenId, WallTime) override
    {
        events.push_back("ended " + gateway + " " + tokenId);
    }
    void forgotten(const GatewayId &gateway) override { events.push_back("forgotten " + gateway); }
    std::vector<std::string> events;
};

} // namespace

struct ReservationTableTest : testing::Test
{
    test::FakeClock clock;
    RecordingObserver observer;
    ReservationTable table{clock, &observer};
    Gateway gateway = test::makeGateway();

    Reservation added(Reservation reservation)
    {
        EXPECT_TRUE(table.add(gateway, reservation));
        return reservation;
    }
    Reservation reusable(std::string tokenId = "token-1")
    {
        Reservation reservation = makeReservation(clock, std::move(tokenId));
        reservation.reuse = true;
        return reservation;
    }
    bool claims(const Reservation &reservation) { return table.claim(gateway, reservation).has_value(); }
};

TEST_F(ReservationTableTest, OpensASingleUseTokenOnce)
{
    const Reservation reservation = added(makeReservation(clock));
    EXPECT_TRUE(claims(reservation));
    table.release(gateway, reservation);
    const auto second = table.claim(gateway, reservation);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::InvalidToken);
    EXPECT_EQ(table.open(gateway.id), 0u);
}

TEST_F(ReservationTableTest, OpensATokenThatABackendMintedOnce)
{
    const Reservation minted = makeReservation(clock);
    EXPECT_TRUE(claims(minted));
    EXPECT_FALSE(claims(minted));
    EXPECT_THAT(observer.events, testing::ElementsAre("ended default token-1"));
}

TEST_F(ReservationTableTest, OpensAReusableTokenOneSocketAtATime)
{
    const Reservation reservation = added(reusable());
    EXPECT_TRUE(claims(reservation));
    EXPECT_FALSE(claims(reservation));
    table.release(gateway, reservation);
    EXPECT_TRUE(claims(reservation));
    EXPECT_EQ(table.open(gateway.id), 1u);
}

TEST_F(ReservationTableTest, OpensAMintedReusableTokenAgainToo)
{
    const Reservation minted = reusable();
    EXPECT_TRUE(claims(minted));
    EXPECT_FALSE(claims(minted));
    table.release(gateway, minted);
    EXPECT_TRUE(claims(minted));
    EXPECT_TRUE(table.revoke(gateway, minted.socketId));
    table.release(gateway, minted);
    EXPECT_FALSE(claims(minted));
    EXPECT_EQ(table.open(gateway.id), 0u);
}

TEST_F(ReservationTableTest, RefusesARevokedTokenUntilItExpires)
{
    const Reservation reservation = added(makeReservation(clock));
    EXPECT_TRUE(table.revoke(gateway, reservation.socketId));
    EXPECT_FALSE(table.revoke(gateway, reservation.socketId));
    table.expire();
    EXPECT_FALSE(claims(reservation));
    clock.advance(5min - 1s);
    table.expire();
    EXPECT_FALSE(claims(reservation));
}

TEST_F(ReservationTableTest, KnowsNoReservationOfASpentToken)
{
    const Reservation reservation = added(makeReservation(clock));
    EXPECT_TRUE(claims(reservation));
    EXPECT_FALSE(table.revoke(gateway, reservation.socketId));
}

TEST_F(ReservationTableTest, RevokesAHeldTokenBeforeItIsConfirmed)
{
    for (const Reservation &reservation : {added(makeReservation(clock)), added(reusable("token-2"))}) {
        EXPECT_TRUE(table.hold(gateway, reservation));
        EXPECT_FALSE(claims(reservation));
        EXPECT_TRUE(table.revoke(gateway, reservation.socketId));
        EXPECT_FALSE(table.confirm(gateway, reservation));
        table.release(gateway, reservation);
        EXPECT_FALSE(claims(reservation));
    }
    EXPECT_EQ(table.open(gateway.id), 0u);
    EXPECT_THAT(observer.events, testing::ElementsAre("reserved default token-1", "reserved default token-2",
                                                      "ended default token-1", "ended default token-2"));
}

TEST_F(ReservationTableTest, SpendsAHeldTokenThatIsNotConfirmed)
{
    const Reservation reservation = added(makeReservation(clock));
    EXPECT_TRUE(table.hold(gateway, reservation));
    table.release(gateway, reservation);
    EXPECT_FALSE(claims(reservation));
    EXPECT_EQ(table.open(gateway.id), 0u);
}

TEST_F(ReservationTableTest, RefusesAnExpiredTokenAlsoAfterItWasDropped)
{
    const Reservation spent = added(makeReservation(clock, "spent"));
    const Reservation open = added(makeReservation(clock, "open"));
    EXPECT_TRUE(claims(spent));
    clock.advance(5min);
    table.expire();
    EXPECT_FALSE(claims(spent));
    EXPECT_FALSE(claims(open));
    EXPECT_EQ(table.open(gateway.id), 0u);
    EXPECT_FALSE(table.revoke(gateway, open.socketId));
}

TEST_F(ReservationTableTest, DropsJustWhatHasExpired)
{
    constexpr int count = 50000; // several rounds in each stripe
    for (int i = 0; i < count; ++i) {
        Reservation reservation = makeReservation(clock, std::to_string(i));
        reservation.expiresAt += std::chrono::seconds(i % 2);
        added(reservation);
    }
    clock.advance(5min);
    table.expire();
    EXPECT_EQ(table.open(gateway.id), size_t(count / 2));
    clock.advance(1s);
    table.expire();
    EXPECT_EQ(table.open(gateway.id), 0u);
}

TEST_F(ReservationTableTest, RevokesWhatMatchesEveryGivenMember)
{
    Reservation first = makeReservation(clock, "first");
    first.tags = {"players", "blue"};
    first.user = "42";
    added(first);
    clock.advance(10s);
    Reservation second = makeReservation(clock, "second");
    second.tags = {"players"};
    added(second);

    EXPECT_EQ(table.revoke(gateway, {.tag = "nobody", .user = {}, .issuedBefore = {}}), 0u);
    EXPECT_EQ(table.revoke(gateway, {.tag = "players", .user = "7", .issuedBefore = {}}), 0u);
    EXPECT_EQ(table.revoke(gateway, {.tag = "players", .user = {}, .issuedBefore = first.issuedAt}), 0u);
    EXPECT_EQ(table.revoke(gateway, {.tag = "players", .user = "42", .issuedBefore = clock.wall()}), 1u);
    EXPECT_FALSE(claims(first));
    EXPECT_EQ(table.revoke(gateway, {.tag = "players", .user = {}, .issuedBefore = {}}), 1u);
    EXPECT_FALSE(claims(second));
}

TEST_F(ReservationTableTest, RefusesMoreReservationsThanTheGatewayMayHave)
{
    gateway.settings.limits.reservations = 2;
    const Reservation first = added(makeReservation(clock, "1"));
    added(makeReservation(clock, "2"));
    const auto third = table.add(gateway, makeReservation(clock, "3"));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(claims(first));
    EXPECT_TRUE(table.add(gateway, makeReservation(clock, "3")));
}

TEST_F(ReservationTableTest, KeepsGatewaysApart)
{
    const Gateway other = test::makeGateway("other");
    const Reservation reservation = added(makeReservation(clock));
    EXPECT_FALSE(table.revoke(other, reservation.socketId));
    EXPECT_EQ(table.revoke(other, ReservationTable::Filter{}), 0u);
    EXPECT_TRUE(table.claim(other, reservation)); // the same one-time number, but another gateway's
    EXPECT_TRUE(claims(reservation));
    table.forget(other.id);
    EXPECT_FALSE(claims(reservation));
}

TEST_F(ReservationTableTest, TellsItsObserverInOrder)
{
    const Reservation reservation = added(makeReservation(clock));
    EXPECT_TRUE(claims(reservation));
    const Reservation reuse = added(reusable("token-2"));
    EXPECT_TRUE(claims(reuse)); // is not spent by this
    EXPECT_TRUE(table.revoke(gateway, reuse.socketId));
    table.forget(gateway.id);
    EXPECT_THAT(observer.events, testing::ElementsAre("reserved default token-1", "ended default token-1",
                                                      "reserved default token-2", "ended default token-2",
                                                      "forgotten default"));
}

TEST_F(ReservationTableTest, RestoresWithoutTellingItsObserver)
{
    const Reservation open = makeReservation(clock, "open");
    const Reservation ended = makeReservation(clock, "ended");
    const Reservation both = makeReservation(clock, "both");
    table.restore(gateway.id, open);
    table.restoreEnded(gateway.id, ended.tokenId, ended.expiresAt);
    table.restore(gateway.id, both);
    table.restoreEnded(gateway.id, both.tokenId, both.expiresAt);
    EXPECT_THAT(observer.events, testing::IsEmpty());
    EXPECT_EQ(table.open(gateway.id), 1u);
    EXPECT_FALSE(claims(ended));
    EXPECT_FALSE(claims(both));
    EXPECT_TRUE(claims(open));
}

TEST(ReservationTable, GivesATokenToExactlyOneOfManyThreads)
{
    const test::FakeClock clock;
    ReservationTable table(clock, nullptr);
    const Gateway gateway = test::makeGateway();
    constexpr int tokens = 2000;
    std::vector<Reservation> reservations;
    for (int i = 0; i < tokens; ++i) {
        reservations.push_back(makeReservation(clock, std::to_string(i)));
        if (i % 2 == 0) { // the others are minted by a backend
            ASSERT_TRUE(table.add(gateway, reservations.back()));
        }
    }
    std::atomic<int> wins{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (const Reservation &reservation : reservations) {
                wins += table.claim(gateway, reservation) ? 1 : 0;
                table.expire();
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    EXPECT_EQ(wins, tokens);
    EXPECT_EQ(table.open(gateway.id), 0u);
}

TEST(ReservationTable, EitherOpensOrRevokesUnderARace)
{
    const test::FakeClock clock;
    ReservationTable table(clock, nullptr);
    const Gateway gateway = test::makeGateway();
    std::vector<Reservation> reservations;
    for (int i = 0; i < 2000; ++i) {
        reservations.push_back(makeReservation(clock, std::to_string(i)));
        ASSERT_TRUE(table.add(gateway, reservations.back()));
    }
    std::atomic<size_t> claimed{0};
    std::atomic<size_t> revoked{0};
    std::thread claimer([&] {
        for (const Reservation &reservation : reservations)
            claimed += table.claim(gateway, reservation) ? 1 : 0;
    });
    std::thread revoker([&] {
        for (const Reservation &reservation : reservations)
            revoked += table.revoke(gateway, reservation.socketId) ? 1 : 0;
    });
    claimer.join();
    revoker.join();
    EXPECT_EQ(claimed + revoked, reservations.size());
    EXPECT_EQ(table.open(gateway.id), 0u);
}

} // namespace mws
