#include "support/gateway_test.h"

namespace mws::test {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

struct WireCase
{
    const char *name;
    HttpHeaders headers;
    int status; ///< of the upgrade
};

/// Against `https://app.example.com`, `https://*.example.com`, `https://port.example.net:8443`.
const std::vector<WireCase> &wireCases()
{
    static const std::vector<WireCase> cases{
        {"Exact", {{"Origin", "https://app.example.com"}}, 101},
        {"OtherCase", {{"origin", "HTTPS://App.Example.COM"}}, 101},
        {"DefaultPort", {{"Origin", "https://app.example.com:443"}}, 101},
        {"BelowTheWildcard", {{"Origin", "https://a.b.example.com"}}, 101},
        {"PunycodeBelow", {{"Origin", "https://xn--bcher-kva.example.com"}}, 101},
        {"PortOfTheList", {{"Origin", "https://port.example.net:8443"}}, 101},
        {"NoOriginIsNoBrowser", {}, 101},
        {"OtherPort", {{"Origin", "https://app.example.com:8443"}}, 403},
        {"PortMissing", {{"Origin", "https://port.example.net"}}, 403},
        {"Null", {{"Origin", "null"}}, 403},
        {"Empty", {{"Origin", ""}}, 403},
        {"Blank", {{"Origin", " \t "}}, 403},
        {"PlainHttp", {{"Origin", "http://app.example.com"}}, 403},
        {"WildcardsOwnDomain", {{"Origin", "https://example.com"}}, 403},
        {"LookAlikePrefix", {{"Origin", "https://evilexample.com"}}, 403},
        {"LookAlikeSuffix", {{"Origin", "https://app.example.com.evil.io"}}, 403},
        {"EmptyLabel", {{"Origin", "https://.example.com"}}, 403},
        {"SpaceInTheHost", {{"Origin", "https://a b.example.com"}}, 403},
        {"TrailingDot", {{"Origin", "https://app.example.com."}}, 403},
        {"TrailingSlash", {{"Origin", "https://app.example.com/"}}, 403},
        {"Path", {{"Origin", "https://evil.io/app.example.com"}}, 403},
        {"UserInfo", {{"Origin", "https://app.example.com@evil.io"}}, 403},
        {"UserInfoBelow", {{"Origin", "https://evil@a.example.com"}}, 403},
        {"Unicode",
         {{"Origin", "https://b\xc3\xbc"
                     "cher.example.com"}},
         403},
        {"Listed", {{"Origin", "https://app.example.com, https://evil.io"}}, 403},
        {"ListedBySpace", {{"Origin", "https://app.example.com https://app.example.com"}}, 403},
        {"TwiceTheSame", {{"Origin", "https://app.example.com"}, {"Origin", "https://app.example.com"}}, 400},
        {"GoodThenEvil", {{"Origin", "https://app.example.com"}, {"Origin", "https://evil.io"}}, 400},
        {"EvilThenGood", {{"Origin", "https://evil.io"}, {"Origin", "https://app.example.com"}}, 400},
        {"TheStarItself", {{"Origin", "*"}}, 403},
        {"ThePatternItself", {{"Origin", "https://*.example.com"}}, 403},
    };
    return cases;
}

} // namespace

