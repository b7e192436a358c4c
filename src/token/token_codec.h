#pragma once

#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "mws/domain/reservation.h"

#include <string>
#include <string_view>

namespace mws {

/// Longest token that is looked at, in bytes (CONTRACT.md "The token").
inline constexpr size_t maxTokenBytes = 4096;

/// Signs a reservation as a JWT (RFC 7519; HS256, RFC 7518 §3.2) with the gateway's first signing key.
/// Claims: `iss`=`mws`, `gw`, `sid`, `tags`, `sub` if there is a user, `cm` if there is a policy, `ru`: true
/// if reuse, `iat`, `exp`, `jti`. Thread: any.
Result<std::string> signToken(const Gateway &gateway, const Reservation &reservation);

/// Checks a token against the gateway's signing keys and its own limits: form, HS256 only, signature in
/// constant time, `iss`, `gw`, `sid`, `jti`, `exp`, tags within the gateway's limits. Says nothing of whether
/// it is spent. Errors: InvalidToken, with a detail that is safe to show and holds nothing of the token.
/// Thread: any.
Result<Reservation> verifyToken(const Gateway &gateway, std::string_view token, WallTime now);

/// The gateway that a token claims to be for, unverified; empty if it cannot be read. Only good for choosing
/// whose keys are to verify it.
GatewayId claimedGateway(std::string_view token);

} // namespace mws
