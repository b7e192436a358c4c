#include "api/cors.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

TEST(Cors, MatchesOriginsExactlyOrBelowADomain)
{
    EXPECT_TRUE(originAllowed({}, "https://x"));
    EXPECT_TRUE(originAllowed({"*"}, "null"));
    EXPECT_TRUE(originAllowed({"https://a.example"}, "https://a.example"));
    EXPECT_FALSE(originAllowed({"https://a.example"}, "http://a.example"));
    EXPECT_FALSE(originAllowed({"https://a.example"}, "https://a.example:8443"));
    const std::vector<std::string> below{"https://*.example.com"};
    EXPECT_TRUE(originAllowed(below, "https://a.example.com"));
    EXPECT_TRUE(originAllowed(below, "https://a.b.example.com"));
    for (const char *origin :
         {"https://example.com", "https://.example.com", "http://a.example.com", "https://aexample.com",
          "https://a.example.com.evil", "https://evil/.example.com", "https://evil:1.example.com",
          "https://evil#.example.com", ""})
        EXPECT_FALSE(originAllowed(below, origin)) << origin;
}

} // namespace
} // namespace mws
