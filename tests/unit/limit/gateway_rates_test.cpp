#include "limit/gateway_rates.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

using namespace std::chrono_literals;

Gateway gatewayWith(uint32_t serial, const Limits &limits)
{
    Gateway gateway;
    gateway.serial = serial;
    gateway.settings.limits = limits;
    return gateway;
}

} // namespace

TEST(GatewayRates, LimitsEachKindOfEachGatewayForItself)
{
    test::FakeClock clock;
    GatewayRates rates(clock);
    Limits limits;
    limits.messagesPerSecond = 2;
    limits.reservationsPerSecond = 1;
    const Gateway one = gatewayWith(1, limits);
    const Gateway seventeen = gatewayWith(17, limits); // of the same stripe
    EXPECT_FALSE(rates.take(GatewayRate::Messages, one, 2));
    EXPECT_EQ(rates.take(GatewayRate::Messages, one), 1s);
    EXPECT_FALSE(rates.take(GatewayRate::Messages, seventeen, 2));
    EXPECT_FALSE(rates.take(GatewayRate::Reservations, one));
    EXPECT_TRUE(rates.take(GatewayRate::Reservations, one));
    EXPECT_FALSE(rates.take(GatewayRate::Sockets, one, 100)) << "not limited";
    clock.advance(500ms);
    EXPECT_FALSE(rates.take(GatewayRate::Messages, one));
}

TEST(GatewayRates, FollowTheConfigurationAtOnce)
{
    test::FakeClock clock;
    GatewayRates rates(clock);
    Limits limits;
    limits.messagesPerSecond = 1;
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gatewayWith(1, limits)));
    EXPECT_TRUE(rates.take(GatewayRate::Messages, gatewayWith(1, limits)));
    limits.messagesPerSecond = 0;
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gatewayWith(1, limits), 1000));
    limits.messagesPerSecond = 100;
    limits.burst = 10s;
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gatewayWith(1, limits), 999));
}

TEST(GatewayRates, CountOpenSocketsOfAnAddress)
{
    const test::FakeClock clock;
    GatewayRates rates(clock);
    Limits limits;
    limits.socketsPerAddress = 2;
    const Gateway gateway = gatewayWith(1, limits);
    EXPECT_FALSE(rates.openSocket(gateway, 7));
    EXPECT_FALSE(rates.openSocket(gateway, 7));
    EXPECT_TRUE(rates.openSocket(gateway, 7));
    EXPECT_FALSE(rates.openSocket(gateway, 8));
    EXPECT_FALSE(rates.openSocket(gatewayWith(2, limits), 7)) << "another gateway";
    rates.closeSocket(1, 7);
    EXPECT_FALSE(rates.openSocket(gateway, 7));
    EXPECT_TRUE(rates.openSocket(gateway, 7));
    rates.closeSocket(1, 99); // was not counted
    rates.closeSocket(3, 7);
}

TEST(GatewayRates, ForgetARemovedGateway)
{
    const test::FakeClock clock;
    GatewayRates rates(clock);
    Limits limits;
    limits.messagesPerSecond = 1;
    const Gateway gateway = gatewayWith(1, limits);
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gateway));
    EXPECT_TRUE(rates.take(GatewayRate::Messages, gateway));
    rates.forget(1);
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gateway));
}

} // namespace mws
