#include "mws/base/random.h"

#include <algorithm>
#include <cctype>
#include <gtest/gtest.h>
#include <set>

namespace mws {

TEST(Random, AlphanumericTextHasItsLengthAndAlphabet)
{
    std::set<std::string> seen;
    for (size_t length : {size_t(0), size_t(1), size_t(32), size_t(1000)}) {
        const std::string text = randomAlphanumeric(length);
        EXPECT_EQ(text.size(), length);
        EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c); }));
    }
    for (int i = 0; i < 1000; ++i)
        seen.insert(randomAlphanumeric(32));
    EXPECT_EQ(seen.size(), 1000u);
}

TEST(Random, BelowStaysBelow)
{
    EXPECT_EQ(randomBelow(0), 0u);
    EXPECT_EQ(randomBelow(1), 0u);
    for (int i = 0; i < 1000; ++i)
        EXPECT_LT(randomBelow(7), 7u);
}

} // namespace mws
