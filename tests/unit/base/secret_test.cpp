#include "mws/base/secret.h"

#include <gtest/gtest.h>

namespace mws {

TEST(SecretDigest, MatchesOnlyTheSameSecret)
{
    const SecretDigest digest("open sesame");
    EXPECT_TRUE(digest.matches("open sesame"));
    EXPECT_FALSE(digest.matches("open sesame "));
    EXPECT_FALSE(digest.matches(""));
}

TEST(SecretDigest, EmptyDigestMatchesNothing)
{
    EXPECT_FALSE(SecretDigest().matches(""));
    EXPECT_TRUE(SecretDigest().empty());
}

TEST(SecretDigest, SurvivesTheWayOverHex)
{
    const SecretDigest digest("abc");
    EXPECT_EQ(digest.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(SecretDigest::fromHex(digest.hex()), digest);
    EXPECT_TRUE(SecretDigest::fromHex("ba78").empty());
    EXPECT_TRUE(SecretDigest::fromHex(std::string(64, 'z')).empty());
}

} // namespace mws
