#include "limit/ip_address.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

IpAddress ip(std::string_view text)
{
    const auto address = IpAddress::parse(text);
    EXPECT_TRUE(address) << text;
    return address.value_or(IpAddress{});
}

} // namespace

TEST(IpAddress, IsNumeric)
{
    EXPECT_TRUE(ip("192.0.2.1").isV4());
    EXPECT_EQ(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
    EXPECT_FALSE(ip("2001:db8::1").isV4());
    EXPECT_EQ(ip("fe80::1%eth0"), ip("fe80::1"));
    for (const std::string_view wrong : {"", "localhost", "1.2.3", "1.2.3.4%eth0", "1.2.3.256", "::g"})
        EXPECT_FALSE(IpAddress::parse(wrong)) << wrong;
    EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(IpAddress, IsWrittenAsPeopleDo)
{
    for (const char *text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::1"})
        EXPECT_EQ(IpAddress::parse(text)->text(), text);
    EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1")->text(), "192.0.2.1");
}

TEST(IpAddress, OfIpv6CountsWithItsSlash64)
{
    EXPECT_EQ(addressKey(ip("2001:db8:1:2::1")), addressKey(ip("2001:db8:1:2:ffff::9")));
    EXPECT_NE(addressKey(ip("2001:db8:1:2::1")), addressKey(ip("2001:db8:1:3::1")));
    EXPECT_NE(addressKey(ip("127.0.0.1")), addressKey(ip("127.0.0.2")));
    EXPECT_NE(addressKey(ip("::1")), addressKey(ip("127.0.0.1")));
    EXPECT_NE(addressKey(ip("255.255.255.255")), noAddressKey);
}

TEST(IpAddress, ForwardedIsTheLastOne)
{
    const IpAddress peer = ip("10.0.0.1");
    EXPECT_EQ(forwardedAddress("203.0.113.7", peer), ip("203.0.113.7"));
    EXPECT_EQ(forwardedAddress("1.1.1.1, 2.2.2.2 ,\t3.3.3.3 ", peer), ip("3.3.3.3"));
    EXPECT_EQ(forwardedAddress("3.3.3.3:4711", peer), ip("3.3.3.3"));
    EXPECT_EQ(forwardedAddress("2001:db8::1", peer), ip("2001:db8::1"));
    EXPECT_EQ(forwardedAddress("[2001:db8::1]:443", peer), ip("2001:db8::1"));
    for (const std::string_view none : {"", "unknown", "3.3.3.3,", "3.3.3.3, _hidden", "[", "[]", ":"})
        EXPECT_EQ(forwardedAddress(none, peer), peer) << none;
}

TEST(Network, HoldsWhatHasItsFirstBits)
{
    const auto ten = Network::parse("10.0.0.0/8");
    ASSERT_TRUE(ten);
    EXPECT_TRUE(ten->contains(ip("10.255.0.1")));
    EXPECT_FALSE(ten->contains(ip("11.0.0.1")));
    EXPECT_FALSE(ten->contains(ip("a00::1")));
    EXPECT_TRUE(Network::parse("192.0.2.128/25")->contains(ip("192.0.2.200")));
    EXPECT_FALSE(Network::parse("192.0.2.128/25")->contains(ip("192.0.2.1")));
    EXPECT_TRUE(Network::parse("127.0.0.1")->contains(ip("127.0.0.1")));
    EXPECT_FALSE(Network::parse("127.0.0.1")->contains(ip("127.0.0.2")));
    EXPECT_TRUE(Network::parse("2001:db8::/33")->contains(ip("2001:db8:7fff::1")));
    EXPECT_FALSE(Network::parse("2001:db8::/33")->contains(ip("2001:db8:8000::1")));
    EXPECT_TRUE(Network::parse("::/0")->contains(ip("8.8.8.8")));
    for (const std::string_view wrong :
         {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1", "/8", "::/129", "x"})
        EXPECT_FALSE(Network::parse(wrong)) << wrong;
}

} // namespace mws
