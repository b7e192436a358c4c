#include "cluster/token_row.h"

#include <gtest/gtest.h>

namespace mws::test {
namespace {

Reservation someReservation()
{
    Reservation reservation;
    reservation.socketId = *SocketId::parse(std::string(32, 'a'));
    reservation.tokenId = "JTI";
    reservation.user = "u:1";
    reservation.tags = {"room", "", "a b"};
    reservation.issuedAt = WallTime(std::chrono::seconds(1767225600));
    reservation.expiresAt = reservation.issuedAt + std::chrono::seconds(300);
    return reservation;
}

TEST(TokenRow, HasWhatRevocationsAskFor)
{
    EXPECT_EQ(tokenRow(someReservation()), "1767225900 1767225600 3 3:JTIu:14:room0:3:a b");
}

TEST(TokenRow, IsNotLongerThanItsLimit)
{
    Reservation reservation = someReservation();
    reservation.tags = {std::string(maxTokenRowBytes - 100, 'x')};
    EXPECT_TRUE(tokenRow(reservation));
    reservation.tags.push_back(std::string(100, 'y'));
    EXPECT_FALSE(tokenRow(reservation));
    reservation.tags.clear();
    reservation.user = std::string(maxTokenRowBytes, 'u');
    EXPECT_FALSE(tokenRow(reservation));
}

TEST(TokenRow, HasNoTimeBefore1970)
{
    Reservation reservation = someReservation();
    reservation.issuedAt = WallTime(std::chrono::seconds(-1));
    EXPECT_FALSE(tokenRow(reservation));
    reservation = someReservation();
    reservation.expiresAt = WallTime(std::chrono::milliseconds(-1));
    EXPECT_FALSE(tokenRow(reservation));
}

} // namespace
} // namespace mws::test
