#include "limit/gateway_rates.h"

namespace mws {

namespace {

/// When to try again where it is not known when a socket ends.
constexpr auto retryLater = std::chrono::seconds(5);

Rate rateOf(GatewayRate kind, const Limits &limits)
{
    switch (kind) {
    case GatewayRate::Messages:
        return {limits.messagesPerSecond, limits.burst};
    case GatewayRate::Reservations:
        return {limits.reservationsPerSecond, limits.burst};
    case GatewayRate::Sockets:
        return {limits.socketsPerSecond, limits.burst};
    }
    return {};
}

} // namespace

Refused GatewayRates::take(GatewayRate kind, const Gateway &gateway, uint64_t count)
{
    const Rate rate = rateOf(kind, gateway.settings.limits);
    if (!rate.limited())
        return std::nullopt;
    Stripe &place = stripe(gateway.serial);
    const std::lock_guard lock(place.mutex);
    return place.gateways[gateway.serial].buckets[size_t(kind)].take(count, m_clock.now(), rate);
}

Refused GatewayRates::openSocket(const Gateway &gateway, uint64_t addressKey)
{
    const uint64_t most = gateway.settings.limits.socketsPerAddress;
    Stripe &place = stripe(gateway.serial);
    const std::lock_guard lock(place.mutex);
    auto &sockets = place.gateways[gateway.serial].sockets;
    uint64_t &open = sockets[addressKey];
    if (open >= most) {
        if (open == 0)
            sockets.erase(addressKey);
        return retryLater;
    }
    ++open;
    return std::nullopt;
}

void GatewayRates::closeSocket(uint32_t gatewaySerial, uint64_t addressKey)
{
    Stripe &place = stripe(gatewaySerial);
    const std::lock_guard lock(place.mutex);
    const auto gateway = place.gateways.find(gatewaySerial);
    if (gateway == place.gateways.end())
        return;
    const auto open = gateway->second.sockets.find(addressKey);
    if (open != gateway->second.sockets.end() && --open->second == 0)
        gateway->second.sockets.erase(open);
}

void GatewayRates::forget(uint32_t gatewaySerial)
{
    Stripe &place = stripe(gatewaySerial);
    const std::lock_guard lock(place.mutex);
    place.gateways.erase(gatewaySerial);
}

} // namespace mws
