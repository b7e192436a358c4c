#include "token/token_codec.h"

#include "token/token_claims.h"

#include <algorithm>
#include <cjose/cjose.h>
#include <memory>
#include <optional>

namespace mws {

namespace {

/// An HMAC-SHA256 of 32 bytes, as base64url without padding.
constexpr size_t signatureLength = 43;

struct KeyRelease
{
    void operator()(cjose_jwk_t *key) const { cjose_jwk_release(key); }
};
struct HeaderRelease
{
    void operator()(cjose_header_t *header) const { cjose_header_release(header); }
};
struct SignatureRelease
{
    void operator()(cjose_jws_t *signature) const { cjose_jws_release(signature); }
};
struct BytesRelease
{
    void operator()(uint8_t *bytes) const { cjose_get_dealloc()(bytes); }
};
using Key = std::unique_ptr<cjose_jwk_t, KeyRelease>;
using Header = std::unique_ptr<cjose_header_t, HeaderRelease>;
using Signature = std::unique_ptr<cjose_jws_t, SignatureRelease>;

Unexpected refused(std::string detail)
{
    return Unexpected(ErrorCode::InvalidToken, std::move(detail));
}

const uint8_t *bytesOf(std::string_view text)
{
    return reinterpret_cast<const uint8_t *>(text.data());
}

Key importKey(const SigningKey &key)
{
    return Key(cjose_jwk_create_oct_spec(bytesOf(key.bytes), key.bytes.size(), nullptr));
}

Header makeHeader()
{
    Header header(cjose_header_new(nullptr));
    if (!header || !cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256, nullptr) ||
        !cjose_header_set(header.get(), "typ", "JWT", nullptr))
        return nullptr;
    return header;
}

bool isBase64Url(std::string_view text)
{
    return !text.empty() && text.size() % 4 != 1 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

/// The last character of a signature stands for four bits: in the two that are left over nothing may hide, so
/// that a token has just one text.
bool endsCanonically(std::string_view signature)
{
    constexpr std::string_view lastCharacters = "AEIMQUYcgkosw048";
    return lastCharacters.find(signature.back()) != std::string_view::npos;
}

/// The parts of a compact JWS (RFC 7515 §7.1).
struct TokenParts
{
    std::string_view header;
    std::string_view claims;
    std::string_view signature;
};

std::optional<TokenParts> split(std::string_view token)
{
    const size_t first = token.find('.');
    const size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (second == token.npos)
        return std::nullopt;
    const TokenParts parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                           token.substr(second + 1)};
    // cjose compares a signature before it looks at its length, so that one that is too short must not get
    // there.
    if (!isBase64Url(parts.header) || !isBase64Url(parts.claims) || !isBase64Url(parts.signature) ||
        parts.signature.size() != signatureLength || !endsCanonically(parts.signature))
        return std::nullopt;
    return parts;
}

std::optional<std::string> decodeBase64Url(std::string_view text)
{
    uint8_t *bytes = nullptr;
    size_t size = 0;
    if (!cjose_base64url_decode(text.data(), text.size(), &bytes, &size, nullptr))
        return std::nullopt;
    const std::unique_ptr<uint8_t, BytesRelease> owner(bytes);
    return std::string(reinterpret_cast<const char *>(bytes), size);
}

bool verifiesWithAnyKey(const std::vector<SigningKey> &keys, cjose_jws_t *signature, WallTime now)
{
    return std::any_of(keys.begin(), keys.end(), [&](const SigningKey &candidate) {
        if (candidate.validUntil && *candidate.validUntil <= now)
            return false;
        const Key key = importKey(candidate);
        return key && cjose_jws_verify(signature, key.get(), nullptr);
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
    const Header header = makeHeader();
    const Key key = importKey(gateway.signingKeys.front());
    if (!header || !key)
        return Unexpected(ErrorCode::Internal, "The signing key cannot be used");
    const Signature signature(
        cjose_jws_sign(key.get(), header.get(), bytesOf(*claims), claims->size(), nullptr));
    const char *text = nullptr; // belongs to `signature`
    if (!signature || !cjose_jws_export(signature.get(), &text, nullptr))
        return Unexpected(ErrorCode::Internal, "The token cannot be signed");
    std::string token(text);
    if (token.size() > maxTokenBytes)
        return Unexpected(ErrorCode::InvalidData, "The tags make the token longer than 4 KiB", "tags");
    return token;
}

Result<Reservation> verifyToken(const Gateway &gateway, std::string_view token, WallTime now)
{
    if (token.empty() || token.size() > maxTokenBytes)
        return refused(token.empty() ? "The token is missing" : "The token is longer than 4 KiB");
    const auto parts = split(token);
    if (!parts)
        return refused("The token is not a JWT that was signed with HS256");
    const auto headerText = decodeBase64Url(parts->header);
    if (!headerText)
        return refused("The token's header is not base64url");
    if (auto header = checkTokenHeader(*headerText); !header)
        return Unexpected(header.error());
    const Signature signature(cjose_jws_import(token.data(), token.size(), nullptr));
    if (!signature)
        return refused("The token is malformed");
    if (!verifiesWithAnyKey(gateway.signingKeys, signature.get(), now))
        return refused("The token's signature is wrong");
    uint8_t *claims = nullptr; // belongs to `signature`
    size_t size = 0;
    if (!cjose_jws_get_plaintext(signature.get(), &claims, &size, nullptr))
        return refused("The token is malformed");
    return readClaims(gateway, {reinterpret_cast<const char *>(claims), size}, now);
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
