#include "cluster/wire.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

TEST(Wire, ComesBackAsItWas)
{
    std::string bytes;
    const std::vector<std::string> texts{"", "a", std::string(200, 'b')};
    for (const uint64_t number : {uint64_t(0), uint64_t(127), uint64_t(128), (uint64_t(1) << 63) - 1})
        putNumber(bytes, number);
    putText(bytes, "text");
    putTexts(bytes, texts);
    WireReader reader(bytes);
    EXPECT_EQ(reader.number(), 0u);
    EXPECT_EQ(reader.number(), 127u);
    EXPECT_EQ(reader.number(), 128u);
    EXPECT_EQ(reader.number(), (uint64_t(1) << 63) - 1);
    EXPECT_EQ(reader.text(), "text");
    EXPECT_EQ(reader.texts(), texts);
    EXPECT_TRUE(reader.atEnd());
}

TEST(Wire, LengthsBeyondWhatIsThereAreRefused)
{
    EXPECT_EQ(WireReader("\x05"
                         "abcd")
                  .text(),
              std::nullopt);
    EXPECT_EQ(WireReader("\x05\x01"
                         "a")
                  .texts(),
              std::nullopt);
    EXPECT_EQ(WireReader("\x02\x01"
                         "a")
                  .texts(),
              std::nullopt);
    EXPECT_EQ(WireReader("\x80").number(), std::nullopt);
    EXPECT_EQ(WireReader(std::string(10, '\xff')).number(), std::nullopt); // more than 63 bits
    EXPECT_EQ(WireReader("").byte(), std::nullopt);
}

TEST(Wire, NothingIsTakenAfterAFailure)
{
    WireReader reader("\x09"
                      "abc");
    EXPECT_EQ(reader.text(), std::nullopt);
    EXPECT_EQ(reader.byte(), std::nullopt);
    EXPECT_TRUE(reader.atEnd());
}

} // namespace
} // namespace mws