class OriginList : public EachBase
{
protected:
    OriginList()
    {
        EXPECT_EQ(api.call("PUT", "/configuration",
                           R"({"allowedOrigins":["https://app.example.com","https://*.example.com",)"
                           R"("https://port.example.net:8443"]})")
                      .status,
                  200);
    }
};
MWS_FOR_EACH_BASE(OriginList);

TEST_P(OriginList, IsCheckedBeforeTheUpgradeAndSpendsNoToken)
{
    for (const WireCase &one : wireCases()) {
        SCOPED_TRACE(one.name);
        const Issued issued = api.reserve();
        RawWebSocket refused = api.openIssued(issued, one.headers);
        EXPECT_EQ(refused.answer().status, one.status);
        if (one.status == 101)
            continue;
        EXPECT_TRUE(refused.waitForEnd()) << "a refused request is the last of its connection";
        EXPECT_EQ(errorReason(refused.answer()), one.status == 403 ? "OriginDenied" : "BadRequest");
        EXPECT_THAT(refused.answer().header("Sec-WebSocket-Accept"), IsEmpty());
        const RawWebSocket opened = api.openIssued(issued, {{"Origin", "https://app.example.com"}});
        EXPECT_EQ(opened.answer().status, 101) << "the token was spent by a page that may not connect";
    }
}

TEST_P(OriginList, IsCheckedBeforeTheTokenIsLookedAt)
{
    const Endpoint endpoint = gateway.endpoint();
    const std::string path = api.base() + "/socket?token=not-a-token";
    EXPECT_EQ(RawWebSocket(endpoint, path, {{"Origin", "https://evil.io"}}).answer().status, 403);
    EXPECT_EQ(RawWebSocket(endpoint, path, {{"Origin", "https://app.example.com"}}).answer().status, 401);
    EXPECT_EQ(RawWebSocket(endpoint, path).answer().status, 401);
}

TEST_P(OriginList, DecidesWhomTheAnswersAreFor)
{
    for (const WireCase &one : wireCases()) {
        SCOPED_TRACE(one.name);
        HttpHeaders headers = one.headers;
        headers.emplace_back("Authorization", "Bearer " + api.bearer());
        const HttpAnswer answer = api.client().request("GET", api.base() + "/sockets", {}, headers);
        if (answer.status == 400) // two Origin fields may be refused as such
            continue;
        EXPECT_EQ(answer.status, 200);
        const bool named = one.status == 101 && !one.headers.empty();
        EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), named ? one.headers[0].second : "");
        EXPECT_THAT(answer.header("Vary"), HasSubstr("Origin"));
        EXPECT_FALSE(answer.hasHeader("Access-Control-Allow-Credentials"));
    }
}

TEST_P(OriginList, AnyOriginIsTheDefaultAndNullNeedsItsName)
{
    const auto upgrade = [this](const char *origin) {
        return api.openIssued(api.reserve(), {{"Origin", origin}}).answer().status;
    };
    ASSERT_EQ(
        api.call("PUT", "/configuration", R"({"allowedOrigins":["https://app.example.com","null"]})").status,
        200);
    EXPECT_EQ(upgrade("null"), 101);
    EXPECT_EQ(upgrade("https://a.example.com"), 403);
    ASSERT_EQ(api.call("PUT", "/configuration", R"({"allowedOrigins":null})").status, 200);
    EXPECT_EQ(upgrade("null"), 101);
    EXPECT_EQ(upgrade("https://anybody.example"), 101);
}

TEST_P(OriginList, RefusesPatternsThatMeanNothing)
{
    for (const char *pattern :
         {"*.example.com", "https://*", "https://app.example.com/", "https://*.example.com:*", "example.com",
          "https://a.*.com", "https://u@app.example.com"}) {
        const HttpAnswer answer =
            api.call("PUT", "/configuration",
                     R"({"allowedOrigins":["https://x.example",")" + std::string(pattern) + "\"]}");
        EXPECT_EQ(answer.status, 422) << pattern;
        EXPECT_EQ(errorProperty(answer), "allowedOrigins[1]") << pattern;
    }
}

class AnonymousOrigin : public GatewayTest
{
protected:
    AnonymousOrigin()
        : GatewayTest({.environment = {{"SECURITY_TOKEN", securityToken},
                                       {"MWS_GATEWAY_ANONYMOUS_SOCKETS", "true"},
                                       {"MWS_GATEWAY_ALLOWED_ORIGINS", "https://*.example.com"}}})
    {}
};

TEST_F(AnonymousOrigin, HoldsForSocketsWithoutATokenToo)
{
    for (const char *path : {"/", "/v1/socket"}) {
        EXPECT_EQ(RawWebSocket(gateway.endpoint(), path, {{"Origin", "https://evil.io"}}).answer().status,
                  403);
        EXPECT_EQ(
            RawWebSocket(gateway.endpoint(), path, {{"Origin", "https://a.example.com"}}).answer().status,
            101);
        EXPECT_EQ(RawWebSocket(gateway.endpoint(), path).answer().status, 101);
    }
}

} // namespace mws::test
