#include "mws/domain/origin.h"

#include <gtest/gtest.h>
#include <ostream>

namespace mws {

struct OriginCase
{
    std::vector<std::string> allowed;
    std::string origin;
    bool expected;
};

void PrintTo(const OriginCase &value, std::ostream *out)
{
    *out << '"' << value.origin << "\" against";
    for (const std::string &entry : value.allowed)
        *out << " \"" << entry << '"';
}

class Origin : public testing::TestWithParam<OriginCase>
{};

TEST_P(Origin, IsCheckedAgainstTheList)
{
    EXPECT_EQ(originAllowed(GetParam().allowed, GetParam().origin), GetParam().expected);
}

const std::vector<std::string> any{"*"};
const std::vector<std::string> exact{"https://a.example"};
const std::vector<std::string> below{"https://*.example.com"};
const std::vector<std::string> withPort{"https://a.example.com:8443"};
const std::vector<std::string> belowWithPort{"https://*.example.com:8443"};

INSTANTIATE_TEST_SUITE_P(
    Exact, Origin,
    testing::Values(
        OriginCase{{}, "https://a.example", true}, OriginCase{any, "https://a.example", true},
        OriginCase{any, "null", true}, OriginCase{any, "my-application", true},
        OriginCase{exact, "https://a.example", true}, OriginCase{exact, "HTTPS://A.Example", true},
        OriginCase{{"HTTPS://A.Example"}, "https://a.example", true},
        OriginCase{exact, "https://a.example:443", true}, OriginCase{exact, "https://a.example:8443", false},
        OriginCase{{"https://a.example:443"}, "https://a.example", true},
        OriginCase{{"http://a.example"}, "http://a.example:80", true},
        OriginCase{{"http://a.example"}, "http://a.example:443", false},
        OriginCase{exact, "http://a.example", false}, OriginCase{exact, "http://a.example:443", false},
        OriginCase{exact, "ws://a.example", false}, OriginCase{exact, "null", false},
        OriginCase{exact, "NULL", false}, OriginCase{{"null"}, "null", true},
        OriginCase{{"null"}, "https://a.example", false}, OriginCase{{"null"}, "", false},
        OriginCase{exact, "", false}, OriginCase{exact, "a.example", false},
        OriginCase{exact, "//a.example", false}, OriginCase{exact, "https:a.example", false},
        OriginCase{exact, "https://a.example.evil.net", false},
        OriginCase{exact, "https://evila.example", false}, OriginCase{exact, "https://b.a.example", false},
        OriginCase{exact, "https://a.example.", false}, OriginCase{exact, "https://a.example/", false},
        OriginCase{exact, "https://a.example/path", false}, OriginCase{exact, "https://a.example?x", false},
        OriginCase{exact, "https://a.example#x", false}, OriginCase{exact, "https://user@a.example", false},
        OriginCase{exact, "https://a.example@evil.net", false},
        OriginCase{exact, "https://a.example:443@evil.net", false},
        OriginCase{exact, " https://a.example", false}, OriginCase{exact, "https://a.example ", false},
        OriginCase{exact, "https://a.example https://a.example", false},
        OriginCase{exact, "https://a.example, https://a.example", false},
        OriginCase{exact, "https://a.example,https://evil.net", false},
        OriginCase{exact, "https://a.example\t", false},
        OriginCase{exact, std::string("https://a.example\0", 18), false},
        OriginCase{exact, "https://a.example:", false}, OriginCase{exact, "https://a.example:0443", false},
        OriginCase{exact, "https://a.example:+443", false},
        OriginCase{exact, "https://a.example:65979", false},
        OriginCase{exact, "https://a.example:443443443443443", false},
        OriginCase{exact,
                   "https://a\xe3\x80\x82"
                   "example",
                   false},
        OriginCase{exact, "https://\xd0\xb0.example", false}, OriginCase{exact, "https://a%2eexample", false},
        OriginCase{exact, "https://a..example", false},
        OriginCase{{"https://one.example", "https://two.example"}, "https://two.example", true},
        OriginCase{{"https://xn--bcher-kva.example"}, "https://xn--bcher-kva.example", true},
        OriginCase{{"https://xn--bcher-kva.example"},
                   "https://b\xc3\xbc"
                   "cher.example",
                   false},
        OriginCase{{"http://localhost:3000"}, "http://localhost:3000", true},
        OriginCase{{"http://localhost:3000"}, "http://localhost", false},
        OriginCase{{"http://[::1]:3000"}, "http://[::1]:3000", true},
        OriginCase{{"http://[::1]:3000"}, "http://[::1]:300", false},
        OriginCase{{"chrome-extension://abc"}, "chrome-extension://abc", true},
        OriginCase{{"chrome-extension://abc"}, "chrome-extension://abcd", false}));

INSTANTIATE_TEST_SUITE_P(
    Pattern, Origin,
    testing::Values(OriginCase{below, "https://app.example.com", true},
                    OriginCase{below, "https://a.b.example.com", true},
                    OriginCase{below, "https://APP.Example.COM", true},
                    OriginCase{below, "https://app.example.com:443", true},
                    OriginCase{below, "https://xn--bcher-kva.example.com", true},
                    OriginCase{below, "https://example.com", false},
                    OriginCase{below, "https://.example.com", false},
                    OriginCase{below, "https://..example.com", false},
                    OriginCase{below, "https://a..example.com", false},
                    OriginCase{below, "https://*.example.com", false},
                    OriginCase{below, "https://evilexample.com", false},
                    OriginCase{below, "https://example.com.evil.io", false},
                    OriginCase{below, "https://app.example.com.evil.net", false},
                    OriginCase{below, "https://evil.net/.example.com", false},
                    OriginCase{below, "https://evil.net?.example.com", false},
                    OriginCase{below, "https://evil#.example.com", false},
                    OriginCase{below, "https://evil.net\\.example.com", false},
                    OriginCase{below, "https://evil@app.example.com", false},
                    OriginCase{below, "https://evil:1.example.com", false},
                    OriginCase{below, "https://a b.example.com", false},
                    OriginCase{below, "https://a,b.example.com", false},
                    OriginCase{below, "https://a%00.example.com", false},
                    OriginCase{below, "https://app.example.com.", false},
                    OriginCase{below, "https://app.example.com:8443", false},
                    OriginCase{below, "http://app.example.com", false}, OriginCase{below, "null", false},
                    OriginCase{below, "", false},
                    OriginCase{below, "https://" + std::string(64, 'a') + ".example.com", false},
                    OriginCase{below, "https://[::1].example.com", false},
                    OriginCase{withPort, "https://a.example.com:8443", true},
                    OriginCase{withPort, "https://a.example.com", false},
                    OriginCase{withPort, "https://a.example.com:443", false},
                    OriginCase{belowWithPort, "https://a.example.com:8443", true},
                    OriginCase{belowWithPort, "https://a.example.com", false},
                    OriginCase{{"http://*.localhost:3000"}, "http://shop.localhost:3000", true},
                    // What configuration refuses allows nothing, should it ever get here.
                    OriginCase{{"*.example.com"}, "https://app.example.com", false},
                    OriginCase{{"https://*"}, "https://app.example.com", false},
                    OriginCase{{"https://a*.example.com"}, "https://app.example.com", false},
                    OriginCase{{"https://*.*.com"}, "https://app.example.com", false},
                    OriginCase{{"*://app.example.com"}, "https://app.example.com", false}));

TEST(OriginPattern, TakesOneStarInFrontOfAHostOnly)
{
    EXPECT_EQ(parseOriginPattern("https://*.Example.com:8443"),
              (OriginParts{"https", "example.com", 8443, true}));
    EXPECT_EQ(parseOriginPattern("app://x"), (OriginParts{"app", "x", -1, false}));
    for (const char *text :
         {"", "*", "null", "*.example.com", "https://*", "https://*.", "https://*.*.com", "https://a.*.com",
          "https://*.example.com/", "https://*.[::1]", "https://*.example.com:*", "https://*:443",
          "1https://example.com", "://example.com", "https://*.exam ple.com"})
        EXPECT_FALSE(parseOriginPattern(text)) << text;
}

} // namespace mws
