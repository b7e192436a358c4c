#include "limit/gateway_rates.h"

#include <utility>

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
    Kept &kept = place.gateways[gateway.serial];
    const SteadyTime now = m_clock.now();
    GatewayUse::OfRate &use = kept.use.rates[size_t(kind)];
    if (use.perSecond == 0) {
        use = {rate.perSecond, 0, now};
        beginUse(place, kept, gateway);
    }
    const Refused refused = kept.buckets[size_t(kind)].take(count, now, rate);
    if (!refused)
        use.taken += count;
    return refused;
}

void GatewayRates::beginUse(Stripe &place, Kept &kept, const Gateway &gateway)
{
    if (std::exchange(kept.used, true))
        return;
    kept.use.serial = gateway.serial;
    kept.use.gateway = gateway.id;
    place.used.push_back(gateway.serial);
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
    std::erase(place.used, gatewaySerial);
}

std::vector<GatewayUse> GatewayRates::collect()
{
    std::vector<GatewayUse> all;
    for (Stripe &place : m_stripes) {
        const std::lock_guard lock(place.mutex);
        for (const uint32_t serial : place.used) {
            Kept &kept = place.gateways[serial];
            kept.used = false;
            all.push_back(std::exchange(kept.use, {}));
        }
        place.used.clear();
    }
    return all;
}

void GatewayRates::owe(uint32_t gatewaySerial, GatewayRate kind, std::chrono::nanoseconds time,
                       uint64_t tokens)
{
    Stripe &place = stripe(gatewaySerial);
    const std::lock_guard lock(place.mutex);
    const auto gateway = place.gateways.find(gatewaySerial);
    if (gateway == place.gateways.end())
        return; // it was removed
    Kept &kept = gateway->second;
    kept.buckets[size_t(kind)].owe(time, tokens + kept.use.rates[size_t(kind)].taken, m_clock.now());
}

} // namespace mws
