#pragma once

#include "limit/ip_address.h"
#include "limit/token_bucket.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
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
    AddressTable(const AddressLimits &limits, const Clock &clock);

    /// In force at once; `addresses` stays as it was. What was taken is remembered, and connections that came
    /// while they were not limited do not count.
    void setLimits(const AddressLimits &limits);
    bool limitsConnections() const;
    /// A connection came in. Where it counts, it does until disconnected().
    struct Connected
    {
        Refused refused;
        bool byRate = false; ///< refused by the rate, not by the number
        bool counts = false; ///< disconnected() is to be called
    };
    Connected connected(const IpAddress &address);
    /// One that counts has ended.
    void disconnected(const IpAddress &address);

    /// `count` of what `kind` says.
    Refused take(AddressRate kind, const IpAddress &address, uint64_t count = 1)
    {
        return isLimited(kind) ? takeLimited(kind, address, count) : std::nullopt;
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

    using Number = std::atomic<uint64_t>;
    using Exempt = std::shared_ptr<const std::vector<Network>>;

    bool isLimited(AddressRate kind) const
    {
        return m_perSecond[size_t(kind)].load(std::memory_order_relaxed) != 0;
    }
    Rate rate(AddressRate kind) const;
    Refused takeLimited(AddressRate kind, const IpAddress &address, uint64_t count);
    bool exempt(const IpAddress &address) const;
    uint64_t keyOf(const IpAddress &address) const;
    Stripe &stripe(uint64_t key) { return m_stripes[(key >> 32) % stripeCount]; }
    Entries::iterator entry(Stripe &stripe, uint64_t key);
    void makeRoom(Stripe &stripe);
    static void erase(Stripe &stripe, Entries::iterator quiet);

    // Each number stands for itself: a reader may see some of before and some of after a change.
    Number m_connections{0};
    std::array<Number, 4> m_perSecond{}; ///< by AddressRate
    std::atomic<int64_t> m_burstMs{0};
    const size_t m_addresses;
    mutable std::mutex m_exemptMutex; ///< taken only where something is limited
    Exempt m_exempt;                  ///< under m_exemptMutex
    const Clock &m_clock;
    const uint64_t m_seed; ///< so that nobody can aim at one stripe or bucket
    std::array<Stripe, stripeCount> m_stripes;
};

} // namespace mws
