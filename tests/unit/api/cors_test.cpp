#include "api/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace mws {
namespace {

using testing::ElementsAre;
using testing::Pair;

ApiRequest withHeaders(std::map<std::string, std::string, std::less<>> headers)
{
    ApiRequest request;
    request.header = [headers = std::move(headers)](std::string_view name) {
        const auto it = headers.find(name);
        return it == headers.end() ? std::string() : it->second;
    };
    return request;
}

TEST(Cors, SaysNothingButVaryWithoutAnOrigin)
{
    EXPECT_THAT(corsHeaders({"*"}, withHeaders({})), ElementsAre(Pair("Vary", "Origin")));
}

TEST(Cors, NamesAnAllowedOriginTheMethodsAndTheHeadersThatWereAskedFor)
{
    EXPECT_THAT(corsHeaders({"https://*.example.com"},
                            withHeaders({{"origin", "https://a.example.com"},
                                         {"access-control-request-headers", "x-one, authorization"}})),
                ElementsAre(Pair("Vary", "Origin"),
                            Pair("Access-Control-Allow-Origin", "https://a.example.com"),
                            Pair("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
                            Pair("Access-Control-Allow-Headers", "x-one, authorization")));
}

TEST(Cors, DoesNotNameAnOriginThatIsNotAllowed)
{
    EXPECT_THAT(corsHeaders({"https://a.example"}, withHeaders({{"origin", "https://evil.example"}})),
                ElementsAre(Pair("Vary", "Origin")));
}

TEST(Cors, NeverNamesSeveralOrigins)
{
    for (const char *origin : {"https://a.example, https://evil.example",
                               "https://a.example https://a.example", "https://a.example,https://a.example"})
        for (const std::vector<std::string> &allowed : {std::vector<std::string>{"*"}, {"https://a.example"}})
            EXPECT_THAT(corsHeaders(allowed, withHeaders({{"origin", origin}})),
                        ElementsAre(Pair("Vary", "Origin")));
}

} // namespace
} // namespace mws
