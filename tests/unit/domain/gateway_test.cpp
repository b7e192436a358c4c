#include "mws/domain/gateway.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

namespace mws {

TEST(Gateway, KnowsItsSecurityTokensUntilTheyEnd)
{
    const test::FakeClock clock;
    Gateway gateway;
    gateway.securityTokens = {{SecretDigest("new"), std::nullopt},
                              {SecretDigest("old"), clock.wall() + std::chrono::hours(1)}};
    EXPECT_TRUE(gateway.isSecurityToken("new", clock.wall()));
    EXPECT_TRUE(gateway.isSecurityToken("old", clock.wall()));
    EXPECT_FALSE(gateway.isSecurityToken("old", clock.wall() + std::chrono::hours(1)));
    EXPECT_FALSE(gateway.isSecurityToken("", clock.wall()));
}

TEST(GatewayTable, FindsById)
{
    GatewayTable table;
    table.gateways["a"] = std::make_shared<Gateway>();
    EXPECT_EQ(table.find("a"), table.gateways["a"]);
    EXPECT_EQ(table.find("b"), nullptr);
}

} // namespace mws
