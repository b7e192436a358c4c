#pragma once

#include "mws/domain/gateway.h"
#include "mws/domain/message.h"
#include "routing/routing_index.h"

#include <array>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mws {

/// Tracks which workers of this node have which sockets, so that a message wakes only those that have a
/// receiver, and a call finds the worker that it is about. With one worker and no broker it only counts.
/// Thread: any; striped mutexes, never two at a time.
class SocketDirectory
{
public:
    /// Who asks it: with one worker and nobody else it need not know anything.
    enum class Readers { Workers, BrokerToo };
    explicit SocketDirectory(size_t workers, Readers readers = Readers::Workers);

    /// Counts one more socket of the gateway, if Limits::sockets allows it.
    bool reserve(const Gateway &gateway);
    void unreserve(uint32_t gatewaySerial);
    /// Sockets of the gateway that are open, or being opened.
    size_t count(uint32_t gatewaySerial) const;

    void add(uint32_t gatewaySerial, size_t worker, const SocketId &id, const SharedTags &tags);
    void remove(uint32_t gatewaySerial, size_t worker, const SocketId &id, const SharedTags &tags);
    void setTags(uint32_t gatewaySerial, size_t worker, const SocketId &id, const SharedTags &before,
                 const SharedTags &after);

    /// The worker that has this socket.
    std::optional<size_t> workerOf(uint32_t gatewaySerial, const SocketId &id) const;

    struct Route
    {
        std::vector<bool> workers; ///< by worker: has a receiver; false for `self`
        uint64_t matched = 0; ///< matches on workers other than `self`, as RoutingIndex::Matched counts them
    };
    Route route(uint32_t gatewaySerial, size_t self, const Receivers &receivers) const;

private:
    static constexpr size_t stripeCount = 64;
    struct Place
    {
        size_t worker;
        SharedTags tags;
    };
    using Counts = std::vector<uint32_t>; ///< by worker
    struct Stripe
    {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Place> sockets; ///< key: serial and id
        std::unordered_map<std::string, Counts> tags;   ///< key: serial and tag
    };
    struct Totals
    {
        uint64_t reserved = 0;
        Counts open;
    };

    static std::string key(uint32_t gatewaySerial, std::string_view name);
    Stripe &stripe(const std::string &key) const;
    void countTags(uint32_t gatewaySerial, size_t worker, const std::vector<Tag> &tags, int by);
    std::optional<Place> place(uint32_t gatewaySerial, const std::string &id) const;
    static void addCounts(Route &route, const Counts &counts, size_t self);

    const size_t m_workers;
    const bool m_tracking;
    mutable std::array<Stripe, stripeCount> m_stripes;
    mutable std::mutex m_totalsMutex;
    std::unordered_map<uint32_t, Totals> m_totals;
};

} // namespace mws
