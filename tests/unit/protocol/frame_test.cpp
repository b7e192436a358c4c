#include "protocol/frame.h"

#include "protocol/close_codes.h"
#include "protocol/utf8_validator.h"

#include <gtest/gtest.h>

namespace mws::test {
namespace {

using namespace std::string_literals;

TEST(Frame, ChoosesTheShortestLength)
{
    EXPECT_EQ(makeFrame(Opcode::Text, ""), "\x81\0"s);
    EXPECT_EQ(makeFrame(Opcode::Binary, "ab"), "\x82\x02"
                                               "ab");
    EXPECT_EQ(makeFrame(Opcode::Text, std::string(125, 'x')).substr(0, 3), "\x81\x7Dx");
    EXPECT_EQ(makeFrame(Opcode::Text, std::string(126, 'x')).substr(0, 5), "\x81\x7E\0\x7Ex"s);
    EXPECT_EQ(makeFrame(Opcode::Text, std::string(65535, 'x')).substr(0, 5), "\x81\x7E\xFF\xFFx"s);
    EXPECT_EQ(makeFrame(Opcode::Text, std::string(65536, 'x')).substr(0, 11), "\x81\x7F\0\0\0\0\0\x01\0\0x"s);
    EXPECT_EQ(makeFrame(Opcode::Text, std::string(65536, 'x')).size(), 65546u);
}

TEST(Frame, MasksWithAZeroKey)
{
    EXPECT_EQ(makeMaskedFrame(Opcode::Ping, "ab"), "\x89\x82\0\0\0\0ab"s);
    EXPECT_EQ(makeMaskedFrame(Opcode::Text, std::string(126, 'x')).substr(0, 9), "\x81\xFE\0\x7E\0\0\0\0x"s);
    EXPECT_EQ(makeMaskedFrame(Opcode::Text, std::string(65536, 'x')).substr(0, 15),
              "\x81\xFF\0\0\0\0\0\x01\0\0\0\0\0\0x"s);
}

TEST(Frame, WritesCloseCodeAndReason)
{
    EXPECT_EQ(makeCloseFrame(CloseCode::NoStatus, "not sent"), "\x88\0"s);
    EXPECT_EQ(makeCloseFrame(CloseCode::Normal, ""), "\x88\x02\x03\xE8"s);
    EXPECT_EQ(makeCloseFrame(CloseCode::TryAgainLater, "slow"), "\x88\x06\x03\xF5slow"s);
    EXPECT_EQ(makeCloseFrame(CloseCode::Normal, std::string(200, 'x')).size(), 2u + 125u);
}

TEST(Frame, CutsTheReasonAtTheEndOfACharacter)
{
    EXPECT_EQ(closeReason(std::string(123, 'x')).size(), 123u);
    EXPECT_EQ(closeReason(std::string(124, 'x')).size(), 123u);
    for (size_t lead = 0; lead < 8; ++lead) {
        std::string reason(lead, 'x');
        while (reason.size() < 200)
            reason += "\xF0\x9F\x8D\x8B\xC3\xA9";
        const std::string_view cut = closeReason(reason);
        EXPECT_TRUE(Utf8Validator::isValid(cut));
        EXPECT_LE(cut.size(), 123u);
        EXPECT_GE(cut.size(), 120u);
    }
}

TEST(Frame, KnowsTheCodesThatMayBeOnTheWire)
{
    const auto allowed = [](unsigned code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
               (code >= 3000 && code <= 4999);
    };
    for (unsigned code = 0; code <= 65535; ++code)
        ASSERT_EQ(isWireCloseCode(static_cast<uint16_t>(code)), allowed(code)) << code;
}

} // namespace
} // namespace mws::test
