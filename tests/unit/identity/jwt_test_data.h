#pragma once

#include "identity/jwt_verifier.h"
#include "support/fake_clock.h"
#include "support/jwt_maker.h"

#include <string>

namespace mws::test {

inline constexpr int64_t now = 1767225600; // the FakeClock's
inline const std::string secret = "a-shared-secret-of-at-least-32-bytes";
inline const std::string otherSecret = "another-secret-of-at-least-32-bytes!";

/// Key pairs are made once: RSA takes a while.
struct Pairs
{
    SigningPair rsa = SigningPair::rsa();
    SigningPair otherRsa = SigningPair::rsa();
    SigningPair ec = SigningPair::curve();
    SigningPair otherEc = SigningPair::curve();
    SigningPair p384 = SigningPair::curve("P-384");
};

inline const Pairs &pairs()
{
    static const Pairs made;
    return made;
}

/// A secret without a kid; RSA `r1` and EC `e1` of a JWKS.
inline const JwtKeys &knownKeys()
{
    static const JwtKeys keys = [] {
        JwtKeys made =
            *keysFromJwks(jwkSet({pairs().rsa.jwk("r1"), pairs().ec.jwk("e1")}), JwksSecrets::Skipped);
        made.push_back(*keyFromSecret(secret));
        return made;
    }();
    return keys;
}

inline JwtProvider rulesOfTest()
{
    JwtProvider rules;
    rules.issuer = "https://id.example.com";
    rules.audience = {"push", "push-test"};
    return rules;
}

inline const std::string hsHeader = R"({"alg":"HS256","typ":"JWT"})";
inline const std::string rsHeader = R"({"alg":"RS256","kid":"r1"})";
inline const std::string esHeader = R"({"alg":"ES256","kid":"e1"})";

/// Good claims, but for what `change` puts in their place: `"exp":…`.
inline std::string claims(const std::string &more = R"("sub":"eva")",
                          const std::string &exp = std::to_string(now + 300),
                          const std::string &audience = R"("push")",
                          const std::string &issuer = R"("https://id.example.com")")
{
    return "{\"iss\":" + issuer + ",\"aud\":" + audience + ",\"exp\":" + exp +
           (more.empty() ? "" : "," + more) + "}";
}

inline JwtVerdict verdict(const std::string &token, const JwtProvider &rules = rulesOfTest(),
                          const JwtKeys &keys = knownKeys())
{
    return verifyJwt(token, rules, keys, FakeClock().wall());
}

/// `HEADER.CLAIMS` and the rest of a good token, to be changed.
inline std::string good()
{
    return hsToken(hsHeader, claims(), secret);
}

inline std::string withHeader(const std::string &header)
{
    return hsToken(header, claims(), secret);
}

inline std::string withClaims(const std::string &text)
{
    return hsToken(hsHeader, text, secret);
}

} // namespace mws::test
