#include "mws/domain/origin.h"

#include <gtest/gtest.h>

namespace mws {

struct OriginCase
{
    std::vector<std::string> allowed;
    std::string origin;
    bool expected;
};

class Origin : public testing::TestWithParam<OriginCase>
{};

TEST_P(Origin, IsCheckedAgainstTheList)
{
    EXPECT_EQ(originAllowed(GetParam().allowed, GetParam().origin), GetParam().expected)
        << GetParam().origin << " against " << (GetParam().allowed.empty() ? "" : GetParam().allowed[0]);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Origin,
    testing::Values(OriginCase{{}, "https://a.example", true}, OriginCase{{"*"}, "null", true},
                    OriginCase{{"https://a.example"}, "https://a.example", true},
                    OriginCase{{"https://a.example"}, "HTTPS://A.Example", true},
                    OriginCase{{"https://a.example"}, "https://a.example:8443", false},
                    OriginCase{{"https://a.example"}, "http://a.example", false},
                    OriginCase{{"https://a.example"}, "null", false},
                    OriginCase{{"https://a.example"}, "https://a.example.evil.net", false},
                    OriginCase{{"https://*.example.com"}, "https://app.example.com", true},
                    OriginCase{{"https://*.example.com"}, "https://a.b.example.com", true},
                    OriginCase{{"https://*.example.com"}, "https://example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://evilexample.com", false},
                    OriginCase{{"https://*.example.com"}, "https://evil.net/.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://evil.net?.example.com", false},
                    OriginCase{{"https://*.example.com"}, "http://app.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://evil:1.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://evil#.example.com", false},
                    OriginCase{{"https://*.example.com"}, "", false},
                    OriginCase{{"https://*.example.com"}, "https://a b.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://a,b.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://a%00.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://\xff.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://*.example.com", false},
                    OriginCase{{"https://*.example.com"}, "https://app.example.com.evil.net", false},
                    OriginCase{{"https://one.example", "https://two.example"}, "https://two.example", true}));

} // namespace mws
