#include "config/toml_reader.h"

#include <gtest/gtest.h>

namespace mws {

TEST(TomlReader, KeepsTheLinesOfKeys)
{
    const TomlContent content = readToml("[server]\n\nport = 1\naddress = 'x'\n[[gateways]]\nid = 'a'\n");
    ASSERT_TRUE(content.problems.empty());
    ASSERT_EQ(content.sections.size(), 2u);
    EXPECT_EQ(content.sections[0].entries.at(0).key, "port");
    EXPECT_EQ(content.sections[0].entries.at(0).line, 3u);
    EXPECT_EQ(content.sections[0].entries.at(1).value, RawValue("x"));
    EXPECT_TRUE(content.sections[1].listed);
    EXPECT_EQ(content.sections[1].entries.at(0).line, 6u);
}

TEST(TomlReader, DescribesWhatIsNoValue)
{
    const TomlContent content =
        readToml("[a]\nb = 1.5\nc = 2026-01-01\nd = { e = 1 }\nf = ['x', 1]\ng = ['x', 'y']\n");
    const auto &entries = content.sections.at(0).entries;
    EXPECT_EQ(entries.at(0).value, RawValue(Unusable{"a fraction"}));
    EXPECT_EQ(entries.at(1).value, RawValue(Unusable{"a date or time"}));
    EXPECT_EQ(entries.at(2).value, RawValue(Unusable{"a table"}));
    EXPECT_EQ(entries.at(3).value, RawValue(Unusable{"a list whose item 1 is not a string"}));
    EXPECT_EQ(entries.at(4).value, RawValue(std::vector<std::string>{"x", "y"}));
}

TEST(TomlReader, QuotesNothingOfABrokenLine)
{
    for (const std::string value :
         {"hunter2", "trustno1", "99999999999999999999", "\"hunter2", "'hunter2", "1x2"}) {
        const TomlContent content = readToml("[gateway]\nsecurity_token = " + value + "\n");
        ASSERT_EQ(content.problems.size(), 1u) << value;
        EXPECT_EQ(content.problems[0].line, 2u) << value;
        for (const std::string part : {"hunt", "trus", "9999"})
            EXPECT_EQ(content.problems[0].text.find(part == "trus" ? "trusn" : part), std::string::npos)
                << content.problems[0].text;
    }
}

TEST(TomlReader, RefusesKeysOutsideSections)
{
    const TomlContent content = readToml("port = 1\n");
    ASSERT_EQ(content.problems.size(), 1u);
    EXPECT_EQ(content.problems[0].text,
              "port: stands outside a section; expected a line such as [server] above it");
}

TEST(TomlReader, ShowsNamesOnOneLine)
{
    const TomlContent outside = readToml("\"a\\nb\"=2");
    ASSERT_EQ(outside.problems.size(), 1u);
    EXPECT_TRUE(outside.problems[0].text.starts_with("a\\u000ab: stands outside a section"))
        << outside.problems[0].text;
    const TomlContent inside = readToml("[\"s\\u0000t\"]\n\"\\r\\u007F\"=2");
    ASSERT_TRUE(inside.problems.empty()) << inside.problems[0].text;
    EXPECT_EQ(inside.sections.at(0).name, "s\\u0000t");
    EXPECT_EQ(inside.sections.at(0).entries.at(0).key, "\\u000d\\u007f");
}

TEST(TomlReader, SurvivesDeepNesting)
{
    EXPECT_FALSE(readToml("[a]\nb = " + std::string(100000, '[')).problems.empty());
}

} // namespace mws
