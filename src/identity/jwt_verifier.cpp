#include "identity/jwt_verifier.h"

#include "base/base64url.h"
#include "identity/jose_owners.h"
#include "identity/jwt_claims.h"

#include <algorithm>
#include <string>

namespace mws {

namespace {

constexpr size_t hs256Bytes = 32; // of a signature
constexpr size_t es256Bytes = 64;

Unexpected refused(std::string detail)
{
    return Unexpected(ErrorCode::AuthenticationNeeded, std::move(detail));
}

/// A compact JWS, taken apart and decoded.
struct Parts
{
    JwtHeader header;
    std::string claims;
    std::string signature;
};

Result<Parts> takeApart(std::string_view token)
{
    if (token.size() > maxJwtBytes)
        return refused("The access token is longer than 8 KiB");
    const size_t first = token.find('.');
    const size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (second == token.npos)
        return refused("The access token is not a signed JWT");
    const auto header = decodeBase64Url(token.substr(0, first));
    auto claims = decodeBase64Url(token.substr(first + 1, second - first - 1));
    auto signature = decodeBase64Url(token.substr(second + 1)); // which refuses further dots
    if (!header || !claims || !signature || signature->empty())
        return refused("The access token is not a signed JWT");
    const Result<JwtHeader> read = readJwtHeader(*header);
    if (!read)
        return Unexpected(read.error());
    return Parts{*read, *std::move(claims), *std::move(signature)};
}

/// cjose compares a signature before it looks at its length, so that one of another length must not get
/// there.
bool lengthFits(JwtAlgorithm algorithm, size_t size)
{
    switch (algorithm) {
    case JwtAlgorithm::HS256:
        return size == hs256Bytes;
    case JwtAlgorithm::ES256:
        return size == es256Bytes;
    case JwtAlgorithm::RS256:
        return size >= minRsaBits / 8 && size <= maxRsaBits / 8;
    }
    return false;
}

bool isAllowed(JwtAlgorithm algorithm, const JwtProvider &rules)
{
    return std::any_of(rules.algorithms.begin(), rules.algorithms.end(),
                       [algorithm](const std::string &name) { return jwtAlgorithmNamed(name) == algorithm; });
}

enum class Signed { Yes, No, ByUnknownKey };

Signed checkSignature(std::string_view token, const JwtHeader &header, const JwtKeys &keys)
{
    const JoseSignature signature(cjose_jws_import(token.data(), token.size(), nullptr));
    if (!signature)
        return Signed::No;
    bool named = header.keyId.empty();
    size_t tried = 0;
    for (const JwtKey &key : keys) {
        named |= !header.keyId.empty() && key.id == header.keyId;
        const bool idFits = header.keyId.empty() || key.id.empty() || key.id == header.keyId;
        if (key.algorithm != header.algorithm || !idFits || tried == maxKeysTried)
            continue;
        ++tried;
        if (cjose_jws_verify(signature.get(), key.key.get(), nullptr))
            return Signed::Yes;
    }
    return tried == 0 || !named ? Signed::ByUnknownKey : Signed::No;
}

} // namespace

JwtVerdict verifyJwt(std::string_view token, const JwtProvider &rules, const JwtKeys &keys, WallTime now)
{
    const Result<Parts> parts = takeApart(token);
    if (!parts)
        return {Unexpected(parts.error())};
    const JwtHeader &header = parts->header;
    if (!isAllowed(header.algorithm, rules))
        return {refused("The access token's algorithm is not one of jwt_algorithms")};
    if (!lengthFits(header.algorithm, parts->signature.size()))
        return {refused("The access token's signature is wrong")};
    switch (checkSignature(token, header, keys)) {
    case Signed::Yes:
        return {readJwtClaims(parts->claims, rules, now)};
    case Signed::ByUnknownKey:
        return {refused("The access token was signed with a key that is not known"), true};
    case Signed::No:
        break;
    }
    return {refused("The access token's signature is wrong")};
}

} // namespace mws
