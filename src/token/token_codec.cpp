#include "token/token_codec.h"

#include "base/base64url.h"
#include "token/hmac_sha256.h"
#include "token/token_claims.h"

#include <algorithm>
#include <optional>

namespace mws {

namespace {

/// `{"alg":"HS256","typ":"JWT"}`: the header that we write, and what most libraries do.
constexpr std::string_view ownHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

Unexpected refused(std::string detail)
{
    return Unexpected(ErrorCode::InvalidToken, std::move(detail));
}

HmacSha256 &hmac()
{
    static thread_local HmacSha256 instance;
    return instance;
}

/// The parts of a compact JWS (RFC 7515 §7.1).
struct TokenParts
{
    std::string_view header;
    std::string_view claims;
    std::string_view signature;
    std::string_view signedText; ///< header and claims, as they were signed
};

std::optional<TokenParts> split(std::string_view token)
{
    const size_t first = token.find('.');
    const size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (second == token.npos)
        return std::nullopt;
    return TokenParts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                      token.substr(second + 1), token.substr(0, second)};
}

Result<void> checkHeader(std::string_view header)
{
    if (header == ownHeader)
        return {};
    const auto text = decodeBase64Url(header);
    return text ? checkTokenHeader(*text) : refused("The token's header is not base64url");
}

bool verifiesWithAnyKey(const std::vector<SigningKey> &keys, const TokenParts &parts,
                        std::string_view signature, WallTime now)
{
    return std::any_of(keys.begin(), keys.end(), [&](const SigningKey &key) {
        if (key.validUntil && *key.validUntil <= now)
            return false;
        const auto code = hmac().of(key.bytes, parts.signedText);
        return code && sameCode(*code, signature);
    });
}

} // namespace

Result<std::string> signToken(const Gateway &gateway, const Reservation &reservation)
{
    if (gateway.signingKeys.empty())
        return Unexpected(ErrorCode::Internal, "The gateway has no signing key");
    const Result<std::string> claims = writeClaims(gateway.id, reservation);
    if (!claims)
        return Unexpected(claims.error());
    std::string token(ownHeader);
    token.push_back('.');
    token.append(encodeBase64Url(*claims));
    const auto code = hmac().of(gateway.signingKeys.front().bytes, token);
    if (!code)
        return Unexpected(ErrorCode::Internal, "The signing key cannot be used");
    token.push_back('.');
    token.append(encodeBase64Url({reinterpret_cast<const char *>(code->data()), code->size()}));
    if (token.size() > maxTokenBytes)
        return Unexpected(ErrorCode::InvalidData, "The tags make the token longer than 4 KiB", "tags");
    return token;
}

Result<Reservation> verifyToken(const Gateway &gateway, std::string_view token, WallTime now)
{
    if (token.empty() || token.size() > maxTokenBytes)
        return refused(token.empty() ? "The token is missing" : "The token is longer than 4 KiB");
    const auto parts = split(token);
    const auto signature = parts ? decodeBase64Url(parts->signature) : std::nullopt;
    if (!signature || signature->size() != HmacSha256::Code().size())
        return refused("The token is not a JWT that was signed with HS256");
    if (auto header = checkHeader(parts->header); !header)
        return Unexpected(header.error());
    if (!verifiesWithAnyKey(gateway.signingKeys, *parts, *signature, now))
        return refused("The token's signature is wrong");
    const auto claims = decodeBase64Url(parts->claims);
    if (!claims)
        return refused("The token's claims are not base64url");
    return readClaims(gateway, *claims, now);
}

GatewayId claimedGateway(std::string_view token)
{
    if (token.size() > maxTokenBytes)
        return {};
    const auto parts = split(token);
    const auto claims = parts ? decodeBase64Url(parts->claims) : std::nullopt;
    return claims ? readGatewayClaim(*claims) : GatewayId();
}

} // namespace mws
