#include "ops/log_line.h"

#include <gtest/gtest.h>
#include <limits>

namespace mws {

namespace {

const WallTime quarterToFour{std::chrono::milliseconds(1795319130123)};

std::string text(const std::string &value)
{
    const std::string line = textLogLine(quarterToFour, LogLevel::Info, "e", {{"k", value}});
    return line.substr(line.find("k=") + 2);
}

std::string json(const std::string &value)
{
    const std::string line = jsonLogLine(quarterToFour, LogLevel::Info, "e", {{"k", value}});
    return line.substr(line.find("\"k\":") + 4);
}

} // namespace

TEST(LogLine, IsReadableAsText)
{
    EXPECT_EQ(textLogLine(quarterToFour, LogLevel::Info, "socket opened", {{"gateway", "default"}, {"n", 3}}),
              "2026-11-22T03:45:30.123Z info  socket opened gateway=default n=3");
    EXPECT_EQ(textLogLine(quarterToFour, LogLevel::Warning, "w", {}), "2026-11-22T03:45:30.123Z warn  w");
    EXPECT_EQ(textLogLine(quarterToFour, LogLevel::Error, "e", {}), "2026-11-22T03:45:30.123Z error e");
}

TEST(LogLine, IsJsonWhenAsked)
{
    EXPECT_EQ(
        jsonLogLine(quarterToFour, LogLevel::Warning, "a \"b\"", {{"gateway", "default"}, {"n", -3}}),
        R"({"time":"2026-11-22T03:45:30.123Z","level":"warning","event":"a \"b\"","gateway":"default","n":-3})");
    EXPECT_EQ(
        jsonLogLine(quarterToFour, LogLevel::Info, "e", {{"n", std::numeric_limits<double>::infinity()}}),
        R"({"time":"2026-11-22T03:45:30.123Z","level":"info","event":"e","n":"inf"})");
}

TEST(LogLine, QuotesWhatWouldBreakALine)
{
    EXPECT_EQ(text("plain-1.2:3"), "plain-1.2:3");
    EXPECT_EQ(text(""), "\"\"");
    EXPECT_EQ(text("a b"), "\"a b\"");
    EXPECT_EQ(text("a=b"), "\"a=b\"");
    EXPECT_EQ(text("a\nb\x1b[2J"), "\"a\\u000ab\\u001b[2J\"");
    EXPECT_EQ(text("\xc2\x9b"
                   "2J \xc3\xa4"),
              "\"\\u009b2J \xc3\xa4\"")
        << "a terminal's CSI of Latin-1";
    EXPECT_EQ(json("\"\\\n\x7f"), "\"\\\"\\\\\\u000a\\u007f\"}");
    EXPECT_EQ(json("\xff\xc3\xa4\"\n"), "\"\xef\xbf\xbd\xc3\xa4\\\"\\u000a\"}");
}

TEST(LogLine, CutsLongValues)
{
    EXPECT_EQ(text(std::string(5000, 'a')), std::string(1024, 'a') + "...");
}

} // namespace mws
