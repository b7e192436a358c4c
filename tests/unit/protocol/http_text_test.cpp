#include "protocol/http_text.h"

#include <gtest/gtest.h>

namespace mws::test {
namespace {

TEST(HttpText, KnowsTokens)
{
    for (const std::string_view text : {"a", "GET", "x-y_z", "!#$%&'*+-.^_`|~", "09"})
        EXPECT_TRUE(isHttpToken(text)) << text;
    for (const std::string_view text :
         {"", " ", "a b", "a,", "\"a\"", "a/b", "a:b", "\x80", "a=b", "(", "{}", "@"})
        EXPECT_FALSE(isHttpToken(text)) << text;
    EXPECT_FALSE(isHttpToken(std::string_view("\0", 1)));
}

TEST(HttpText, FoldsOnlyAsciiLetters)
{
    EXPECT_TRUE(equalsIgnoringCase("Content-LENGTH", "content-length"));
    EXPECT_FALSE(equalsIgnoringCase("a", "ab"));
    EXPECT_FALSE(equalsIgnoringCase("@", "`"));
    EXPECT_FALSE(equalsIgnoringCase("[", "{"));
    EXPECT_FALSE(equalsIgnoringCase("\xC0", "\xE0"));
}

TEST(HttpText, FindsTokensInLists)
{
    for (const std::string_view list : {"upgrade", "Upgrade", "a,upgrade", "a , UPGRADE\t, b", ",,upgrade",
                                        "upgrade,", "\"a,b\", upgrade", "\"a\\\"\", upgrade"})
        EXPECT_TRUE(listHasToken(list, "upgrade")) << list;
    for (const std::string_view list :
         {"", " ", ",", "upgrades", "xupgrade", "up grade", "\"upgrade\"", "\"a, upgrade, b\"",
          "\"a, upgrade", "\"a\\\", upgrade", "upgrade;q=1", "a upgrade"})
        EXPECT_FALSE(listHasToken(list, "upgrade")) << list;
    EXPECT_FALSE(listHasToken("a,,b", ""));
}

TEST(HttpText, ChecksFieldValuesAtEveryPlace)
{
    for (size_t size = 1; size < 20; ++size) {
        for (size_t at = 0; at < size; ++at) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                std::string text(size, 'v');
                text[at] = static_cast<char>(byte);
                ASSERT_EQ(isFieldValue(text), (byte >= 0x20 && byte != 0x7F) || byte == '\t') << byte;
            }
        }
    }
    EXPECT_TRUE(isFieldValue(""));
    EXPECT_FALSE(isFieldValue("a\t\x01 b \x80"));
}

TEST(HttpText, ReadsDecimalNumbers)
{
    int64_t number = -1;
    EXPECT_TRUE(parseDecimal("0", number));
    EXPECT_EQ(number, 0);
    EXPECT_TRUE(parseDecimal("999999999999999999", number));
    EXPECT_EQ(number, 999999999999999999);
    for (const std::string_view text : {"", "-1", "1 ", "1000000000000000000", "a"})
        EXPECT_FALSE(parseDecimal(text, number)) << text;
}

TEST(HttpText, TrimsSpaceAndTab)
{
    EXPECT_EQ(trimOws(" \ta b\t "), "a b");
    EXPECT_EQ(trimOws(" \t "), "");
}

} // namespace
TEST(HttpText, LeavesOutFieldsByTheirBeginning)
{
    EXPECT_EQ(
        withoutFields("HTTP/1.1 204 No Content\r\nA: 1\r\ncontent-LENGTH: 0\r\n\r\n", "content-length:"),
        "HTTP/1.1 204 No Content\r\nA: 1\r\n\r\n");
    EXPECT_EQ(withoutFields("A: 1\r\nAb: 2", "ab"), "A: 1\r\n");
    EXPECT_EQ(withoutFields("", "a"), "");
}

} // namespace mws::test
