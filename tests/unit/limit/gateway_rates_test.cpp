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

TEST(GatewayRates, TellOnceWhatWasAskedFor)
{
    test::FakeClock clock;
    GatewayRates rates(clock);
    Limits limits;
    limits.messagesPerSecond = 3;
    Gateway one = gatewayWith(1, limits);
    one.id = "one";
    EXPECT_TRUE(rates.collect().empty());
    EXPECT_FALSE(rates.take(GatewayRate::Messages, one, 2));
    const SteadyTime first = clock.now();
    clock.advance(1ms);
    EXPECT_TRUE(rates.take(GatewayRate::Messages, one, 2)) << "asked for, and not taken";
    EXPECT_FALSE(rates.take(GatewayRate::Messages, one));
    EXPECT_FALSE(rates.take(GatewayRate::Sockets, one)) << "has no rate";
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gatewayWith(17, limits))); // of the same stripe
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gatewayWith(18, limits)));
    rates.forget(18);
    const std::vector<GatewayUse> uses = rates.collect();
    ASSERT_EQ(uses.size(), 2u);
    EXPECT_EQ(uses[0].serial, 1u);
    EXPECT_EQ(uses[0].gateway, "one");
    const GatewayUse::OfRate &messages = uses[0].rates[size_t(GatewayRate::Messages)];
    EXPECT_EQ(messages.perSecond, 3u);
    EXPECT_EQ(messages.taken, 3u);
    EXPECT_EQ(messages.since, first);
    EXPECT_EQ(uses[0].rates[size_t(GatewayRate::Sockets)].perSecond, 0u);
    EXPECT_EQ(uses[1].serial, 17u);
    EXPECT_TRUE(rates.collect().empty());
    EXPECT_TRUE(rates.take(GatewayRate::Messages, one));
    ASSERT_EQ(rates.collect().size(), 1u) << "refused, but asked for";
}

TEST(GatewayRates, OweWhatOthersTookBesideTheirOwn)
{
    test::FakeClock clock;
    GatewayRates rates(clock);
    Limits limits;
    limits.messagesPerSecond = 10;
    const Gateway gateway = gatewayWith(1, limits);
    rates.owe(1, GatewayRate::Messages, 10s, 0); // nobody asked yet: nothing is kept
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gateway, 4));
    rates.collect();
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gateway, 1)); // not in what is owed
    rates.owe(1, GatewayRate::Messages, 700ms, 1);
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gateway)) << "7, 1 and 1 of 10";
    EXPECT_TRUE(rates.take(GatewayRate::Messages, gateway));
    rates.owe(1, GatewayRate::Messages, 100ms, 0);
    EXPECT_TRUE(rates.take(GatewayRate::Messages, gateway)) << "gives nothing back";
    rates.owe(1, GatewayRate::Messages, 2800ms, 0);
    EXPECT_EQ(rates.take(GatewayRate::Messages, gateway), 3s)
        << "28 and 2 are owed of 10, and one is asked for";
    clock.advance(2100ms);
    EXPECT_FALSE(rates.take(GatewayRate::Messages, gateway));
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
