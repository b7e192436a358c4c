#pragma once

#include <cstdint>
#include <string>

namespace mws::test {

/// A JWT, HS256, made without anything of the gateway's (RFC 7515 §3.1).
std::string mintToken(const std::string &claims, const std::string &key);

/// What a backend that makes tokens itself puts into one.
struct MintedClaims
{
    std::string issuer = "mws";
    std::string gateway = "default";
    std::string socketId = "BackendMadeThisSocketId000000001";
    std::string more = {}; ///< further members, with a comma before each
    int64_t lifetime = 60; ///< s
};

/// As JSON, with the tag `minted` and a token id of its own.
std::string claimsText(const MintedClaims &claims);

std::string base64(const std::string &bytes);

} // namespace mws::test
