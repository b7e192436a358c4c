#include "identity/jwt_keys.h"

#include "support/jwt_maker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using namespace test;
using testing::HasSubstr;

std::string jwksProblem(const std::string &json, JwksSecrets secrets = JwksSecrets::Taken)
{
    const auto keys = keysFromJwks(json, secrets);
    return keys ? "" : keys.error().detail;
}

std::string pemProblem(const std::string &pem)
{
    const auto keys = keysFromPem(pem);
    return keys ? "" : keys.error().detail;
}

const std::string secretJwk = R"({"kty":"oct","kid":"s","k":")" + base64Url(std::string(32, 'k')) + "\"}";
const std::string unusable = "no key that may verify";

} // namespace

TEST(JwtKeys, ReadsAJwkSet)
{
    const SigningPair rsa = SigningPair::rsa();
    const SigningPair ec = SigningPair::curve();
    const auto keys = keysFromJwks(jwkSet({rsa.jwk("r", R"("use":"sig","alg":"RS256")"),
                                           ec.jwk("", R"("key_ops":["sign","verify"])"), secretJwk}),
                                   JwksSecrets::Taken);
    ASSERT_TRUE(keys) << keys.error().detail;
    ASSERT_EQ(keys->size(), 3u);
    EXPECT_EQ((*keys)[0].id, "r");
    EXPECT_EQ((*keys)[0].algorithm, JwtAlgorithm::RS256);
    EXPECT_EQ((*keys)[1].id, "");
    EXPECT_EQ((*keys)[1].algorithm, JwtAlgorithm::ES256);
    EXPECT_EQ((*keys)[2].algorithm, JwtAlgorithm::HS256);
}

TEST(JwtKeys, SkipsWhatMustNotVerify)
{
    const SigningPair rsa = SigningPair::rsa();
    const SigningPair ec = SigningPair::curve();
    const SigningPair p384 = SigningPair::curve("P-384");
    const std::vector<std::string> skipped{
        rsa.jwk("a", R"("use":"enc")"),
        rsa.jwk("a", R"("use":null)"),
        rsa.jwk("a", R"("key_ops":["sign"])"),
        rsa.jwk("a", R"("key_ops":"verify")"),
        rsa.jwk("a", R"("key_ops":[])"),
        rsa.jwk("a", R"("alg":"RS512")"),
        rsa.jwk("a", R"("alg":"HS256")"),
        rsa.jwk("a", R"("alg":"none")"),
        rsa.jwk("a", R"("alg":1)"),
        rsa.jwk("a", R"("d":"AQAB")"),
        rsa.jwk("", R"("kid":7)"),
        rsa.jwk(std::string(257, 'k')),
        ec.jwk("a", R"("alg":"RS256")"),
        p384.jwk("a"),
        SigningPair::rsa(1024).jwk("weak"),
        R"({"kty":"RSA","n":"","e":"AQAB"})",
        R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
        R"({"kty":"RSA","e":"AQAB"})",
        R"({"kty":"RSA","n":")" + base64Url(std::string(256, '\xfe')) + R"(","e":"AQAB"})", // even
        R"({"kty":"RSA","n":")" + base64Url(std::string(256, '\xff')) + R"(","e":"AQ"})",   // exponent 1
        R"({"kty":"RSA","n":")" + base64Url(std::string(256, '\xff')) + R"(","e":"Ag"})",   // even exponent
        R"({"kty":"RSA","n":")" + base64Url(std::string(256, '\xff')) + R"(","e":")" +
            base64Url(std::string(9, '\x01')) + "\"}",
        R"({"kty":"RSA","n":")" + base64Url(std::string(1025, '\xff')) + R"(","e":"AQAB"})", // too large
        R"({"kty":"RSA","n":")" + base64Url(rsa.number("n")) + R"(=","e":"AQAB"})",
        R"({"kty":"EC","crv":"P-256","x":")" + base64Url(ec.number("x")) + R"(","y":")" +
            base64Url(ec.number("x")) + "\"}",
        R"({"kty":"EC","crv":"P-256","x":")" + base64Url(std::string(32, '\0')) + R"(","y":")" +
            base64Url(std::string(32, '\0')) + "\"}",
        R"({"kty":"EC","crv":"P-256","x":")" + base64Url(ec.number("x").substr(1)) + R"(","y":")" +
            base64Url(ec.number("y")) + "\"}",
        R"({"kty":"EC","crv":"P-256","x":")" + base64Url(ec.number("x")) + "\"}",
        R"({"kty":"EC","crv":"secp256k1","x":")" + base64Url(ec.number("x")) + R"(","y":")" +
            base64Url(ec.number("y")) + "\"}",
        R"({"kty":"oct","k":")" + base64Url(std::string(31, 'k')) + "\"}",
        R"({"kty":"oct"})",
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        R"({"kty":"rsa"})",
        R"({})",
        R"("a text")",
        "null",
    };
    for (const std::string &jwk : skipped) {
        EXPECT_THAT(jwksProblem(jwkSet({jwk})), HasSubstr(unusable)) << jwk;
        const auto beside = keysFromJwks(jwkSet({jwk, secretJwk}), JwksSecrets::Taken);
        EXPECT_TRUE(beside && beside->size() == 1) << jwk;
    }
    EXPECT_THAT(jwksProblem(jwkSet({secretJwk}), JwksSecrets::Skipped), HasSubstr(unusable));
}

