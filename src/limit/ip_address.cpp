#include "limit/ip_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <string>

namespace mws {

namespace {

constexpr std::array<uint8_t, 12> mappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

IpAddress mapped(const void *v4)
{
    IpAddress address;
    std::copy(mappedPrefix.begin(), mappedPrefix.end(), address.bytes.begin());
    std::memcpy(address.bytes.data() + mappedPrefix.size(), v4, 4);
    return address;
}

std::string_view trimmed(std::string_view text)
{
    const size_t start = text.find_first_not_of(" \t");
    if (start == text.npos)
        return {};
    return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

/// `1.2.3.4:80`, `[::1]:80` and `[::1]` without what is not the address.
std::string_view withoutPort(std::string_view text)
{
    if (text.starts_with('['))
        return text.substr(1, std::min(text.find(']'), text.size()) - 1);
    const size_t colon = text.find(':');
    return colon != text.npos && text.find(':', colon + 1) == text.npos ? text.substr(0, colon) : text;
}

} // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text)
{
    if (text.find('\0') != text.npos) // where C would see the end
        return std::nullopt;
    const std::string plain(text.substr(0, text.find('%')));
    if (in_addr v4{}; ::inet_pton(AF_INET, plain.c_str(), &v4) == 1 && plain.size() == text.size())
        return mapped(&v4);
    IpAddress address;
    if (::inet_pton(AF_INET6, plain.c_str(), address.bytes.data()) != 1)
        return std::nullopt;
    return address;
}

std::string IpAddress::text() const
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (isV4())
        ::inet_ntop(AF_INET, bytes.data() + mappedPrefix.size(), text.data(), text.size());
    else
        ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    return text.data();
}

IpAddress IpAddress::of(const sockaddr &address)
{
    IpAddress result;
    if (address.sa_family == AF_INET)
        return mapped(&reinterpret_cast<const sockaddr_in &>(address).sin_addr);
    if (address.sa_family == AF_INET6)
        std::memcpy(result.bytes.data(), &reinterpret_cast<const sockaddr_in6 &>(address).sin6_addr, 16);
    return result;
}

bool IpAddress::isV4() const
{
    return std::equal(mappedPrefix.begin(), mappedPrefix.end(), bytes.begin());
}

std::optional<Network> Network::parse(std::string_view text)
{
    const size_t slash = text.find('/');
    const std::optional<IpAddress> base = IpAddress::parse(text.substr(0, slash));
    if (!base)
        return std::nullopt;
    Network network{*base, 128};
    if (slash == text.npos)
        return network;
    const std::string_view number = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    const unsigned most = base->isV4() ? 32 : 128;
    if (error != std::errc() || end != number.data() + number.size() || bits > most)
        return std::nullopt;
    network.bits = bits + (128 - most);
    return network;
}

bool Network::contains(const IpAddress &address) const
{
    const size_t whole = bits / 8;
    if (!std::equal(base.bytes.begin(), base.bytes.begin() + ptrdiff_t(whole), address.bytes.begin()))
        return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((base.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

uint64_t addressKey(const IpAddress &address)
{
    // The mapped form's second half would meet those of IPv6 only in a /64 that nobody has (RFC 4291 §2.4).
    uint64_t key = 0;
    for (size_t i = 0; i < 8; ++i)
        key = key << 8 | address.bytes[address.isV4() ? i + 8 : i];
    return key;
}

IpAddress forwardedAddress(std::string_view forwardedFor, const IpAddress &peer)
{
    const size_t comma = forwardedFor.rfind(',');
    const std::string_view last =
        trimmed(comma == forwardedFor.npos ? forwardedFor : forwardedFor.substr(comma + 1));
    return IpAddress::parse(withoutPort(last)).value_or(peer);
}

} // namespace mws
