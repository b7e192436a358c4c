#include "api/socket_uri.h"

#include <gtest/gtest.h>

#include <map>

namespace mws {
namespace {

class SocketUri : public testing::Test
{
protected:
    std::string origin() const
    {
        ApiRequest request;
        request.header = [this](std::string_view name) {
            const auto it = headers.find(name);
            return it == headers.end() ? std::string() : it->second;
        };
        const auto result = socketOrigin(gateway, config, request);
        return result ? *result : "refused";
    }
    Gateway gateway;
    ApiConfig config;
    std::map<std::string, std::string, std::less<>> headers{{"host", "h:80"}};
};

TEST_F(SocketUri, TakesTheRequestsHostIfNothingElseIsSaid)
{
    EXPECT_EQ(origin(), "ws://h:80");
    headers["host"] = "[::1]:8080";
    EXPECT_EQ(origin(), "ws://[::1]:8080");
    headers["host"] = "a\"b";
    EXPECT_EQ(origin(), "refused");
    headers.clear();
    EXPECT_EQ(origin(), "refused");
}

TEST_F(SocketUri, PrefersPublicUrlsThenTheAppDomain)
{
    config.appDomain = "app.example";
    EXPECT_EQ(origin(), "wss://app.example");
    config.publicUrl = "http://all.example:8080/";
    EXPECT_EQ(origin(), "ws://all.example:8080");
    gateway.settings.publicUrl = "https://one.example/push";
    EXPECT_EQ(origin(), "wss://one.example/push");
}

TEST_F(SocketUri, BelievesForwardedHeadersOnlyWhenTold)
{
    headers["x-forwarded-host"] = " front.example , inner";
    headers["x-forwarded-proto"] = "https";
    EXPECT_EQ(origin(), "ws://h:80");
    config.trustForwarded = true;
    EXPECT_EQ(origin(), "wss://front.example");
    headers["x-forwarded-host"] = "bad host";
    EXPECT_EQ(origin(), "wss://h:80");
}

TEST_F(SocketUri, IsSecureWhereThePortIs)
{
    config.tls = true;
    EXPECT_EQ(origin(), "wss://h:80");
    config.trustForwarded = true;
    EXPECT_EQ(origin(), "wss://h:80");
    headers["x-forwarded-proto"] = "http"; // a proxy that speaks TLS to us only
    EXPECT_EQ(origin(), "ws://h:80");
    config.publicUrl = "http://all.example";
    EXPECT_EQ(origin(), "ws://all.example");
}

TEST_F(SocketUri, PutsGatewayAndTokenIntoTheUri)
{
    EXPECT_EQ(socketUri("wss://h", "default", "t.o.k"), "wss://h/v1/gateways/default/socket?token=t.o.k");
}

} // namespace
} // namespace mws
