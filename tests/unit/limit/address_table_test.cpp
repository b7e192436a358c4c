#include "limit/address_table.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace mws {

namespace {

using namespace std::chrono_literals;

IpAddress v4(unsigned number)
{
    IpAddress address = *IpAddress::parse("10.0.0.0");
    address.bytes[13] = uint8_t(number >> 16);
    address.bytes[14] = uint8_t(number >> 8);
    address.bytes[15] = uint8_t(number);
    return address;
}

AddressLimits requests(uint64_t perSecond)
{
    AddressLimits limits;
    limits.perSecond[size_t(AddressRate::Requests)] = perSecond;
    return limits;
}

} // namespace

TEST(AddressTable, KeepsNothingWhereNothingIsLimited)
{
    const test::FakeClock clock;
    AddressTable table(AddressLimits{}, clock);
    EXPECT_FALSE(table.limitsConnections());
    EXPECT_FALSE(table.connected(v4(1)).refused);
    for (const AddressRate kind : {AddressRate::Requests, AddressRate::Reservations, AddressRate::Messages})
        EXPECT_FALSE(table.take(kind, v4(1), 1000000));
    EXPECT_EQ(table.size(), 0u);
}

TEST(AddressTable, LimitsOneAddressAndNotTheOthers)
{
    test::FakeClock clock;
    AddressTable table(requests(2), clock);
    EXPECT_FALSE(table.take(AddressRate::Requests, v4(1)));
    EXPECT_FALSE(table.take(AddressRate::Requests, v4(1)));
    EXPECT_EQ(table.take(AddressRate::Requests, v4(1)), 1s);
    EXPECT_FALSE(table.take(AddressRate::Requests, v4(2)));
    EXPECT_FALSE(table.take(AddressRate::Messages, v4(1))) << "another kind";
    clock.advance(500ms);
    EXPECT_FALSE(table.take(AddressRate::Requests, v4(1)));
}

TEST(AddressTable, CountsOpenConnections)
{
    test::FakeClock clock;
    AddressLimits limits;
    limits.connections = 2;
    AddressTable table(limits, clock);
    EXPECT_FALSE(table.connected(v4(1)).refused);
    EXPECT_FALSE(table.connected(v4(1)).refused);
    const AddressTable::Connected third = table.connected(v4(1));
    EXPECT_TRUE(third.refused);
    EXPECT_FALSE(third.byRate);
    EXPECT_FALSE(table.connected(v4(2)).refused);
    table.disconnected(v4(1));
    EXPECT_FALSE(table.connected(v4(1)).refused);
    EXPECT_TRUE(table.connected(v4(1)).refused);
}

TEST(AddressTable, CountsNewConnections)
{
    test::FakeClock clock;
    AddressLimits limits;
    limits.perSecond[size_t(AddressRate::Connections)] = 3;
    AddressTable table(limits, clock);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(table.connected(v4(1)).refused);
        table.disconnected(v4(1));
    }
    EXPECT_TRUE(table.connected(v4(1)).byRate);
    clock.advance(1s);
    EXPECT_FALSE(table.connected(v4(1)).refused);
}

TEST(AddressTable, LeavesExemptNetworksAlone)
{
    test::FakeClock clock;
    AddressLimits limits = requests(1);
    limits.connections = 1;
    limits.exempt = {*Network::parse("10.0.1.0/24")};
    AddressTable table(limits, clock);
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(table.connected(v4(0x105)).refused);
        EXPECT_FALSE(table.take(AddressRate::Requests, v4(0x105)));
    }
    EXPECT_EQ(table.size(), 0u);
    EXPECT_FALSE(table.take(AddressRate::Requests, v4(0x205)));
    EXPECT_TRUE(table.take(AddressRate::Requests, v4(0x205)));
}

