#include "limit/address_table.h"

#include "mws/base/random.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace mws {

namespace {

/// When to try again where it is not known when a connection ends.
constexpr auto retryLater = std::chrono::seconds(5);

} // namespace

AddressTable::AddressTable(const AddressLimits &limits, const Clock &clock)
    : m_addresses(limits.addresses), m_clock(clock), m_seed(randomBelow(std::numeric_limits<uint64_t>::max()))
{
    setLimits(limits);
}

void AddressTable::setLimits(const AddressLimits &limits)
{
    {
        const std::lock_guard lock(m_exemptMutex);
        m_exempt = std::make_shared<const std::vector<Network>>(limits.exempt);
    }
    m_burstMs = limits.burst.count();
    for (size_t i = 0; i < m_perSecond.size(); ++i)
        m_perSecond[i] = limits.perSecond[i];
    m_connections = limits.connections;
}

Rate AddressTable::rate(AddressRate kind) const
{
    return {m_perSecond[size_t(kind)].load(std::memory_order_relaxed),
            std::chrono::milliseconds(m_burstMs.load(std::memory_order_relaxed))};
}

bool AddressTable::Entry::isFull(SteadyTime now) const
{
    return std::all_of(buckets.begin(), buckets.end(),
                       [now](const TokenBucket &bucket) { return bucket.isFull(now); });
}

bool AddressTable::limitsConnections() const
{
    return m_connections != 0 || isLimited(AddressRate::Connections);
}

bool AddressTable::exempt(const IpAddress &address) const
{
    const Exempt networks = [this] {
        const std::lock_guard lock(m_exemptMutex);
        return m_exempt;
    }();
    return std::any_of(networks->begin(), networks->end(),
                       [&](const Network &network) { return network.contains(address); });
}

/// The address's key, mixed one to one by the end of SplitMix64.
uint64_t AddressTable::keyOf(const IpAddress &address) const
{
    uint64_t mixed = addressKey(address) ^ m_seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

AddressTable::Entries::iterator AddressTable::entry(Stripe &stripe, uint64_t key)
{
    if (const auto it = stripe.byKey.find(key); it != stripe.byKey.end()) {
        if (it->second->connections == 0)
            stripe.quiet.splice(stripe.quiet.begin(), stripe.quiet, it->second);
        return it->second;
    }
    makeRoom(stripe);
    stripe.quiet.emplace_front().key = key;
    stripe.byKey.emplace(key, stripe.quiet.begin());
    return stripe.quiet.begin();
}

void AddressTable::erase(Stripe &stripe, Entries::iterator quiet)
{
    stripe.byKey.erase(quiet->key);
    stripe.quiet.erase(quiet);
}

void AddressTable::makeRoom(Stripe &stripe)
{
    const size_t most = std::max<size_t>(1, m_addresses / stripeCount);
    while (stripe.quiet.size() >= most)
        erase(stripe, std::prev(stripe.quiet.end()));
}

AddressTable::Connected AddressTable::connected(const IpAddress &address)
{
    if (!limitsConnections() || exempt(address))
        return {};
    const uint64_t key = keyOf(address);
    Stripe &place = stripe(key);
    const std::lock_guard lock(place.mutex);
    const auto found = entry(place, key);
    if (const uint64_t most = m_connections; most != 0 && found->connections >= most)
        return {retryLater};
    const Refused refused = found->buckets[size_t(AddressRate::Connections)].take(
        1, m_clock.now(), rate(AddressRate::Connections));
    if (refused)
        return {.refused = refused, .byRate = true};
    if (found->connections++ == 0)
        place.busy.splice(place.busy.begin(), place.quiet, found);
    return {.refused = std::nullopt, .counts = true};
}

void AddressTable::disconnected(const IpAddress &address)
{
    const uint64_t key = keyOf(address);
    Stripe &place = stripe(key);
    const std::lock_guard lock(place.mutex);
    const auto it = place.byKey.find(key);
    if (it != place.byKey.end() && it->second->connections > 0 && --it->second->connections == 0)
        place.quiet.splice(place.quiet.begin(), place.busy, it->second);
}

Refused AddressTable::takeLimited(AddressRate kind, const IpAddress &address, uint64_t count)
{
    if (exempt(address))
        return std::nullopt;
    const uint64_t key = keyOf(address);
    Stripe &place = stripe(key);
    const std::lock_guard lock(place.mutex);
    return entry(place, key)->buckets[size_t(kind)].take(count, m_clock.now(), rate(kind));
}

void AddressTable::forgetIdle()
{
    for (Stripe &place : m_stripes) {
        const std::lock_guard lock(place.mutex);
        const SteadyTime now = m_clock.now();
        for (auto it = place.quiet.begin(); it != place.quiet.end();) {
            const auto next = std::next(it);
            if (it->isFull(now))
                erase(place, it);
            it = next;
        }
    }
}

size_t AddressTable::size() const
{
    size_t sum = 0;
    for (const Stripe &place : m_stripes) {
        const std::lock_guard lock(place.mutex);
        sum += place.byKey.size();
    }
    return sum;
}

} // namespace mws
