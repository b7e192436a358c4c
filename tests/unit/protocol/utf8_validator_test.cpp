#include "protocol/utf8_validator.h"

#include "splits.h"

#include <gtest/gtest.h>

namespace mws::test {
namespace {

using namespace std::string_literals;

// The cases of Autobahn's section 6, and the edges of each row of RFC 3629's grammar.
const std::vector<std::string> valid = {
    "",
    "Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!",
    "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5",
    "\0"s,
    "\x7F",
    "\xC2\x80",
    "\xDF\xBF",
    "\xE0\xA0\x80",
    "\xED\x9F\xBF",
    "\xEE\x80\x80",
    "\xEF\xBF\xBD",
    "\xEF\xBF\xBF",
    "\xF0\x90\x80\x80",
    "\xF3\xBF\xBF\xBF",
    "\xF4\x8F\xBF\xBF",
    "0123456789abcdef0123456789abcdef\xC3\xA9 0123456789abcdef"};

const std::vector<std::string> invalid = {"\x80",
                                          "\xBF",
                                          "a\x80",
                                          "\xC0\x80",
                                          "\xC0\xAF",
                                          "\xC1\xBF",
                                          "\xE0\x80\x80",
                                          "\xE0\x9F\xBF",
                                          "\xF0\x80\x80\x80",
                                          "\xF0\x8F\xBF\xBF",
                                          "\xF4\x90\x80\x80",
                                          "\xF5\x80\x80\x80",
                                          "\xF8\x88\x80\x80\x80",
                                          "\xFC\x84\x80\x80\x80\x80",
                                          "\xFE",
                                          "\xFF",
                                          "\xED\xA0\x80",
                                          "\xED\xBF\xBF",
                                          "\xED\xA0\x80\xED\xB0\x80",
                                          "\xC2"
                                          "a",
                                          "\xC2\xC2",
                                          "\xE1\x80"
                                          "a",
                                          "\xE1\x80\xE1",
                                          "\xF1\x80\x80"
                                          "a",
                                          "\xF1"
                                          "a",
                                          "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80"
                                          "edited",
                                          "0123456789abcdef0123456789abcde\xFF"};

TEST(Utf8Validator, TakesValidTextHoweverItIsSplit)
{
    for (const std::string &text : valid) {
        EXPECT_TRUE(Utf8Validator::isValid(text));
        forEachSplit(text, [](const Pieces &pieces) {
            Utf8Validator validator;
            for (const std::string_view piece : pieces)
                EXPECT_TRUE(validator.feed(piece));
            EXPECT_TRUE(validator.complete());
        });
    }
}

TEST(Utf8Validator, RefusesInvalidTextHoweverItIsSplit)
{
    for (const std::string &text : invalid) {
        EXPECT_FALSE(Utf8Validator::isValid(text)) << testing::PrintToString(text);
        forEachSplit(text, [](const Pieces &pieces) {
            Utf8Validator validator;
            bool ok = true;
            for (const std::string_view piece : pieces)
                ok = validator.feed(piece);
            EXPECT_FALSE(ok);
            EXPECT_FALSE(validator.complete());
        });
    }
}

TEST(Utf8Validator, RefusesAtTheFirstByteThatCannotBe)
{
    const std::vector<std::string> doomed = {"\xC0", "\xE0\x9F", "\xED\xA0", "\xF0\x8F", "\xF4\x90", "\xF5"};
    for (const std::string &text : doomed) {
        Utf8Validator validator;
        EXPECT_TRUE(validator.feed(std::string_view(text).substr(0, text.size() - 1)));
        EXPECT_FALSE(validator.feed(std::string_view(text).substr(text.size() - 1)));
    }
}

TEST(Utf8Validator, KnowsTextThatEndsInsideACharacter)
{
    for (const std::string_view text : {"\xC2", "\xE1", "\xE1\x80", "\xF1", "\xF1\x80", "\xF1\x80\x80"}) {
        Utf8Validator validator;
        EXPECT_TRUE(validator.feed(text));
        EXPECT_FALSE(validator.complete());
        EXPECT_FALSE(Utf8Validator::isValid(text));
    }
}

TEST(Utf8Validator, StaysRefusedUntilReset)
{
    Utf8Validator validator;
    validator.feed("\xFF");
    EXPECT_FALSE(validator.feed("a"));
    validator.reset();
    EXPECT_TRUE(validator.feed("a"));
    EXPECT_TRUE(validator.complete());
}

TEST(Utf8Validator, AgreesWithTheCodePointsForEveryTwoAndThreeBytes)
{
    const auto decodes = [](unsigned a, unsigned b, unsigned c) {
        const bool continued = (b & 0xC0) == 0x80 && (c & 0xC0) == 0x80;
        const unsigned code = (a & 0x0F) << 12 | (b & 0x3F) << 6 | (c & 0x3F);
        return (a & 0xF0) == 0xE0 && continued && code >= 0x800 && (code < 0xD800 || code > 0xDFFF);
    };
    for (unsigned a = 0xE0; a < 0xF0; ++a) {
        for (unsigned b = 0; b < 256; ++b) {
            for (unsigned c = 0x70; c < 256; c += 8) {
                const char text[3] = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)};
                ASSERT_EQ(Utf8Validator::isValid({text, 3}), decodes(a, b, c)) << a << ' ' << b << ' ' << c;
            }
        }
    }
}

} // namespace
} // namespace mws::test