TEST(JwtKeys, RefusesWhatIsNoJwkSet)
{
    for (const char *json :
         {"", "{}", "[]", "null", R"({"keys":{}})", R"({"keys":null})", R"({"keys":[}])", "<html>",
          R"({"keys":[],"keys":[]})", R"({"keys":[{"kty":"oct","kty":"RSA"}]})", "{\"keys\":[\"\xff\"]}"})
        EXPECT_THAT(jwksProblem(json), HasSubstr("not a JWK Set")) << json;
    EXPECT_THAT(jwksProblem(R"({"keys":[]})"), HasSubstr(unusable));
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += (many.empty() ? "" : ",") + secretJwk;
    EXPECT_THAT(jwksProblem("{\"keys\":[" + many + "]}"), HasSubstr("more than 100"));
    EXPECT_THAT(jwksProblem(jwkSet({secretJwk}) + std::string(256 * 1024, ' ')),
                HasSubstr("longer than 256 KiB"));
    EXPECT_THAT(jwksProblem(std::string(5000, '[')), HasSubstr("not a JWK Set"));
}

TEST(JwtKeys, ReadsPublicKeysOfPem)
{
    const SigningPair rsa = SigningPair::rsa();
    const SigningPair ec = SigningPair::curve();
    const auto keys = keysFromPem("a comment\n" + rsa.publicPem() + ec.publicPem());
    ASSERT_TRUE(keys) << keys.error().detail;
    ASSERT_EQ(keys->size(), 2u);
    EXPECT_EQ((*keys)[0].algorithm, JwtAlgorithm::RS256);
    EXPECT_EQ((*keys)[1].algorithm, JwtAlgorithm::ES256);
    EXPECT_EQ((*keys)[0].id, "");
}

TEST(JwtKeys, RefusesOtherPem)
{
    const SigningPair ec = SigningPair::curve();
    EXPECT_THAT(pemProblem(""), HasSubstr("no PEM block"));
    EXPECT_THAT(pemProblem("-----BEGIN PUBLIC KEY-----\nAAAA"), HasSubstr("no PEM block"));
    EXPECT_THAT(pemProblem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
                HasSubstr("no RSA or P-256"));
    EXPECT_THAT(pemProblem("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
                HasSubstr("no RSA or P-256"));
    EXPECT_THAT(pemProblem(ec.privatePem()), HasSubstr("private key"));
    EXPECT_THAT(pemProblem(ec.publicPem() + ec.privatePem()), HasSubstr("private key"));
    EXPECT_THAT(pemProblem(SigningPair::curve("P-384").publicPem()), HasSubstr("no RSA or P-256"));
    EXPECT_THAT(pemProblem(SigningPair::rsa(1024).publicPem()), HasSubstr("2048"));
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += ec.publicPem();
    EXPECT_THAT(pemProblem(many), HasSubstr("more than 100"));
}

TEST(JwtKeys, RefusesShortSecrets)
{
    EXPECT_TRUE(keyFromSecret(std::string(32, 's')));
    EXPECT_FALSE(keyFromSecret(std::string(31, 's')));
    EXPECT_FALSE(keyFromSecret(""));
}

TEST(JwtKeys, KnowsThreeAlgorithms)
{
    EXPECT_EQ(jwtAlgorithmNamed("RS256"), JwtAlgorithm::RS256);
    for (const char *name : {"", "none", "hs256", "HS384", "PS256", "HS256 "})
        EXPECT_FALSE(jwtAlgorithmNamed(name)) << name;
}

} // namespace mws
