#include "jwt_test_data.h"

#include <functional>
#include <gtest/gtest.h>
#include <vector>

namespace mws {

namespace {

using namespace test;

std::string replaced(std::string text, size_t at, char by)
{
    text[at] = by;
    return text;
}

/// A token that must not pass, by name.
struct BadToken
{
    std::string name;
    std::function<std::string()> make;
};

BadToken header(const std::string &name, const std::string &text)
{
    return {name, [text] { return withHeader(text); }};
}

BadToken claim(const std::string &name, const std::string &text)
{
    return {name, [text] { return withClaims(text); }};
}

/// Unsigned tokens whose header names that algorithm.
BadToken unsignedToken(const std::string &name, const std::string &algorithm, const std::string &signature)
{
    return {name, [=] {
                return base64Url("{\"alg\":\"" + algorithm + "\"}") + '.' + base64Url(claims()) + '.' +
                       signature;
            }};
}

std::vector<BadToken> algorithms()
{
    return {
        unsignedToken("NoneWithoutSignature", "none", ""),
        unsignedToken("NoneWithSignature", "none", "AAAA"),
        unsignedToken("NoneInCapitals", "NONE", ""),
        unsignedToken("NoneInMixedCase", "nOnE", ""),
        unsignedToken("NoneWithSpace", "none ", ""),
        unsignedToken("NoneWithNul", "none\\u0000", ""),
        unsignedToken("HmacWithoutSignature", "HS256", ""),
        {"NoneWithTheGoodSignature", [] { return hsToken(R"({"alg":"none"})", claims(), secret); }},
        header("AlgorithmMissing", R"({"typ":"JWT"})"),
        header("AlgorithmNull", R"({"alg":null})"),
        header("AlgorithmEmpty", R"({"alg":""})"),
        header("AlgorithmOfANumber", R"({"alg":256})"),
        header("AlgorithmAsAList", R"({"alg":["HS256"]})"),
        header("AlgorithmInLowerCase", R"({"alg":"hs256"})"),
        header("AlgorithmWithSpace", R"({"alg":" HS256"})"),
        header("AlgorithmHs384", R"({"alg":"HS384"})"),
        header("AlgorithmHs512", R"({"alg":"HS512"})"),
        header("AlgorithmEs256k", R"({"alg":"ES256K"})"),
        header("AlgorithmEdDsa", R"({"alg":"EdDSA"})"),
        {"AlgorithmPs256",
         [] { return signedToken(R"({"alg":"PS256","kid":"r1"})", claims(), pairs().rsa); }},
        {"AlgorithmRs1", [] { return signedToken(R"({"alg":"RS1","kid":"r1"})", claims(), pairs().rsa); }},
        {"HmacWithThePublicPem", [] { return hsToken(hsHeader, claims(), pairs().rsa.publicPem()); }},
        {"HmacWithThePublicPemOfItsKid",
         [] { return hsToken(R"({"alg":"HS256","kid":"r1"})", claims(), pairs().rsa.publicPem()); }},
        {"HmacWithTheJwk",
         [] { return hsToken(R"({"alg":"HS256","kid":"r1"})", claims(), pairs().rsa.jwk("r1")); }},
        {"HmacWithTheModulus",
         [] { return hsToken(R"({"alg":"HS256","kid":"r1"})", claims(), pairs().rsa.number("n")); }},
        {"HmacWithTheCoordinate",
         [] { return hsToken(R"({"alg":"HS256","kid":"e1"})", claims(), pairs().ec.number("x")); }},
        {"HmacWithAnEmptySecret", [] { return hsToken(hsHeader, claims(), ""); }},
        {"HmacWithAnotherSecret", [] { return hsToken(hsHeader, claims(), otherSecret); }},
        {"RsaHeaderWithHmac", [] { return hsToken(rsHeader, claims(), secret); }},
        {"EcHeaderWithRsaSignature",
         [] { return signedToken(R"({"alg":"ES256","kid":"r1"})", claims(), pairs().rsa); }},
        {"RsaHeaderWithEcSignature",
         [] { return signedToken(R"({"alg":"RS256","kid":"e1"})", claims(), pairs().ec); }},
        {"KidOfAnotherKey",
         [] { return signedToken(R"({"alg":"RS256","kid":"r1"})", claims(), pairs().otherRsa); }},
        {"KidOfTheOtherKind",
         [] { return signedToken(R"({"alg":"RS256","kid":"e1"})", claims(), pairs().rsa); }},
        {"KidInAnotherCase",
         [] { return signedToken(R"({"alg":"RS256","kid":"R1"})", claims(), pairs().rsa); }},
        {"KidWithUnicode",
         [] { return signedToken(R"({"alg":"RS256","kid":"r\u0661"})", claims(), pairs().rsa); }},
        {"KidWithNul",
         [] { return signedToken(R"({"alg":"RS256","kid":"r1\u0000"})", claims(), pairs().rsa); }},
        {"KidAsAPath",
         [] {
             return hsToken(R"({"alg":"HS256","kid":"../../../../dev/null"})", claims(),
                            std::string(32, '\0'));
         }},
        {"KidOfANumber", [] { return withHeader(R"({"alg":"HS256","kid":1})"); }},
        {"KidNull", [] { return withHeader(R"({"alg":"HS256","kid":null})"); }},
        {"KidTooLong",
         [] { return withHeader(R"({"alg":"HS256","kid":")" + std::string(257, 'k') + "\"}"); }},
        {"UnknownRsaKeyWithoutKid",
         [] { return signedToken(R"({"alg":"RS256"})", claims(), pairs().otherRsa); }},
        {"UnknownEcKeyWithoutKid",
         [] { return signedToken(R"({"alg":"ES256"})", claims(), pairs().otherEc); }},
        {"EmbeddedJwk",
         [] {
             return signedToken(R"({"alg":"RS256","jwk":)" + pairs().otherRsa.jwk("") + "}", claims(),
                                pairs().otherRsa);
         }},
        {"EmbeddedJku",
         [] {
             return signedToken(R"({"alg":"RS256","jku":"http://127.0.0.1:1/jwks"})", claims(),
                                pairs().otherRsa);
         }},
        {"EmbeddedX5u",
         [] {
             return signedToken(R"({"alg":"RS256","x5u":"file:///etc/passwd"})", claims(), pairs().otherRsa);
         }},
        {"EmbeddedX5c",
         [] { return signedToken(R"({"alg":"RS256","x5c":["AAAA"]})", claims(), pairs().otherRsa); }},
        {"CurveP384", [] { return signedToken(R"({"alg":"ES256","kid":"e1"})", claims(), pairs().p384); }},
    };
}

std::vector<BadToken> signatures()
{
    const auto es = [](const std::string &signature) {
        return tokenWithSignature(esHeader, claims(), signature);
    };
    const auto esInput = [] { return base64Url(esHeader) + '.' + base64Url(claims()); };
    // n of P-256: s = n is s = 0.
    const std::string order =
        "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84"
        "\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    return {
        {"EsSignatureInDer", [=] { return es(pairs().ec.signDer(esInput())); }},
        {"EsSignatureAllZero", [=] { return es(std::string(64, '\0')); }},
        {"EsRZero", [=] { return es(std::string(32, '\0') + pairs().ec.sign(esInput()).substr(32)); }},
        {"EsSZero", [=] { return es(pairs().ec.sign(esInput()).substr(0, 32) + std::string(32, '\0')); }},
        {"EsSignatureAllOnes", [=] { return es(std::string(64, '\xff')); }},
        {"EsROne", [=] { return es(std::string(31, '\0') + '\x01' + std::string(31, '\0') + '\x01'); }},
        {"EsTruncated", [=] { return es(pairs().ec.sign(esInput()).substr(0, 63)); }},
        {"EsHalf", [=] { return es(pairs().ec.sign(esInput()).substr(0, 32)); }},
        {"EsTooLong", [=] { return es(pairs().ec.sign(esInput()) + '\0'); }},
        {"EsPaddedHalves",
         [=] {
             const std::string rs = pairs().ec.sign(esInput());
             return es(std::string(1, '\0') + rs.substr(0, 32) + std::string(1, '\0') + rs.substr(32));
         }},
        {"EsSwapped",
         [=] {
             const std::string rs = pairs().ec.sign(esInput());
             return es(rs.substr(32) + rs.substr(0, 32));
         }},
        {"EsOrderForS", [=] { return es(pairs().ec.sign(esInput()).substr(0, 32) + order); }},
        {"RsTruncated",
         [] {
             return tokenWithSignature(
                 rsHeader, claims(),
                 pairs().rsa.sign(base64Url(rsHeader) + '.' + base64Url(claims())).substr(0, 255));
         }},
        {"RsZero", [] { return tokenWithSignature(rsHeader, claims(), std::string(256, '\0')); }},
        {"RsOne", [] { return tokenWithSignature(rsHeader, claims(), std::string(255, '\0') + '\x01'); }},
        {"RsModulus", [] { return tokenWithSignature(rsHeader, claims(), pairs().rsa.number("n")); }},
        {"RsOneByte", [] { return tokenWithSignature(rsHeader, claims(), "x"); }},
        {"RsHuge", [] { return tokenWithSignature(rsHeader, claims(), std::string(1025, 'x')); }},
        {"HsTruncated",
         [] {
             return tokenWithSignature(
                 hsHeader, claims(),
                 hmac(secret, base64Url(hsHeader) + '.' + base64Url(claims())).substr(0, 31));
         }},
        {"HsTooLong",
         [] {
             return tokenWithSignature(hsHeader, claims(),
                                       hmac(secret, base64Url(hsHeader) + '.' + base64Url(claims())) + "x");
         }},
        {"HsOneBit",
         [] { return replaced(good(), good().size() - 5, good()[good().size() - 5] == 'A' ? 'B' : 'A'); }},
        {"ClaimsExchanged",
         [] {
             const std::string other = withClaims(claims(R"("sub":"adam")"));
             return good().substr(0, good().rfind('.')) + other.substr(other.rfind('.'));
         }},
        {"HeaderExchanged",
         [] {
             const std::string token = good();
             return base64Url(R"({"typ":"JWT","alg":"HS256"})") + token.substr(token.find('.'));
         }},
    };
}

std::vector<BadToken> forms()
{
    const auto parts = [](const std::string &text) { return [text] { return text; }; };
    return {
        {"Empty", parts("")},
        {"OneWord", parts("token")},
        {"DotsOnly", parts("..")},
        {"TwoParts", [] { return good().substr(0, good().rfind('.')); }},
        {"TrailingDot", [] { return good().substr(0, good().rfind('.') + 1); }},
        {"FourParts", [] { return good() + ".AAAA"; }},
        {"FivePartsAsJwe", parts("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOa.48V1.5eym.XFBo")},
        {"JsonSerialization", parts(R"({"payload":"e30","signatures":[]})")},
        {"LeadingSpace", [] { return ' ' + good(); }},
        {"TrailingSpace", [] { return good() + ' '; }},
        {"LineBreakInside", [] { return std::string(good()).insert(10, "\n"); }},
        {"NulInside", [] { return std::string(good()).insert(10, 1, '\0'); }},
        {"NulAtTheEnd", [] { return good() + '\0'; }},
        {"PaddedSignature", [] { return good() + '='; }},
        {"PaddedHeader", [] { return std::string(good()).insert(good().find('.'), "="); }},
        {"NonCanonicalSignature",
         [] {
             // The last character of 32 bytes holds two bits that must be zero.
             const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
             const size_t value = alphabet.find(good().back());
             return replaced(good(), good().size() - 1, alphabet[value + 1]);
         }},
        {"StandardBase64", [] { return std::string(good()).replace(good().size() - 3, 1, "+"); }},
        {"LengthThatCannotBe", [] { return good() + "A"; }},
        {"TooLong", [] { return withClaims(claims("\"x\":\"" + std::string(6200, 'x') + '"')); }},
        header("HeaderNotJson", "alg=HS256"),
        header("HeaderAList", R"([{"alg":"HS256"}])"),
        header("HeaderCutOff", R"({"alg":"HS256")"),
        header("HeaderWithMoreBehind", R"({"alg":"HS256"}{})"),
        header("HeaderAlgorithmTwice", R"({"alg":"none","alg":"HS256"})"),
        header("HeaderMemberTwice", R"({"alg":"HS256","kid":"a","kid":"b"})"),
        header("HeaderNotUtf8", "{\"alg\":\"HS256\",\"x\":\"\xff\"}"),
        header("Crit", R"({"alg":"HS256","crit":["exp"],"exp":1})"),
        header("CritEmpty", R"({"alg":"HS256","crit":[]})"),
        header("UnencodedPayload", R"({"alg":"HS256","b64":false,"crit":["b64"]})"),
        header("UnencodedPayloadWithoutCrit", R"({"alg":"HS256","b64":false})"),
        header("NestedToken", R"({"alg":"HS256","cty":"JWT"})"),
        header("Encrypted", R"({"alg":"HS256","enc":"A256GCM"})"),
        header("Compressed", R"({"alg":"HS256","zip":"DEF"})"),
        header("OtherType", R"({"alg":"HS256","typ":"logout+jwt"})"),
        header("TypeOfANumber", R"({"alg":"HS256","typ":1})"),
    };
}

std::vector<BadToken> claimSets()
{
    const std::string later = std::to_string(now + 300);
    return {
        claim("ClaimsNotJson", "sub=eva"),
        claim("ClaimsEmpty", ""),
        claim("ClaimsAList", "[]"),
        claim("ClaimsAText", "\"" + good() + "\""),
        claim("ClaimsANestedToken", good()),
        claim("ClaimsWithMoreBehind", claims() + "x"),
        claim("ClaimsNotUtf8", claims("\"x\":\"\xc0\x80\"")),
        claim("ClaimsTooDeep", claims("\"x\":" + std::string(2100, '[') + std::string(2100, ']'))),
        claim("SubTwice", claims(R"("sub":"eva","sub":"adam")")),
        claim("ExpTwice", claims("\"exp\":" + later)),
        claim("SubTwiceByEscape", claims(R"("sub":"eva","s\u0075b":"adam")")),
        claim("ExpMissing", R"({"iss":"https://id.example.com","aud":"push","sub":"eva"})"),
        claim("ExpNull", claims("", "null")),
        claim("ExpAText", claims("", '"' + later + '"')),
        claim("ExpAFraction", claims("", later + ".5")),
        claim("ExpWithExponent", claims("", "1.9e9")),
        claim("ExpNaN", claims("", "NaN")),
        claim("ExpInfinity", claims("", "Infinity")),
        claim("ExpNegative", claims("", "-1")),
        claim("ExpZero", claims("", "0")),
        claim("ExpTrue", claims("", "true")),
        claim("ExpAList", claims("", "[" + later + "]")),
        claim("ExpBeyondAnyClock", claims("", "9000000001")),
        claim("ExpInMilliseconds", claims("", later + "000")),
        claim("ExpLargestInteger", claims("", "9223372036854775807")),
        claim("ExpBeyondIntegers", claims("", "9223372036854775808")),
        claim("ExpBeyondNumbers", claims("", "1e999")),
        claim("ExpOctal", claims("", "0" + later)),
        claim("ExpPassed", claims("", std::to_string(now - 61))),
        claim("NbfInTheFuture", claims("\"nbf\":" + std::to_string(now + 61))),
        claim("NbfAText", claims(R"("nbf":"0")")),
        claim("NbfAFraction", claims("\"nbf\":0.5")),
        claim("NbfNull", claims("\"nbf\":null")),
        claim("NbfNegative", claims("\"nbf\":-1")),
        claim("IatAText", claims(R"("iat":"now")")),
        claim("AudMissing", R"({"iss":"https://id.example.com","exp":)" + later + "}"),
        claim("AudOther", claims("", later, R"("pull")")),
        claim("AudPrefix", claims("", later, R"("pus")")),
        claim("AudOtherCase", claims("", later, R"("Push")")),
        claim("AudWithSpace", claims("", later, R"("push ")")),
        claim("AudEmptyList", claims("", later, "[]")),
        claim("AudListOfOthers", claims("", later, R"(["pull","pushy"])")),
        claim("AudListWithANumber", claims("", later, R"(["push",1])")),
        claim("AudNestedList", claims("", later, R"([["push"]])")),
        claim("AudAnObject", claims("", later, R"({"push":true})")),
        claim("AudNull", claims("", later, "null")),
        claim("IssMissing", R"({"aud":"push","exp":)" + later + "}"),
        claim("IssOther", claims("", later, R"("push")", R"("https://id.example.com.evil.io")")),
        claim("IssWithSlash", claims("", later, R"("push")", R"("https://id.example.com/")")),
        claim("IssAList", claims("", later, R"("push")", R"(["https://id.example.com"])")),
        claim("SubEmpty", claims(R"("sub":"")")),
        claim("SubNull", claims(R"("sub":null)")),
        claim("SubOfANumber", claims(R"("sub":42)")),
        claim("SubAList", claims(R"("sub":["eva"])")),
        claim("SubWithNul", claims(R"("sub":"eva\u0000adam")")),
        claim("SubWithLineBreak", claims(R"("sub":"eva\nadam")")),
        claim("SubTooLong", claims("\"sub\":\"" + std::string(257, 'e') + '"')),
        claim("GroupsAText", claims(R"("groups":"usergroups.admins")")),
        claim("GroupsWithANumber", claims(R"("groups":[7])")),
        claim("GroupsWithAnEmptyText", claims(R"("groups":[""])")),
        claim("GroupWithoutId", claims(R"("usergroups":[{"objectType":"usergroups"}])")),
        claim("GroupWithAnEmptyType", claims(R"("usergroups":[{"id":"a","objectType":""}])")),
        claim("GroupsNestedList", claims(R"("usergroups":[["admins"]])")),
        claim("GroupWithControlCharacter", claims(R"("groups":["a\u0007"])")),
    };
}

void expectRefused(const std::vector<BadToken> &all)
{
    for (const BadToken &bad : all) {
        SCOPED_TRACE(bad.name);
        const JwtVerdict found = verdict(bad.make());
        ASSERT_FALSE(found.identity);
        EXPECT_EQ(found.identity.error().code, ErrorCode::AuthenticationNeeded);
        EXPECT_FALSE(found.identity.error().detail.empty());
    }
    EXPECT_TRUE(verdict(good()).identity) << "or nothing passes";
}

} // namespace

TEST(JwtRefusals, OfAlgorithmsAndKeys)
{
    expectRefused(algorithms());
}

TEST(JwtRefusals, OfSignatures)
{
    expectRefused(signatures());
}

TEST(JwtRefusals, OfFormsAndHeaders)
{
    expectRefused(forms());
}

TEST(JwtRefusals, OfClaims)
{
    expectRefused(claimSets());
}

} // namespace mws
