#pragma once

#include "mws/domain/gateway.h"
#include "mws/domain/reservation.h"
#include "support/fake_clock.h"

#include <string>

namespace mws::test {

inline Gateway makeGateway(GatewayId id = "default")
{
    Gateway gateway;
    gateway.id = std::move(id);
    gateway.signingKeys.push_back({std::string(32, 'k'), std::nullopt});
    return gateway;
}

/// A reservation that was issued now and is good for five minutes.
inline Reservation makeReservation(const Clock &clock, std::string tokenId = "token-1")
{
    Reservation reservation;
    reservation.socketId = SocketId::random();
    reservation.tokenId = std::move(tokenId);
    reservation.issuedAt = clock.wall();
    reservation.expiresAt = clock.wall() + std::chrono::minutes(5);
    return reservation;
}

} // namespace mws::test
