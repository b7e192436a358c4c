#pragma once

#include "cluster/node_id.h"
#include "mws/domain/identifiers.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mws {

/// When the store first got a socket, in microseconds of its own clock; later ones are higher. 0: not known
/// yet. It tells which of two sockets with one id is the newer one.
using RegistryStamp = uint64_t;

/// A socket as the store keeps it.
struct RegistryRow
{
    SocketId id;
    RegistryStamp stamp = 0;
    std::string body; ///< see registry_row.h
};

/// Changes of one node's sockets of a gateway, done in one step. Also renews the node's lease.
struct RegistryWrite
{
    GatewayId gateway;
    NodeId node;
    uint64_t sequence = 0; ///< higher in each write of the node: one that comes late does nothing
    /// The last write that is known to be done. 0: none is, and what the store has of the node is dropped
    /// first.
    uint64_t after = 0;
    std::chrono::milliseconds lease{0};
    std::vector<RegistryRow> rows; ///< take the place of those with the same ids
    std::vector<SocketId> removed;
};

/// Another live node that has the same socket id.
struct RegistryRival
{
    SocketId id;
    NodeId node;
    bool isNewer = false; ///< its socket is: the own one is to be closed
};

struct RegistryWritten
{
    enum class Outcome {
        Done,
        Lost,    ///< nothing was written: the lease had ended, or the store has not what was written before
        Unknown, ///< it was done, or it was not, or it still will be
    };
    Outcome outcome = Outcome::Unknown;
    RegistryStamp stamp = 0; ///< of all rows that had none
    std::vector<std::pair<SocketId, RegistryStamp>>
        earlier; ///< rows that had none, and that the store had already
    std::vector<RegistryRival> rivals;
    /// Sockets of this node that another node has opened after it, some of them: write them again to see.
    std::vector<SocketId> contested;
    std::string detail; ///< why it is unknown, for the log
};

struct RegistryQuery
{
    GatewayId gateway;
    NodeId self;            ///< its sockets are left out
    std::optional<Tag> tag; ///< may be tried roughly: rows without it may come, too
    size_t limit = 0;
    std::string after; ///< ids after this
};

/// Some sockets, and how far that is all there are.
struct RegistrySlice
{
    std::vector<RegistryRow> rows; ///< by id, each id once; may be more or fewer than was asked for
    std::optional<SocketId> upTo;  ///< rows after this are missing; nothing: none are
};

/// Where nodes write which sockets they have: Redis, or in tests a fake. A node's rows are seen by others
/// until its lease ends, by the store's clock. Thread: one. Handlers are called once, from the event loop,
/// never from within a call; with nothing if the store did not answer.
class RegistryStore
{
public:
    virtual ~RegistryStore() = default;

    virtual bool isUp() const = 0;
    virtual void write(RegistryWrite write, std::function<void(RegistryWritten)> done) = 0;
    /// Ends the node's lease and drops its rows. Tells whether the store said that it is done.
    virtual void release(const GatewayId &gateway, const NodeId &node, uint64_t sequence,
                         std::function<void(bool)> done) = 0;
    virtual void list(RegistryQuery query, std::function<void(std::optional<RegistrySlice>)> done) = 0;
    /// Which live nodes but `self` have the socket, the newest first.
    virtual void find(const GatewayId &gateway, const NodeId &self, const SocketId &id,
                      std::function<void(std::optional<std::vector<NodeId>>)> done) = 0;
    /// All live nodes but `self`.
    virtual void nodes(const GatewayId &gateway, const NodeId &self,
                       std::function<void(std::optional<std::vector<NodeId>>)> done) = 0;
};

} // namespace mws
