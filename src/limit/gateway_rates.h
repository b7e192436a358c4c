#pragma once

#include "limit/ip_address.h"
#include "limit/token_bucket.h"
#include "mws/domain/gateway.h"

#include <array>
#include <chrono>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace mws {

/// What has a rate for each gateway.
enum class GatewayRate { Messages, Reservations, Sockets };
inline constexpr size_t gatewayRates = 3;

/// What was asked of the rates of one gateway within some time, on this node.
struct GatewayUse
{
    struct OfRate
    {
        uint64_t perSecond = 0; ///< the limit; 0: nobody asked
        uint64_t taken = 0;     ///< of what was asked for; the rest was refused
        SteadyTime since{};     ///< when it was asked for first
    };
    uint32_t serial = 0;
    GatewayId gateway;
    std::array<OfRate, gatewayRates> rates; ///< by GatewayRate
};

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

    /// Of all gateways with a rate that somebody asked for since the last call, refused or not. Cost: linear
    /// in their number. For the nodes of a cluster, which tell each other: RateShare.
    std::vector<GatewayUse> collect();
    /// All nodes together owe `time`'s worth of that rate, what this one took since collect() not counted;
    /// `tokens` of what it took before are not in it either. Its bucket has no more in it than that leaves.
    void owe(uint32_t gatewaySerial, GatewayRate kind, std::chrono::nanoseconds time, uint64_t tokens);

private:
    static constexpr size_t stripeCount = 16;
    struct Kept
    {
        std::array<TokenBucket, gatewayRates> buckets;  ///< by GatewayRate
        std::unordered_map<uint64_t, uint64_t> sockets; ///< open ones by address; none that has none
        GatewayUse use;                                 ///< since collect()
        bool used = false;                              ///< it is in Stripe::used
    };
    struct Stripe
    {
        std::mutex mutex;
        std::unordered_map<uint32_t, Kept> gateways; ///< by serial
        std::vector<uint32_t> used;                  ///< serials, since collect()
    };
    static void beginUse(Stripe &place, Kept &kept, const Gateway &gateway);
    Stripe &stripe(uint32_t serial) { return m_stripes[serial % stripeCount]; }

    const Clock &m_clock;
    std::array<Stripe, stripeCount> m_stripes;
};

} // namespace mws
