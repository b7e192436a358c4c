#pragma once

#include "base/log_allowance.h"
#include "cluster/registry_store.h"
#include "mws/base/clock.h"
#include "mws/base/result.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mws {

class RegistryRows;

/// An open socket, as all nodes can see it.
struct RegisteredSocket
{
    SocketId id;
    WallTime connectedAt; ///< to the millisecond, as issuedAt
    WallTime issuedAt;    ///< of its reservation
    std::vector<Tag> tags;
    std::string user;   ///< empty: none
    std::string remote; ///< address and port of the client
    friend bool operator==(const RegisteredSocket &, const RegisteredSocket &) = default;
};

struct RegisteredPage
{
    std::vector<RegisteredSocket> sockets; ///< by id
    bool more = false;
};

struct SocketRegistryOptions
{
    std::chrono::milliseconds lease{15000};     ///< by the store's clock
    std::chrono::milliseconds renewEvery{5000}; ///< where nothing changes
    std::chrono::milliseconds retryAfter{1000}; ///< a write that failed while the store is up
    std::chrono::milliseconds linger{10000};    ///< a gateway without sockets keeps its lease for so long
    std::chrono::milliseconds patience{2000};   ///< for announce()
    size_t rowsPerWrite = 250;                  ///< the store does nothing else meanwhile
    size_t bytesPerWrite = 128 << 10;           ///< and one row, at most longestRegistryRow
    size_t writesAtOnce = 16;                   ///< of different gateways
};

/// What the registry finds out about sockets of this node. Thread: the registry's.
class SocketRegistryListener
{
public:
    /// A live node has opened this id after this node: close the socket here (1008).
    virtual void superseded(const GatewayId &gateway, const SocketId &id, const NodeId &newer) = 0;
    /// This node's socket is the newer one. The other node learns it by itself with its next write, within
    /// renewEvery; SocketRegistry::check() there makes it learn it now. May come several times.
    virtual void openedAgain(const GatewayId &gateway, const SocketId &id, const NodeId &older) = 0;

protected:
    ~SocketRegistryListener() = default;
};

/// Tells the other nodes which sockets this one has, and asks which they have. Keeps what is open and what of
/// it the store is not known to have, no list of changes: so it may be without the store for as long as it
/// takes, and sockets that come and go meanwhile leave nothing.
///
/// A node's sockets are seen by others from the first tick() after entered() until its lease ends, at most
/// 15 s after the last renewal. Where the store lost what was written, or the lease had ended, the next write
/// is told so (at once when the store is up again, else within 5 s), and all is written again.
///
/// Knows no Redis; tick() is its clock. Thread: one, the store's. Handlers are called once, at once or later,
/// and not any more after the destructor.
class SocketRegistry
{
public:
    /// `self`: of this life of the process. All outlive this.
    SocketRegistry(RegistryStore &store, NodeId self, const Clock &clock, SocketRegistryListener &listener,
                   SocketRegistryOptions options = {});
    ~SocketRegistry();

    /// A first socket of the gateway may be about to open here: success says that nodes() of the others names
    /// this one, from now on and for SocketRegistryOptions::linger after its last socket. Costs nothing while
    /// there is a lease. Errors: Unavailable.
    void announce(const GatewayId &gateway, std::function<void(Result<void>)> done);
    /// A socket has opened. An id that is here already is shown as the newer one, and needs left() twice.
    void entered(const GatewayId &gateway, RegisteredSocket socket);
    /// Ignored for an id that is not here.
    void changed(const GatewayId &gateway, const SocketId &id, std::vector<Tag> tags);
    void left(const GatewayId &gateway, const SocketId &id);
    /// Looks whether another node has opened this id after this one; see SocketRegistryListener.
    void check(const GatewayId &gateway, const SocketId &id);

    /// Writes what has changed since the last one, and what is due. Call it every 100 ms.
    void tick();
    void storeUp();
    void storeDown();

    /// Sockets of other live nodes with ids after `cursor`; with that tag if one is given. Errors:
    /// Unavailable. Cost: without a tag that of the page; with one the store looks at every row.
    void list(const GatewayId &gateway, const std::optional<Tag> &tag, size_t limit,
              const std::string &cursor, std::function<void(Result<RegisteredPage>)> done);
    /// Which other live node has the socket; nothing: none. Errors: Unavailable.
    void find(const GatewayId &gateway, const SocketId &id,
              std::function<void(Result<std::optional<NodeId>>)> done);
    /// All other live nodes that have sockets of the gateway, had some lately, or announced them. Errors:
    /// Unavailable.
    void nodes(const GatewayId &gateway, std::function<void(Result<std::vector<NodeId>>)> done);

    /// The node stops: gives up all leases. `done` when the store has said so, or has not answered. Later
    /// calls that change something are ignored, and announce() is Unavailable.
    void close(std::function<void()> done);

    const NodeId &self() const { return m_self; }
    /// Sockets whose last change the store is not known to have; for tests.
    size_t unwritten() const;
    /// Gateways with a lease or on the way to one.
    size_t gateways() const { return m_gateways.size(); }
    /// How often all had to be written again.
    uint64_t timesLost() const { return m_timesLost; }

private:
    struct Listing;
    using Rows = std::shared_ptr<RegistryRows>; ///< lives on while a write of it is under way

    RegistryRows *rowsOf(const GatewayId &gateway);
    Rows &makeRows(const GatewayId &gateway);
    void refuse(RegistryRows &rows, SteadyTime until);
    void makeReady(const Rows &rows);
    void writeNext();
    void write(const Rows &rows);
    void written(const Rows &rows, const RegistryWritten &written);
    void report(const RegistryRows &rows, const RegistryWritten &written);
    void release(const RegistryRows &rows, std::function<void()> done);
    void listMore(const std::shared_ptr<Listing> &listing);
    void listed(const std::shared_ptr<Listing> &listing, const RegistrySlice &slice);

    RegistryStore &m_store;
    const NodeId m_self;
    const Clock &m_clock;
    SocketRegistryListener &m_listener;
    const SocketRegistryOptions m_options;
    std::unordered_map<GatewayId, Rows> m_gateways;
    std::deque<Rows> m_ready; ///< wait for their turn to write
    uint64_t m_lastSequence = 0;
    size_t m_writing = 0;
    uint64_t m_timesLost = 0;
    LogAllowance m_failureLines;
    bool m_loggedStrangeRow = false;
    bool m_closed = false;
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); ///< for handlers that come when this has gone
};

} // namespace mws
