#include "config/option_units.h"

#include <gtest/gtest.h>

namespace mws {

TEST(OptionUnits, ReadsSizes)
{
    EXPECT_EQ(parseSize("64KiB"), 65536);
    EXPECT_EQ(parseSize("1MiB"), 1 << 20);
    EXPECT_EQ(parseSize("2GiB"), int64_t(2) << 30);
    EXPECT_EQ(parseSize("7B"), 7);
    for (const std::string_view wrong :
         {"", "64", "64KB", "64 KiB", "-1KiB", "KiB", "9223372036854775807GiB"})
        EXPECT_EQ(parseSize(wrong), std::nullopt) << wrong;
}

TEST(OptionUnits, ReadsDurations)
{
    EXPECT_EQ(parseDuration("500ms"), 500);
    EXPECT_EQ(parseDuration("45s"), 45000);
    EXPECT_EQ(parseDuration("5m"), 300000);
    EXPECT_EQ(parseDuration("1h"), 3600000);
    EXPECT_EQ(parseDuration("2d"), 172800000);
    for (const std::string_view wrong : {"", "45", "1.5s", "s", "-1s", "45S", "45 s", "9223372036854775807d"})
        EXPECT_EQ(parseDuration(wrong), std::nullopt) << wrong;
}

TEST(OptionUnits, WritesTheLargestUnitThatIsExact)
{
    using std::chrono::milliseconds;
    EXPECT_EQ(sizeText(65536), "\"64KiB\"");
    EXPECT_EQ(sizeText(1000), "1000");
    EXPECT_EQ(sizeText(0), "0");
    EXPECT_EQ(durationText(milliseconds(1500)), "\"1500ms\"");
    EXPECT_EQ(durationText(milliseconds(75000)), "\"75s\"");
    EXPECT_EQ(durationText(milliseconds(86400000)), "\"24h\"");
    EXPECT_EQ(durationText(milliseconds(0)), "\"0s\"");
}

} // namespace mws
