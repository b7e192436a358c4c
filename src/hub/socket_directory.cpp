#include "hub/socket_directory.h"

#include <algorithm>

namespace mws {

SocketDirectory::SocketDirectory(size_t workers, Readers readers)
    : m_workers(workers), m_tracking(workers > 1 || readers == Readers::BrokerToo)
{}

bool SocketDirectory::reserve(const Gateway &gateway)
{
    const std::lock_guard lock(m_totalsMutex);
    Totals &totals = m_totals[gateway.serial];
    const uint64_t limit = gateway.settings.limits.sockets;
    if (limit != 0 && totals.reserved >= limit)
        return false;
    totals.open.resize(m_workers);
    ++totals.reserved;
    return true;
}

void SocketDirectory::unreserve(uint32_t gatewaySerial)
{
    const std::lock_guard lock(m_totalsMutex);
    const auto it = m_totals.find(gatewaySerial);
    if (it != m_totals.end() && --it->second.reserved == 0)
        m_totals.erase(it);
}

size_t SocketDirectory::count(uint32_t gatewaySerial) const
{
    const std::lock_guard lock(m_totalsMutex);
    const auto it = m_totals.find(gatewaySerial);
    return it == m_totals.end() ? 0 : size_t(it->second.reserved);
}

std::string SocketDirectory::key(uint32_t gatewaySerial, std::string_view name)
{
    std::string key;
    key.reserve(sizeof gatewaySerial + name.size());
    key.append(reinterpret_cast<const char *>(&gatewaySerial), sizeof gatewaySerial);
    key.append(name);
    return key;
}

SocketDirectory::Stripe &SocketDirectory::stripe(const std::string &key) const
{
    return m_stripes[std::hash<std::string>{}(key) % stripeCount];
}

void SocketDirectory::add(uint32_t gatewaySerial, size_t worker, const SocketId &id, const SharedTags &tags)
{
    if (!m_tracking)
        return;
    {
        const std::lock_guard lock(m_totalsMutex);
        ++m_totals[gatewaySerial].open[worker];
    }
    std::string name = key(gatewaySerial, id.view());
    {
        Stripe &part = stripe(name);
        const std::lock_guard lock(part.mutex);
        part.sockets.insert_or_assign(std::move(name), Place{worker, tags});
    }
    countTags(gatewaySerial, worker, *tags, +1);
}

void SocketDirectory::remove(uint32_t gatewaySerial, size_t worker, const SocketId &id,
                             const SharedTags &tags)
{
    if (!m_tracking)
        return;
    {
        const std::lock_guard lock(m_totalsMutex);
        --m_totals[gatewaySerial].open[worker];
    }
    const std::string name = key(gatewaySerial, id.view());
    {
        Stripe &part = stripe(name);
        const std::lock_guard lock(part.mutex);
        const auto it = part.sockets.find(name);
        if (it != part.sockets.end() && it->second.worker == worker) // else a newer one has taken its place
            part.sockets.erase(it);
    }
    countTags(gatewaySerial, worker, *tags, -1);
}

void SocketDirectory::setTags(uint32_t gatewaySerial, size_t worker, const SocketId &id,
                              const SharedTags &before, const SharedTags &after)
{
    if (!m_tracking)
        return;
    const std::string name = key(gatewaySerial, id.view());
    {
        Stripe &part = stripe(name);
        const std::lock_guard lock(part.mutex);
        part.sockets.insert_or_assign(name, Place{worker, after});
    }
    countTags(gatewaySerial, worker, *after, +1); // first the new ones: a tag that stays is never missed
    countTags(gatewaySerial, worker, *before, -1);
}

void SocketDirectory::countTags(uint32_t gatewaySerial, size_t worker, const std::vector<Tag> &tags, int by)
{
    for (const Tag &tag : tags) {
        const std::string name = key(gatewaySerial, tag);
        Stripe &part = stripe(name);
        const std::lock_guard lock(part.mutex);
        Counts &counts = part.tags[name];
        counts.resize(m_workers);
        counts[worker] += uint32_t(by);
        if (std::all_of(counts.begin(), counts.end(), [](uint32_t count) { return count == 0; }))
            part.tags.erase(name);
    }
}

std::optional<SocketDirectory::Place> SocketDirectory::place(uint32_t gatewaySerial,
                                                             const std::string &id) const
{
    const std::string name = key(gatewaySerial, id);
    const Stripe &part = stripe(name);
    const std::lock_guard lock(part.mutex);
    const auto it = part.sockets.find(name);
    return it == part.sockets.end() ? std::nullopt : std::optional<Place>(it->second);
}

std::optional<size_t> SocketDirectory::workerOf(uint32_t gatewaySerial, const SocketId &id) const
{
    if (!m_tracking)
        return 0;
    const std::optional<Place> found = place(gatewaySerial, id.string());
    return found ? std::optional<size_t>(found->worker) : std::nullopt;
}

void SocketDirectory::addCounts(Route &route, const Counts &counts, size_t self)
{
    for (size_t worker = 0; worker < counts.size(); ++worker) {
        if (worker == self || counts[worker] == 0)
            continue;
        route.workers[worker] = true;
        route.matched += counts[worker];
    }
}

SocketDirectory::Route SocketDirectory::route(uint32_t gatewaySerial, size_t self,
                                              const Receivers &receivers) const
{
    Route route{std::vector<bool>(m_workers), 0};
    if (!m_tracking)
        return route;
    if (receivers.everyone) {
        const std::lock_guard lock(m_totalsMutex);
        if (const auto it = m_totals.find(gatewaySerial); it != m_totals.end())
            addCounts(route, it->second.open, self);
    }
    for (const Tag &tag : receivers.tags) {
        const std::string name = key(gatewaySerial, tag);
        const Stripe &part = stripe(name);
        const std::lock_guard lock(part.mutex);
        if (const auto it = part.tags.find(name); it != part.tags.end())
            addCounts(route, it->second, self);
    }
    for (const std::string &id : receivers.sockets) {
        if (const std::optional<Place> found = place(gatewaySerial, id); found && found->worker != self) {
            route.workers[found->worker] = true;
            ++route.matched;
        }
    }
    for (const std::string &id : receivers.excluded) {
        const std::optional<Place> found = place(gatewaySerial, id);
        if (!found || found->worker == self)
            continue;
        const auto timesNamed = [](const std::vector<std::string> &list, const std::string &name) {
            return uint64_t(std::count(list.begin(), list.end(), name));
        };
        uint64_t matches = (receivers.everyone ? 1 : 0) + timesNamed(receivers.sockets, id);
        for (const Tag &tag : *found->tags)
            matches += timesNamed(receivers.tags, tag);
        route.matched -= std::min(route.matched, matches);
    }
    return route;
}

} // namespace mws
