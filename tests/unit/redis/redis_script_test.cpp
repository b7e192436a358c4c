#include "redis/redis_script.h"

#include <gtest/gtest.h>

namespace mws {

TEST(RedisScript, HasTheDigestThatScriptLoadGives)
{
    // What redis-cli SCRIPT LOAD "return 1" prints.
    EXPECT_EQ(RedisScript("return 1").digest(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
    EXPECT_EQ(RedisScript("return 1").source(), "return 1");
}

} // namespace mws
