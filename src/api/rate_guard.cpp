#include "api/rate_guard.h"

namespace mws {

IpAddress RateGuard::client(const ApiRequest &request) const
{
    return m_services.config.trustForwarded
               ? forwardedAddress(request.header("x-forwarded-for"), request.peer)
               : request.peer;
}

Result<void> RateGuard::refusal(LimitKind kind, const char *text, Refused refused) const
{
    if (!refused)
        return {};
    m_services.metrics.limited[kind].add();
    return Unexpected(Error{ErrorCode::TooManyRequests, text, {}, *refused});
}

Result<void> RateGuard::messages(const Gateway &gateway, const IpAddress &client, uint64_t count) const
{
    const Result<void> byAddress = refusal(LimitKind::AddressMessages, "Too many messages from this address",
                                           m_services.addresses.take(AddressRate::Messages, client, count));
    if (!byAddress)
        return byAddress;
    return refusal(LimitKind::GatewayMessages, "Too many messages for this gateway",
                   m_services.rates.take(GatewayRate::Messages, gateway, count));
}

Result<void> RateGuard::reservation(const Gateway &gateway, const IpAddress &client) const
{
    const Result<void> byAddress = refusal(LimitKind::AddressReservations, "Too many URIs for this address",
                                           m_services.addresses.take(AddressRate::Reservations, client));
    if (!byAddress)
        return byAddress;
    return refusal(LimitKind::GatewayReservations, "Too many URIs for this gateway",
                   m_services.rates.take(GatewayRate::Reservations, gateway));
}

} // namespace mws
