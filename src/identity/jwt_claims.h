#pragma once

#include "identity/jwt_keys.h"
#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "mws/domain/permissions.h"

#include <string>
#include <string_view>

namespace mws {

/// What the protected header of an access token says. Whatever key or address of one stands in it (`jwk`,
/// `jku`, `x5c`, `x5u`) is not looked at.
struct JwtHeader
{
    JwtAlgorithm algorithm = JwtAlgorithm::HS256;
    std::string keyId; ///< empty: none
};

/// Reads the header's JSON: an `alg` that is known, `kid` a short text, `typ` (if there is one) `JWT` or
/// `at+jwt`; no extension (`crit`, `b64`), no nested token (`cty`), no encryption (`enc`), no compression
/// (`zip`). Errors: AuthenticationNeeded, with a detail that holds nothing of the token. Thread: any.
Result<JwtHeader> readJwtHeader(std::string_view json);

/// Who the claims say that the bearer is, if they hold now and here: `exp` (needed), `nbf`, `iss`, `aud`; RFC
/// 7519 §4.1. Times are whole seconds. `sub` is the user's id; without it there is no user, only groups.
/// `usergroups`, else `groups`, are texts or `{"id", "objectType"}`. Errors: AuthenticationNeeded, with a
/// detail that names the claim and holds nothing of the token. Thread: any.
Result<Identity> readJwtClaims(std::string_view json, const JwtProvider &rules, WallTime now);

} // namespace mws
