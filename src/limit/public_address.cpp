#include "limit/public_address.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace mws {

namespace {

// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry.
constexpr std::array<std::string_view, 16> notPublicV4{
    "0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",   "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",  "240.0.0.0/4",    "255.255.255.255"};
/// What IPv6 has given out as global unicast, and what is special in it.
constexpr std::string_view globalV6 = "2000::/3";
constexpr std::array<std::string_view, 5> notPublicV6{"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
                                                      "3ffe::/16"};
constexpr std::string_view nat64 = "64:ff9b::/96";

template <size_t Size>
std::vector<Network> networks(const std::array<std::string_view, Size> &texts)
{
    std::vector<Network> parsed;
    for (const std::string_view text : texts)
        parsed.push_back(*Network::parse(text));
    return parsed;
}

bool isIn(const std::vector<Network> &networks, const IpAddress &address)
{
    return std::any_of(networks.begin(), networks.end(),
                       [&address](const Network &network) { return network.contains(address); });
}

/// The IPv4 address in the last four bytes.
IpAddress embeddedV4(const IpAddress &address)
{
    IpAddress v4;
    v4.bytes[10] = v4.bytes[11] = 0xff;
    std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin() + 12);
    return v4;
}

} // namespace

bool isPublicAddress(const IpAddress &address)
{
    static const std::vector<Network> specialV4 = networks(notPublicV4);
    static const std::vector<Network> specialV6 = networks(notPublicV6);
    static const Network global = *Network::parse(globalV6);
    static const Network translated = *Network::parse(nat64);
    if (address.isV4())
        return !isIn(specialV4, address);
    if (translated.contains(address))
        return !isIn(specialV4, embeddedV4(address));
    return global.contains(address) && !isIn(specialV6, address);
}

} // namespace mws
