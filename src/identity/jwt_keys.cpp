#include "identity/jwt_keys.h"

#include "base/base64url.h"
#include "identity/jose_owners.h"
#include "identity/public_key_bytes.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace mws {

namespace {

constexpr size_t coordinateBytes = 32; // of P-256
constexpr size_t maxExponentBytes = 8;

Unexpected unusable(std::string reason)
{
    return Unexpected(ErrorCode::Internal, std::move(reason));
}

std::shared_ptr<const cjose_jwk_t> owned(cjose_jwk_t *key)
{
    return {key, JoseRelease()};
}

uint8_t *writable(std::string &text)
{
    return reinterpret_cast<uint8_t *>(text.data());
}

void removeLeadingZeros(std::string &number)
{
    number.erase(0, std::min(number.find_first_not_of('\0'), number.size()));
}

size_t bitsOf(const std::string &number)
{
    return number.empty() ? 0 : 8 * number.size() - size_t(std::countl_zero(uint8_t(number.front())));
}

bool isOdd(const std::string &number)
{
    return !number.empty() && (number.back() & 1) != 0;
}

/// Null if the numbers are no RSA key that may verify.
std::shared_ptr<const cjose_jwk_t> rsaKey(std::string modulus, std::string exponent)
{
    removeLeadingZeros(modulus);
    removeLeadingZeros(exponent);
    const size_t bits = bitsOf(modulus);
    const bool exponentIsGood = isOdd(exponent) && exponent.size() <= maxExponentBytes && exponent != "\x01";
    if (bits < minRsaBits || bits > maxRsaBits || !isOdd(modulus) || !exponentIsGood)
        return nullptr;
    cjose_jwk_rsa_keyspec spec;
    std::memset(&spec, 0, sizeof spec);
    spec.n = writable(modulus);
    spec.nlen = modulus.size();
    spec.e = writable(exponent);
    spec.elen = exponent.size();
    return owned(cjose_jwk_create_RSA_spec(&spec, nullptr));
}

/// Null if they are no point of P-256 (OpenSSL looks).
std::shared_ptr<const cjose_jwk_t> ecKey(std::string x, std::string y)
{
    if (x.size() != coordinateBytes || y.size() != coordinateBytes)
        return nullptr;
    cjose_jwk_ec_keyspec spec;
    std::memset(&spec, 0, sizeof spec);
    spec.crv = CJOSE_JWK_EC_P_256;
    spec.x = writable(x);
    spec.xlen = x.size();
    spec.y = writable(y);
    spec.ylen = y.size();
    return owned(cjose_jwk_create_EC_spec(&spec, nullptr));
}

/// Null if it is too short.
std::shared_ptr<const cjose_jwk_t> secretKey(std::string_view secret)
{
    if (secret.size() < minSecretBytes)
        return nullptr;
    return owned(cjose_jwk_create_oct_spec(joseBytes(secret), secret.size(), nullptr));
}

/// Empty if it is absent, no string, or not base64url: no key has an empty part.
std::string bytesMember(const json_t *jwk, const char *name)
{
    return decodeBase64Url(joseText(json_object_get(jwk, name)).value_or("")).value_or("");
}

/// RFC 7517 §4.2, §4.3: what it is for. Both may be absent.
bool mayVerify(const json_t *jwk)
{
    const json_t *use = json_object_get(jwk, "use");
    const json_t *operations = json_object_get(jwk, "key_ops");
    if (use && joseText(use) != "sig")
        return false;
    if (!operations)
        return true;
    for (size_t i = 0; i < json_array_size(operations); ++i)
        if (joseText(json_array_get(operations, i)) == "verify")
            return true;
    return false;
}

/// Nothing if it is to be skipped.
std::optional<JwtKey> keyFromJwk(const json_t *jwk, JwksSecrets secrets)
{
    const json_t *id = json_object_get(jwk, "kid");
    const std::string_view kind = joseText(json_object_get(jwk, "kty")).value_or("");
    const bool idIsGood = !id || (json_is_string(id) && json_string_length(id) <= maxKeyIdBytes);
    if (!json_is_object(jwk) || !idIsGood || !mayVerify(jwk) || json_object_get(jwk, "d"))
        return std::nullopt;
    JwtKey key{JwtAlgorithm::HS256, std::string(joseText(id).value_or("")), nullptr};
    std::string_view algorithm = "HS256";
    if (kind == "RSA") {
        key.algorithm = JwtAlgorithm::RS256;
        algorithm = "RS256";
        key.key = rsaKey(bytesMember(jwk, "n"), bytesMember(jwk, "e"));
    } else if (kind == "EC" && joseText(json_object_get(jwk, "crv")) == "P-256") {
        key.algorithm = JwtAlgorithm::ES256;
        algorithm = "ES256";
        key.key = ecKey(bytesMember(jwk, "x"), bytesMember(jwk, "y"));
    } else if (kind == "oct" && secrets == JwksSecrets::Taken) {
        key.key = secretKey(bytesMember(jwk, "k"));
    }
    const json_t *named = json_object_get(jwk, "alg");
    if (!key.key || (named && joseText(named) != algorithm))
        return std::nullopt;
    return key;
}

} // namespace

std::optional<JwtAlgorithm> jwtAlgorithmNamed(std::string_view name)
{
    if (name == "HS256")
        return JwtAlgorithm::HS256;
    if (name == "RS256")
        return JwtAlgorithm::RS256;
    if (name == "ES256")
        return JwtAlgorithm::ES256;
    return std::nullopt;
}

Result<JwtKey> keyFromSecret(std::string_view secret)
{
    auto key = secretKey(secret);
    if (!key)
        return unusable("the secret is shorter than 32 bytes");
    return JwtKey{JwtAlgorithm::HS256, {}, std::move(key)};
}

Result<JwtKeys> keysFromPem(std::string_view pem)
{
    const Result<std::vector<PublicKeyBytes>> all = publicKeysOfPem(pem, maxKeysPerSource);
    if (!all)
        return Unexpected(all.error());
    JwtKeys keys;
    for (const PublicKeyBytes &bytes : *all) {
        const bool isRsa = bytes.kind == PublicKeyBytes::Kind::Rsa;
        auto key = isRsa ? rsaKey(bytes.first, bytes.second) : ecKey(bytes.first, bytes.second);
        if (!key)
            return unusable("an RSA key needs 2048 to 8192 bits, a key on a curve that of P-256");
        keys.push_back({isRsa ? JwtAlgorithm::RS256 : JwtAlgorithm::ES256, {}, std::move(key)});
    }
    return keys;
}

Result<JwtKeys> keysFromJwks(std::string_view json, JwksSecrets secrets)
{
    if (json.size() > maxKeySourceBytes)
        return unusable("the JWK Set is longer than 256 KiB");
    const JoseJson set = parseJoseObject(json);
    const json_t *list = json_object_get(set.get(), "keys");
    if (!json_is_array(list))
        return unusable("it is not a JWK Set: {\"keys\": [...]}, no member twice");
    if (json_array_size(list) > maxKeysPerSource)
        return unusable("the JWK Set has more than 100 keys");
    JwtKeys keys;
    for (size_t i = 0; i < json_array_size(list); ++i)
        if (std::optional<JwtKey> key = keyFromJwk(json_array_get(list, i), secrets))
            keys.push_back(*std::move(key));
    if (keys.empty())
        return unusable("the JWK Set has no key that may verify HS256, RS256 or ES256");
    return keys;
}

} // namespace mws
