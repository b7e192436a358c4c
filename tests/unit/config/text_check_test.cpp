#include "config/text_check.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace mws {

namespace {

using Check = std::string_view (*)(std::string_view);

void expectAll(Check check, const std::vector<std::string> &good, const std::vector<std::string> &bad)
{
    for (const std::string &text : good)
        EXPECT_EQ(check(text), "") << text;
    for (const std::string &text : bad)
        EXPECT_NE(check(text), "") << text;
}

} // namespace

TEST(TextCheck, KnowsAddresses)
{
    expectAll(expectAddress, {"127.0.0.1", "::", "::1", "0.0.0.0", "fe80::1%eth0"},
              {"", "localhost", "127.0.0.1:80", "[::1]", "1234", "256.1.1.1"});
}

TEST(TextCheck, KnowsUrls)
{
    expectAll(expectUrl, {"http://x", "https://push.example.com:8443/base", "http://[::1]:8080"},
              {"", "push.example.com", "ftp://x", "http://", "http://u:p@x", "http://x?a", "http://x#a",
               "http://a b", "javascript:alert(1)"});
}

TEST(TextCheck, KnowsHosts)
{
    expectAll(expectHost, {"push.example.com", "localhost:8080", "[::1]:80", "my_service"},
              {"", "https://x", "x/", "x:", "x:99999", ".x", "a..b", "[x]", "a b"});
}

TEST(TextCheck, KnowsSubjects)
{
    expectAll(expectSubject, {"*", "users.1", "usergroups.a.b"},
              {"", "users", ".1", "users.", "users.a b", "u\n.x"});
}

TEST(TextCheck, KnowsOrigins)
{
    expectAll(expectOrigin,
              {"*", "null", "https://app.example.com", "https://*.example.com", "http://localhost:3000",
               "chrome-extension://abc", "https://*.example.com:8443", "http://[::1]:3000"},
              {"", "example.com", "https://", "https://x/", "https://*.", "https://a.*.b", "://x",
               "*.example.com", "https://*", "https://x:*", "https://x.", "https://u@x", "https://a b",
               "https://a,https://b",
               "https://b\xc3\xbc"
               "cher"});
}

TEST(TextCheck, KnowsTokensAndTags)
{
    expectAll(expectHeaderValue, {"a", "a+/=:~"}, {"", "a b", "\xc3\xa4", std::string(1025, 'a'), "a\n"});
    expectAll(expectTag, {"user:42", "\xc3\xa4"}, {"", "a\tb", "\xff"});
    expectAll(expectSubprotocol, {"*", "mqtt", "v1.json"}, {"", "a b", "a,b"});
    expectAll(expectName, {"", "Players \xc3\xa4"}, {std::string(201, 'a'), "a\nb", "\xff\xfe"});
    expectAll(expectGatewayId, {"default", "A-b_9"}, {"", "a.b", "_own", "_", std::string(65, 'a')});
}

} // namespace mws
