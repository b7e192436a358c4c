#pragma once

#include "limit/ip_address.h"

namespace mws {

/// Whether the address belongs to a host of the public internet: none of a loopback, private (RFC 1918, RFC
/// 4193), link-local, shared (RFC 6598), multicast, documentation, benchmark, reserved or unspecified range
/// of the IANA special-purpose registries, nor one of IPv6 that stands for such an IPv4 address (mapped,
/// compatible, NAT64, 6to4).
bool isPublicAddress(const IpAddress &address);

} // namespace mws