TEST(AddressTable, IsBoundedWhateverTheNumberOfAddresses)
{
    test::FakeClock clock;
    AddressLimits limits = requests(1);
    limits.addresses = 1024;
    AddressTable table(limits, clock);
    for (unsigned i = 0; i < 100000; ++i)
        table.take(AddressRate::Requests, v4(i));
    EXPECT_LE(table.size(), 1024u);
    EXPECT_TRUE(table.take(AddressRate::Requests, v4(99999))) << "the latest is remembered";
    EXPECT_FALSE(table.take(AddressRate::Requests, v4(0))) << "the first is not";
}

TEST(AddressTable, NeverForgetsAnAddressWithConnections)
{
    test::FakeClock clock;
    AddressLimits limits = requests(1);
    limits.connections = 1;
    limits.addresses = 64;
    AddressTable table(limits, clock);
    for (unsigned i = 0; i < 500; ++i)
        EXPECT_FALSE(table.connected(v4(i)).refused);
    for (unsigned i = 1000; i < 20000; ++i)
        table.take(AddressRate::Requests, v4(i));
    for (unsigned i = 0; i < 500; ++i)
        EXPECT_TRUE(table.connected(v4(i)).refused) << i;
    EXPECT_LE(table.size(), 500u + 64u);
}

TEST(AddressTable, HousekeepingForgetsThoseWithFullBuckets)
{
    test::FakeClock clock;
    AddressLimits limits = requests(1);
    limits.connections = 5;
    AddressTable table(limits, clock);
    table.take(AddressRate::Requests, v4(1));
    EXPECT_FALSE(table.connected(v4(2)).refused);
    table.forgetIdle();
    EXPECT_EQ(table.size(), 2u);
    clock.advance(1s);
    table.forgetIdle();
    EXPECT_EQ(table.size(), 1u) << "the one with a connection";
    table.disconnected(v4(2));
    table.forgetIdle();
    EXPECT_EQ(table.size(), 0u);
}

TEST(AddressTable, CountsForAllThreadsTogether)
{
    const test::FakeClock clock;
    AddressLimits limits = requests(1000);
    AddressTable table(limits, clock);
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 1000; ++j)
                if (!table.take(AddressRate::Requests, v4(7)))
                    ++taken;
        });
    for (std::thread &thread : threads)
        thread.join();
    EXPECT_EQ(taken.load(), 1000);
}

TEST(AddressTable, NewLimitsHoldAtOnceAndWhatWasTakenIsRemembered)
{
    test::FakeClock clock;
    AddressTable table(requests(2), clock);
    table.setLimits({});
    for (int i = 0; i < 100; ++i)
        EXPECT_FALSE(table.take(AddressRate::Requests, v4(1)));
    table.setLimits(requests(2));
    EXPECT_FALSE(table.take(AddressRate::Requests, v4(1), 2));
    EXPECT_TRUE(table.take(AddressRate::Requests, v4(1)));
    AddressLimits exempt = requests(2);
    exempt.exempt.push_back(*Network::parse("10.0.0.0/8"));
    table.setLimits(exempt);
    EXPECT_FALSE(table.take(AddressRate::Requests, v4(1), 100));
    table.setLimits(requests(2));
    EXPECT_TRUE(table.take(AddressRate::Requests, v4(1)));
}

TEST(AddressTable, ConnectionsCountOnlyIfTheyCameWhileTheyWereLimited)
{
    test::FakeClock clock;
    AddressTable table(AddressLimits{}, clock);
    EXPECT_FALSE(table.connected(v4(1)).counts);
    AddressLimits one;
    one.connections = 1;
    table.setLimits(one);
    const AddressTable::Connected first = table.connected(v4(1));
    EXPECT_TRUE(first.counts);
    const AddressTable::Connected second = table.connected(v4(1));
    EXPECT_TRUE(second.refused);
    EXPECT_FALSE(second.counts);
    table.setLimits({});
    EXPECT_FALSE(table.connected(v4(1)).counts);
    table.disconnected(v4(1)); // the first one, which is given back also while nothing is limited
    table.setLimits(one);
    EXPECT_TRUE(table.connected(v4(1)).counts);
}

} // namespace mws
