#include "mws/domain/identifiers.h"

#include <gtest/gtest.h>
#include <unordered_set>

namespace mws {

TEST(SocketId, IsThirtyTwoAlphanumericCharacters)
{
    const SocketId id = SocketId::random();
    EXPECT_EQ(id.view().size(), 32u);
    EXPECT_EQ(SocketId::parse(id.view()), id);
    EXPECT_FALSE(SocketId::parse(""));
    EXPECT_FALSE(SocketId::parse(std::string(31, 'a')));
    EXPECT_FALSE(SocketId::parse(std::string(33, 'a')));
    EXPECT_FALSE(SocketId::parse(std::string(31, 'a') + "-"));
    EXPECT_FALSE(SocketId::parse(std::string(31, 'a') + std::string(1, '\0')));
}

TEST(SocketId, DiffersEachTime)
{
    std::unordered_set<SocketId> seen;
    for (int i = 0; i < 1000; ++i)
        seen.insert(SocketId::random());
    EXPECT_EQ(seen.size(), 1000u);
}

TEST(GatewayId, TakesSixtyFourCharactersOfItsAlphabet)
{
    EXPECT_TRUE(isGatewayId("default"));
    EXPECT_TRUE(isGatewayId("A-b_9"));
    EXPECT_TRUE(isGatewayId(std::string(64, 'x')));
    EXPECT_FALSE(isGatewayId(std::string(65, 'x')));
    EXPECT_FALSE(isGatewayId(""));
    EXPECT_FALSE(isGatewayId("a/b"));
    EXPECT_FALSE(isGatewayId("a b"));
    EXPECT_FALSE(isGatewayId("\xc3\xa4"));
}

} // namespace mws
