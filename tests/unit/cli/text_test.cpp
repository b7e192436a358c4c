#include "cli/help_format.h"
#include "cli/json_text.h"
#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace mws::cli {

TEST(JsonText, KeepsTheOrderOfTheKeys)
{
    EXPECT_EQ(JsonText().text(), "{}");
    EXPECT_EQ(JsonText()
                  .add("b", "x\"\\")
                  .add("a", true)
                  .add("n", -3)
                  .add("l", std::vector<std::string>{"p", "q"})
                  .text(),
              R"({"b":"x\"\\","a":true,"n":-3,"l":["p","q"]})");
}

TEST(JsonText, ReplacesWhatIsNotUtf8)
{
    EXPECT_EQ(quotedJson("a\xff"), "\"a\uFFFD\"");
}

TEST(Terminal, ShowsControlCharactersInstead)
{
    EXPECT_EQ(printable("a\nb\t\x1b[31m\x7f \u00fc"), "a\\nb\\t\\x1b[31m\\x7f \u00fc");
}

TEST(Help, WrapsAtWords)
{
    EXPECT_EQ(wrapped("one two three", "  ", 9), "  one two\n  three\n");
    EXPECT_EQ(wrapped("longer-than-the-width", "", 5), "longer-than-the-width\n");
}

} // namespace mws::cli
