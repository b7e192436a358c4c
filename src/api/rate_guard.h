#pragma once

#include "api/api_request.h"
#include "api/api_services.h"
#include "limit/ip_address.h"

#include <cstdint>

namespace mws {

/// Keeps callers and gateways to their rates (docs/operations.md "Limits"): of the address first, then of the
/// gateway. What is refused is counted.
/// Thread: the worker's.
class RateGuard
{
public:
    explicit RateGuard(const ApiServices &services) : m_services(services) {}

    /// The client's: the peer's, or what a trusted proxy says.
    IpAddress client(const ApiRequest &request) const;

    /// Errors: TooManyRequests with the time to wait.
    Result<void> messages(const Gateway &gateway, const IpAddress &client, uint64_t count) const;
    /// Errors: TooManyRequests with the time to wait.
    Result<void> reservation(const Gateway &gateway, const IpAddress &client) const;

private:
    Result<void> refusal(LimitKind kind, const char *text, Refused refused) const;

    const ApiServices &m_services;
};

} // namespace mws
