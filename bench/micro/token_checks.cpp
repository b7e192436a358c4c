#include "hot_paths.h"
#include "measured.h"
#include "token/token_codec.h"

#include <charconv>

namespace mws::micro {

namespace {

using namespace std::chrono_literals;

Gateway plainGateway()
{
    Gateway gateway;
    gateway.id = "default";
    gateway.signingKeys.push_back({"0123456789abcdef0123456789abcdef", std::nullopt});
    return gateway;
}

Reservation plainReservation(WallTime now)
{
    Reservation reservation;
    reservation.socketId = *SocketId::parse("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345");
    reservation.tags = {"user:4711", "room:lobby", "t1"};
    reservation.user = "4711";
    reservation.tokenId = "A0000000000000000000000000000000";
    reservation.issuedAt = now;
    reservation.expiresAt = now + 5min;
    return reservation;
}

/// `number` at the end of what is as long as a real id.
void writeNumber(std::string &id, uint64_t number)
{
    for (size_t at = id.size(); at-- > 1; number /= 10)
        id[at] = char('0' + number % 10);
}

} // namespace

struct TokenChecks::TurnedClock final : Clock
{
    SteadyTime now() const override { return SteadyTime(time); }
    WallTime wall() const override { return WallTime(time); }
    std::chrono::milliseconds time = std::chrono::seconds(1767225600);
};

TokenChecks::TokenChecks()
    : m_clock(std::make_unique<TurnedClock>()),
      m_gateway(plainGateway()),
      m_reservation(plainReservation(m_clock->wall())),
      m_table(*m_clock, nullptr)
{
    const auto token = signToken(m_gateway, m_reservation);
    require(token.has_value(), "the token was not signed");
    m_token = *token;
}

TokenChecks::~TokenChecks() = default;

void TokenChecks::sign()
{
    const auto token = signToken(m_gateway, m_reservation);
    require(token.has_value(), "the token was not signed");
    keep(*token);
}

void TokenChecks::verify()
{
    const auto reservation = verifyToken(m_gateway, m_token, m_clock->wall());
    require(reservation.has_value(), "the token was not accepted");
    keep(*reservation);
}

void TokenChecks::readGateway()
{
    const GatewayId gateway = claimedGateway(m_token);
    require(gateway == m_gateway.id, "the token names another gateway");
    keep(gateway);
}

void TokenChecks::spend()
{
    m_clock->time += 250ms; // with a life of five minutes, 1,200 are known
    Reservation reservation = m_reservation;
    writeNumber(reservation.tokenId, ++m_spent);
    reservation.issuedAt = std::chrono::floor<std::chrono::seconds>(m_clock->wall());
    reservation.expiresAt = reservation.issuedAt + 5min;
    require(m_table.add(m_gateway, reservation).has_value(), "the reservation was not entered");
    require(m_table.hold(m_gateway, reservation).has_value(), "the token was not held");
    require(m_table.confirm(m_gateway, reservation), "the token was not spent");
    if (m_spent % 4 == 0)
        m_table.expire();
}

} // namespace mws::micro
