#pragma once

#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "mws/domain/reservation.h"

#include <chrono>
#include <string>
#include <string_view>

namespace mws {

/// How far the clock of a backend that mints tokens may be ahead of ours.
inline constexpr std::chrono::seconds tokenLeeway{60};
/// Longest life of a token, CONTRACT.md "Limits".
inline constexpr std::chrono::hours longestTokenLife{24};

/// Checks the protected header of a token, as JSON text: HS256, `typ` JWT or absent, no `crit`.
/// Errors: InvalidToken. Thread: any.
Result<void> checkTokenHeader(std::string_view json);

/// The claims of a reservation as compact JSON text.
/// Errors: InvalidData with the property if a text is no UTF-8. Thread: any.
Result<std::string> writeClaims(const GatewayId &gateway, const Reservation &reservation);

/// The reservation that the claims of a token stand for. Types are strict and a claim that occurs twice is
/// refused; claims that are not ours are skipped. `json` is at most maxTokenBytes long, and may have 64
/// levels. Errors: InvalidToken, with a detail that names the claim and holds nothing of the token. Thread:
/// any.
Result<Reservation> readClaims(const Gateway &gateway, std::string_view json, WallTime now);

/// The `gw` claim of claims that nobody has verified; empty if there is none.
GatewayId readGatewayClaim(std::string_view json);

} // namespace mws
