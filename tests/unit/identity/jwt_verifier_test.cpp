#include "identity/jwt_verifier.h"

#include "jwt_test_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

} // namespace

TEST(JwtVerifier, TakesEachAlgorithmWithItsKey)
{
    for (const std::string &token :
         {good(), signedToken(rsHeader, claims(), pairs().rsa), signedToken(esHeader, claims(), pairs().ec),
          signedToken(R"({"alg":"RS256"})", claims(), pairs().rsa),
          signedToken(R"({"alg":"ES256"})", claims(), pairs().ec),
          withHeader(R"({"alg":"HS256","typ":"at+jwt","kid":"unknown-but-the-secret-has-none"})")}) {
        const JwtVerdict found = verdict(token);
        ASSERT_TRUE(found.identity) << found.identity.error().detail;
        EXPECT_EQ(found.identity->userId, "eva");
        EXPECT_FALSE(found.keyMissing);
    }
}

TEST(JwtVerifier, TakesTheExamplesOfTheStandards)
{
    // RFC 7515 A.1: HS256, with its key and claims.
    const std::string token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
        "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const auto keys =
        keysFromJwks(jwkSet({R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75)"
                             R"(aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})"}),
                     JwksSecrets::Taken);
    ASSERT_TRUE(keys) << keys.error().detail;
    JwtProvider rules;
    rules.issuer = "joe";
    const WallTime then{std::chrono::seconds(1300819379)};
    const auto found = verifyJwt(token, rules, *keys, then).identity;
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->userId, "");
    EXPECT_THAT(verifyJwt(token, rules, *keys, then + std::chrono::seconds(61)).identity.error().detail,
                HasSubstr("expired"));

    // RFC 7515 A.3: ES256. Its payload is the same.
    const std::string es =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
        "S9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP"
        "3-Kg6NU1Q";
    const auto esKeys =
        keysFromJwks(jwkSet({R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")"
                             R"(,"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"}),
                     JwksSecrets::Skipped);
    ASSERT_TRUE(esKeys) << esKeys.error().detail;
    EXPECT_TRUE(verifyJwt(es, rules, *esKeys, then).identity);
}

TEST(JwtVerifier, ReadsUserAndGroups)
{
    const auto identityOf = [](const std::string &more) {
        return *verdict(withClaims(claims(more))).identity;
    };
    EXPECT_EQ(
        identityOf(R"("sub":"eva","usergroups":["club.9",{"id":"admins"},{"id":"7","objectType":"teams"}])"),
        (Identity{"eva", {"club.9", "usergroups.admins", "teams.7"}}));
    EXPECT_EQ(identityOf(R"("sub":"eva","groups":["usergroups.a"])"), (Identity{"eva", {"usergroups.a"}}));
    EXPECT_EQ(identityOf(R"("sub":"eva","usergroups":[],"groups":["x.y"])"), (Identity{"eva", {}}));
    EXPECT_EQ(identityOf(R"("sub":"eva","groups":null)"), (Identity{"eva", {}}));
    EXPECT_EQ(identityOf(""), (Identity{"", {}}));
    EXPECT_THAT(identityOf(R"("groups":["x.y"])").subjects(), ElementsAre("x.y")) << "no user, no users.ID";
    EXPECT_THAT(identityOf(R"("sub":"\u00e4","groups":["x.y","x.y"])").subjects(),
                ElementsAre("users.\xc3\xa4", "x.y"));
}

TEST(JwtVerifier, AllowsTheClocksToDifferByTheLeeway)
{
    const auto isGood = [](const std::string &more, int64_t exp, std::chrono::seconds leeway) {
        JwtProvider rules = rulesOfTest();
        rules.leeway = leeway;
        return verdict(withClaims(claims(more, std::to_string(exp))), rules).identity.has_value();
    };
    using std::chrono::seconds;
    EXPECT_TRUE(isGood("", now - 59, seconds(60)));
    EXPECT_FALSE(isGood("", now - 60, seconds(60)));
    EXPECT_TRUE(isGood("", now + 1, seconds(0)));
    EXPECT_FALSE(isGood("", now, seconds(0)));
    EXPECT_TRUE(isGood("\"nbf\":" + std::to_string(now + 60), now + 300, seconds(60)));
    EXPECT_FALSE(isGood("\"nbf\":" + std::to_string(now + 61), now + 300, seconds(60)));
    EXPECT_FALSE(isGood("\"nbf\":" + std::to_string(now + 1), now + 300, seconds(0)));
    EXPECT_TRUE(isGood("\"iat\":" + std::to_string(now) + ".5", now + 300, seconds(0)));
}

TEST(JwtVerifier, ChecksAudienceAndIssuerAsConfigured)
{
    const auto isGood = [](const std::string &audience, std::vector<std::string> accepted) {
        JwtProvider rules = rulesOfTest();
        rules.audience = std::move(accepted);
        const std::string aud = audience.empty() ? "" : ",\"aud\":" + audience;
        return verdict(withClaims(R"({"iss":"https://id.example.com","exp":)" + std::to_string(now + 9) +
                                  aud + "}"),
                       rules)
            .identity.has_value();
    };
    EXPECT_TRUE(isGood(R"("push")", {"push"}));
    EXPECT_TRUE(isGood(R"(["other","push"])", {"x", "push"}));
    EXPECT_TRUE(isGood("", {}));
    EXPECT_TRUE(isGood("", {"*"}));
    EXPECT_TRUE(isGood(R"("anything")", {"*"}));
    EXPECT_FALSE(isGood(R"("push")", {})) << "RFC 7519 §4.1.3: it is for somebody else";
    EXPECT_FALSE(isGood("", {"push"}));
    EXPECT_FALSE(isGood("[]", {"push"}));
    JwtProvider rules = rulesOfTest();
    rules.issuer = "";
    EXPECT_TRUE(
        verdict(withClaims(claims("", std::to_string(now + 9), R"("push")", R"("https://elsewhere")")), rules)
            .identity);
}

TEST(JwtVerifier, NarrowsTheAlgorithms)
{
    JwtProvider rules = rulesOfTest();
    rules.algorithms = {"ES256"};
    EXPECT_THAT(verdict(good(), rules).identity.error().detail, HasSubstr("jwt_algorithms"));
    EXPECT_FALSE(verdict(signedToken(rsHeader, claims(), pairs().rsa), rules).identity);
    EXPECT_TRUE(verdict(signedToken(esHeader, claims(), pairs().ec), rules).identity);
}

TEST(JwtVerifier, TellsAMissingKeyFromAWrongSignature)
{
    EXPECT_TRUE(verdict(signedToken(R"({"alg":"RS256","kid":"r2"})", claims(), pairs().otherRsa)).keyMissing);
    EXPECT_FALSE(verdict(signedToken(rsHeader, claims(), pairs().otherRsa)).keyMissing);
    EXPECT_TRUE(verdict(good(), rulesOfTest(), {}).keyMissing);
    EXPECT_TRUE(verdict(signedToken(R"({"alg":"RS256"})", claims(), pairs().rsa), rulesOfTest(),
                        {*keyFromSecret(secret)})
                    .keyMissing);
    EXPECT_FALSE(verdict("x.y.z", rulesOfTest(), {}).keyMissing);
}

TEST(JwtVerifier, TriesABoundedNumberOfKeys)
{
    JwtKeys keys(maxKeysTried, *keyFromSecret(otherSecret));
    keys.push_back(*keyFromSecret(secret));
    EXPECT_FALSE(verdict(good(), rulesOfTest(), keys).identity);
    keys.erase(keys.begin());
    EXPECT_TRUE(verdict(good(), rulesOfTest(), keys).identity);
}

TEST(JwtVerifier, SaysNothingOfTheToken)
{
    const std::string token = withClaims(claims(R"("sub":"eva","groups":"private-group")"));
    const std::string detail = verdict(token).identity.error().detail;
    EXPECT_THAT(detail, HasSubstr("groups"));
    EXPECT_THAT(detail, Not(HasSubstr("private-group")));
}

} // namespace mws
