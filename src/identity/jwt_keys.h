#pragma once

#include "mws/base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct _cjose_jwk_int; // cjose_jwk_t

namespace mws {

/// The algorithms of access tokens (RFC 7518 §3.1). There is no other, and no `none`.
enum class JwtAlgorithm { HS256, RS256, ES256 };

/// Nothing unless `name` is exactly one of the three.
std::optional<JwtAlgorithm> jwtAlgorithmNamed(std::string_view name);

/// A key that verifies access tokens, bound to its one algorithm by its type: a secret to HS256, an RSA key
/// to RS256, a key on P-256 to ES256. Immutable, shared by all threads.
struct JwtKey
{
    JwtAlgorithm algorithm;
    std::string id; ///< `kid`; empty: it has none, and is tried for every token
    std::shared_ptr<const _cjose_jwk_int> key;
};
using JwtKeys = std::vector<JwtKey>;

/// Longest file or answer that keys are read from, in bytes.
inline constexpr size_t maxKeySourceBytes = 256 * 1024;
/// Most keys of one source.
inline constexpr size_t maxKeysPerSource = 100;
/// Longest `kid`, in bytes.
inline constexpr size_t maxKeyIdBytes = 256;
/// Shortest secret, in bytes (RFC 7518 §3.2), and the bounds of an RSA modulus, in bits (§3.3).
inline constexpr size_t minSecretBytes = 32;
inline constexpr size_t minRsaBits = 2048;
inline constexpr size_t maxRsaBits = 8192;

/// Errors: Internal if it is shorter than minSecretBytes. Thread: any, as of the others.
Result<JwtKey> keyFromSecret(std::string_view secret);

/// The public keys (`PUBLIC KEY`, or that of a `CERTIFICATE`) of a PEM text.
/// Errors: Internal with the reason if there is none, or one is private or of a kind that verifies nothing
/// here.
Result<JwtKeys> keysFromPem(std::string_view pem);

/// Whether secrets (`kty` oct) in a JWKS are taken: only where nobody else can read it.
enum class JwksSecrets { Taken, Skipped };

/// The keys of a JWK Set (RFC 7517 §5). Those that are private, not meant for signatures (`use`, `key_ops`,
/// `alg`), too weak, or of a kind that is not known are skipped. Errors: Internal with the reason if it is no
/// JWK Set, names a member twice, has more than maxKeysPerSource keys, or none that can be used.
Result<JwtKeys> keysFromJwks(std::string_view json, JwksSecrets secrets);

} // namespace mws
