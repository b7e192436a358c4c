#pragma once

#include "limit/ip_address.h"
#include "limit/token_bucket.h"
#include "mws/domain/gateway.h"

#include <array>
#include <mutex>
#include <unordered_map>

namespace mws {

/// What has a rate for each gateway.
enum class GatewayRate { Messages, Reservations, Sockets };

/// Keeps each gateway to the rates of its Limits, on all workers together, and the clients of a gateway to so
/// many open sockets for each address. The limits are those of the Gateway that is handed in, so that a
/// change of configuration is in force at once; where they are 0 no lock is taken. Thread: any; striped
/// mutexes, never two at a time.
class GatewayRates
{
public:
    explicit GatewayRates(const Clock &clock) : m_clock(clock) {}

    /// `count` of what `kind` says.
    Refused take(GatewayRate kind, const Gateway &gateway, uint64_t count = 1);

    /// A socket of that address opens; it counts until closeSocket() unless it is refused. Sockets that
    /// opened while nothing was limited do not count.
    Refused openSocket(const Gateway &gateway, uint64_t addressKey);
    void closeSocket(uint32_t gatewaySerial, uint64_t addressKey);

    /// What is kept for a gateway that was removed.
    void forget(uint32_t gatewaySerial);

private:
    static constexpr size_t stripeCount = 16;
    struct Kept
    {
        std::array<TokenBucket, 3> buckets;             ///< by GatewayRate
        std::unordered_map<uint64_t, uint64_t> sockets; ///< open ones by address; none that has none
    };
    struct Stripe
    {
        std::mutex mutex;
        std::unordered_map<uint32_t, Kept> gateways; ///< by serial
    };
    Stripe &stripe(uint32_t serial) { return m_stripes[serial % stripeCount]; }

    const Clock &m_clock;
    std::array<Stripe, stripeCount> m_stripes;
};

} // namespace mws
