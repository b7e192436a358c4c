#pragma once

#include "limit/ip_address.h"
#include "limit/token_bucket.h"

#include <array>
#include <cstddef>
#include <list>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace mws {

/// What has a rate for each address.
enum class AddressRate { Connections, Requests, Reservations, Messages };

/// [limits]: what one address may do on this node; 0: no limit.
struct AddressLimits
{
    uint64_t connections = 0;            ///< open at a time
    std::array<uint64_t, 4> perSecond{}; ///< by AddressRate
    std::chrono::milliseconds burst{1000};
    std::vector<Network> exempt; ///< not limited at all
    size_t addresses = 65536;    ///< as many are remembered, and those with open connections
};

/// Keeps each client address to its limits, on all workers together. Bounded: of more addresses than may be
/// remembered the one that was quiet for longest is forgotten, unless it has connections, and housekeeping
/// forgets those whose buckets are full. Where nothing is limited nothing is kept, and no lock is taken.
/// Thread: any; striped mutexes, never two at a time. Cost: constant.
class AddressTable
{
public:
    AddressTable(AddressLimits limits, const Clock &clock);

    bool limitsConnections() const;
    /// A connection came in. Unless refused it counts until disconnected().
    struct Connected
    {
        Refused refused;
        bool byRate = false; ///< refused by the rate, not by the number
    };
    Connected connected(const IpAddress &address);
    /// One that was not refused has ended.
    void disconnected(const IpAddress &address);

    /// `count` of what `kind` says.
    Refused take(AddressRate kind, const IpAddress &address, uint64_t count = 1)
    {
        return rate(kind).limited() ? takeLimited(kind, address, count) : std::nullopt;
    }

    /// Forgets addresses about which there is nothing to remember. Call now and then.
    void forgetIdle();
    size_t size() const;

private:
    static constexpr size_t stripeCount = 64;
    struct Entry
    {
        uint64_t key = 0; ///< as keyOf() gives it
        uint64_t connections = 0;
        std::array<TokenBucket, 4> buckets; ///< by AddressRate

        bool isFull(SteadyTime now) const;
    };
    using Entries = std::list<Entry>;
    struct Stripe
    {
        mutable std::mutex mutex;
        Entries quiet; ///< without connections, the most recent first
        Entries busy;  ///< with connections
        std::unordered_map<uint64_t, Entries::iterator> byKey;
    };

    Rate rate(AddressRate kind) const { return {m_limits.perSecond[size_t(kind)], m_limits.burst}; }
    Refused takeLimited(AddressRate kind, const IpAddress &address, uint64_t count);
    bool exempt(const IpAddress &address) const;
    uint64_t keyOf(const IpAddress &address) const;
    Stripe &stripe(uint64_t key) { return m_stripes[(key >> 32) % stripeCount]; }
    Entries::iterator entry(Stripe &stripe, uint64_t key);
    void makeRoom(Stripe &stripe);
    static void erase(Stripe &stripe, Entries::iterator quiet);

    const AddressLimits m_limits;
    const Clock &m_clock;
    const uint64_t m_seed; ///< so that nobody can aim at one stripe or bucket
    std::array<Stripe, stripeCount> m_stripes;
};

} // namespace mws
