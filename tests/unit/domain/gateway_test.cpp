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

TEST(ConsoleGateway, IsFoundByItsIdAndStandsInNoList)
{
    Gateway base;
    EXPECT_EQ(makeConsoleGateway(base), nullptr); // it has no key yet
    base.signingKeys.push_back({std::string(32, 'k'), std::nullopt});
    GatewayTable table;
    EXPECT_EQ(table.find("_console"), nullptr);
    table.console = makeConsoleGateway(base);
    ASSERT_NE(table.console, nullptr);
    EXPECT_EQ(table.find("_console"), table.console);
    EXPECT_TRUE(table.gateways.empty());
    EXPECT_TRUE(isReservedGatewayId(table.console->id));
    EXPECT_TRUE(table.console->securityTokens.empty());
}

TEST(ConsoleGateway, HasAKeyOfItsOwnThatAllNodesMake)
{
    Gateway base;
    base.signingKeys.push_back({std::string(32, 'k'), std::nullopt});
    const auto one = makeConsoleGateway(base);
    EXPECT_EQ(one->signingKeys.front().bytes, makeConsoleGateway(base)->signingKeys.front().bytes);
    EXPECT_NE(one->signingKeys.front().bytes, base.signingKeys.front().bytes);
    EXPECT_GE(one->signingKeys.front().bytes.size(), 32u);
    base.signingKeys.front().bytes[0] = 'x';
    EXPECT_NE(one->signingKeys.front().bytes, makeConsoleGateway(base)->signingKeys.front().bytes);
}

} // namespace mws
