#include "protocol/message_buffer.h"

#include <gtest/gtest.h>

#include <random>

namespace mws::test {
namespace {

TEST(MessageBuffer, IsEmptyAtFirst)
{
    MessageBuffer buffer;
    EXPECT_EQ(buffer.size(), 0U);
    EXPECT_EQ(buffer.whole(), "");
}

TEST(MessageBuffer, GivesBackItsPartsInOrder)
{
    std::mt19937 random(7);
    for (const size_t longest : {1U, 3U, 256U, 5000U, 65536U, 200000U}) {
        MessageBuffer buffer;
        std::string expected;
        std::uniform_int_distribution<size_t> size(0, longest);
        for (int i = 0; i < 300 && expected.size() < 2'000'000; ++i) {
            std::string part(size(random), char('a' + i % 26));
            buffer.append(part);
            expected += part;
            ASSERT_EQ(buffer.size(), expected.size());
        }
        EXPECT_EQ(buffer.whole(), expected) << longest;
        EXPECT_EQ(buffer.whole(), expected) << "asked again, after parts of at most " << longest;
    }
}

TEST(MessageBuffer, GoesOnAfterItWasRead)
{
    MessageBuffer buffer;
    const std::string first(100000, 'a');
    buffer.append(first);
    EXPECT_EQ(buffer.whole(), first);
    buffer.append("b");
    EXPECT_EQ(buffer.whole(), first + 'b');
}

} // namespace
} // namespace mws::test
