#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace mws::test {

/// A key pair that signs access tokens, as an identity provider has it. Made with OpenSSL, and not with what
/// the gateway uses to verify. Thread: one at a time.
class SigningPair
{
public:
    static SigningPair rsa(unsigned bits = 2048);
    /// `P-256`, `P-384`.
    static SigningPair curve(const std::string &name = "P-256");

    /// The signature's bytes: PKCS #1 v1.5 with SHA-256, or r and s (RFC 7518 §3.4).
    std::string sign(std::string_view input) const;
    /// An ECDSA signature as OpenSSL writes it, in DER.
    std::string signDer(std::string_view input) const;

    std::string publicPem() const;
    std::string privatePem() const;
    /// As a JWK; `more` are further members, e.g. `"use":"sig"`. `kid` is left out where it is empty.
    std::string jwk(const std::string &kid, const std::string &more = {}) const;
    /// A public number: `n`, `e`, `x`, `y`.
    std::string number(const std::string &name) const;

private:
    explicit SigningPair(evp_pkey_st *key);
    std::shared_ptr<evp_pkey_st> m_key;
};

/// Base64url without padding.
std::string base64Url(std::string_view bytes);
/// HMAC-SHA256.
std::string hmac(std::string_view key, std::string_view input);

/// `HEADER.CLAIMS.` and a signature over what stands before the last dot.
std::string hsToken(std::string_view header, std::string_view claims, std::string_view secret);
std::string signedToken(std::string_view header, std::string_view claims, const SigningPair &pair);
std::string tokenWithSignature(std::string_view header, std::string_view claims, std::string_view signature);
/// `{"keys":[…]}` of JWKs.
std::string jwkSet(std::initializer_list<std::string> keys);

} // namespace mws::test
