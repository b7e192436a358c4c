#pragma once

#include "cluster/registry_store.h"
#include "mws/base/clock.h"
#include "mws/base/result.h"

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mws {

/// The sockets of one gateway on this node, and what of them the store is not known to have. One write is
/// under way at a time, so that each knows what the one before has done. Thread: one.
class RegistryRows
{
public:
    explicit RegistryRows(GatewayId gateway) : m_gateway(std::move(gateway)) {}

    const GatewayId &gateway() const { return m_gateway; }

    void enter(const SocketId &id, std::string body);
    /// Null if there is no such open socket; a change of it needs queue().
    std::string *bodyOf(const SocketId &id);
    void queue(const SocketId &id);
    /// False if there was none.
    bool leave(const SocketId &id);

    size_t open() const { return m_open; }
    bool hasQueued() const { return !m_queue.empty(); }
    size_t unwritten() const { return m_queue.size() + m_flight.size(); }
    bool isWriting() const { return m_writing; }
    /// The store may have something of this node.
    bool mayBeKnown() const { return m_everSent; }
    /// The store has said that the lease is entered, and that is so recent.
    bool hasLease(SteadyTime now, std::chrono::milliseconds recent) const
    {
        return m_after > 0 && now - m_leasedAt < recent;
    }

    /// What is queued, or some of it: at most `rows`, and no more once `bytes` are reached.
    RegistryWrite take(uint64_t sequence, size_t rows, size_t bytes, SteadyTime now);
    /// What became of it. Returns the rivals that are still to be told of.
    std::vector<RegistryRival> written(const RegistryWritten &written);
    /// More was queued than that write took.
    bool wasCut() const { return m_cut; }

    SteadyTime idleSince{}; ///< without sockets, and not announced
    SteadyTime renewAt{};
    SteadyTime notBefore{}; ///< after a failure
    bool isReady = false;   ///< it waits for its turn to write

    struct Announcement
    {
        std::function<void(Result<void>)> done;
        SteadyTime deadline{};
    };
    std::vector<Announcement> announcements;

private:
    struct Row
    {
        std::string body;
        RegistryStamp stamp = 0;
        uint32_t open = 0; ///< 0: to be removed
        uint32_t life = 0; ///< counts enter()
        bool sent = false; ///< the store may have it
    };
    using Map = std::unordered_map<SocketId, Row>;

    void done(const RegistryWritten &written);
    void lost();
    void unknown();
    void setStamps(const RegistryWritten &written);

    const GatewayId m_gateway;
    Map m_rows;
    std::unordered_set<SocketId> m_queue;
    size_t m_open = 0;
    uint64_t m_after = 0; ///< the last write that is known to be done
    SteadyTime m_leasedAt{};
    bool m_everSent = false;
    // The write that is under way.
    bool m_writing = false;
    bool m_cut = false;
    uint64_t m_sequence = 0;
    SteadyTime m_sentAt{};
    std::unordered_map<SocketId, uint32_t> m_flight; ///< and the life of each then
};

} // namespace mws
