#include "protocol/request_line.h"

#include <gtest/gtest.h>

namespace mws::test {
namespace {

TEST(RequestLine, KnowsAuthorities)
{
    for (const std::string_view text :
         {"a", "a.b-c.example", "a:80", "a:", "127.0.0.1:8080", "[::1]", "[2001:db8::1]:443",
          "[::ffff:1.2.3.4]:1", "a_b", "a%20b", "a~!$&'()*+;=", "a:65535", "A.EXAMPLE"})
        EXPECT_TRUE(isAuthority(text)) << text;
    for (const std::string_view text :
         {"", ":", ":80", "a:-1", "a:99999", "[", "]", "[]", "[::1]:x", "[::1%25eth0]", "[v1.a]", "a]", "a@b",
          "a,b", "a/b", "a b", "%", "a%0"})
        EXPECT_FALSE(isAuthority(text)) << text;
}

TEST(RequestLine, RefusesAQueryWithoutAPath)
{
    const Result<RequestLine> line = parseRequestLine("GET http://a?b HTTP/1.1", 100);
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().httpStatus(), 400);
}

TEST(RequestLine, KnowsEveryPart)
{
    const Result<RequestLine> line = parseRequestLine("M-X http://h:1/p?q HTTP/1.0", 100);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->method, "M-X");
    EXPECT_EQ(line->target, "/p?q");
    EXPECT_EQ(line->authority, "h:1");
    EXPECT_EQ(line->minorVersion, 0);
}

} // namespace
} // namespace mws::test
