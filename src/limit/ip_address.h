#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace mws {

/// An IPv4 or IPv6 address; one of IPv4 in its mapped form (RFC 4291 §2.5.5.2).
struct IpAddress
{
    std::array<uint8_t, 16> bytes{};

    /// Numeric, perhaps with a scope; nothing if it is not that.
    static std::optional<IpAddress> parse(std::string_view text);
    /// Unspecified for another family.
    static IpAddress of(const sockaddr &address);
    bool isV4() const;
    /// `192.0.2.1`, `2001:db8::1`
    std::string text() const;
    friend bool operator==(const IpAddress &, const IpAddress &) = default;
};

/// Addresses with the same first bits: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
struct Network
{
    IpAddress base;
    unsigned bits = 128; ///< of the 128; an IPv4 network has 96 more than are written

    static std::optional<Network> parse(std::string_view text);
    bool contains(const IpAddress &address) const;
    friend bool operator==(const Network &, const Network &) = default;
};

/// What limits of an address count under: an IPv4 address, or the /64 of an IPv6 one, as a provider gives one
/// customer that many.
uint64_t addressKey(const IpAddress &address);
/// A key that no address has.
inline constexpr uint64_t noAddressKey = ~uint64_t(0);

/// The last address of an X-Forwarded-For field, which the nearest proxy wrote, without a port; `peer` where
/// there is none.
IpAddress forwardedAddress(std::string_view forwardedFor, const IpAddress &peer);

} // namespace mws
