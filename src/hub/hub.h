#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "mws/domain/message.h"
#include "mws/domain/reservation.h"
#include "protocol/frame.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// An open socket, as it is shown to a backend.
struct SocketInfo
{
    SocketId id;
    WallTime connectedAt;
    std::vector<Tag> tags;
    std::string user;   ///< empty: none
    std::string remote; ///< address and port of the client
    uint64_t queuedBytes = 0;
};

/// Which open sockets are meant, by what their reservations said and by their tags now.
using SocketFilter = ReservationFilter;

struct SocketPage
{
    std::vector<SocketInfo> sockets; ///< by id
    bool more = false;
};

/// The open sockets of this node, and in a cluster of the others, seen from one worker.
/// Thread: the worker's. Callbacks come on the same thread, at once or later, exactly once.
class Hub
{
public:
    virtual ~Hub() = default;

    /// Frames the message once and puts it into the queue of each matching socket of this worker and into the
    /// mailbox of each other worker that has one. The payload is moved from.
    virtual PublishOutcome publish(const Gateway &gateway, Message &&message) = 0;

    /// Other nodes have sockets, too: messages go by publishToCluster().
    virtual bool isClustered() const { return false; }
    /// Messages and sockets can be taken now: the broker, if there is one, can be reached.
    virtual bool isReachable() const { return true; }
    /// The table of gateways is that of the cluster; until then no call can be judged.
    virtual bool knowsGateways() const { return true; }
    /// The same for all nodes of the cluster. `body` is what the message's idempotency id stands for; the
    /// broker knows the ids. Messages of one caller keep the order of these calls. Errors: as
    /// Broker::publish().
    virtual void publishToCluster(const Gateway &gateway, Message &&message, std::string_view body,
                                  std::function<void(Result<PublishOutcome>)> answer) = 0;

    // These see the sockets of all nodes. Errors of all of them, only in a cluster: Unavailable, if Redis or
    // a node that has to be asked does not answer; what was asked may have been done then.

    /// Up to `limit` open sockets with ids after `cursor`, by id.
    virtual void list(const std::shared_ptr<const Gateway> &gateway, const std::optional<Tag> &tag,
                      size_t limit, const std::string &cursor,
                      std::function<void(Result<SocketPage>)> answer) = 0;
    /// Errors: NotFound.
    virtual void find(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                      std::function<void(Result<SocketInfo>)> answer) = 0;
    /// Errors: NotFound; InvalidData (property addTags) if the socket would have more tags than its limits
    /// allow.
    virtual void changeTags(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                            std::vector<Tag> add, std::vector<Tag> remove,
                            std::function<void(Result<SocketInfo>)> answer) = 0;
    /// Answers whether there was such a socket; it has left all lists of its node by then.
    virtual void close(const std::shared_ptr<const Gateway> &gateway, const SocketId &id, CloseCode code,
                       const std::string &reason, std::function<void(Result<bool>)> answer) = 0;
    /// Answers how many.
    virtual void close(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter,
                       CloseCode code, const std::string &reason,
                       std::function<void(Result<size_t>)> answer) = 0;

    /// The sockets here of a gateway that this node has removed, and its reservations; others do so too.
    virtual void closeGateway(const std::shared_ptr<const Gateway> &gateway, CloseCode code,
                              const std::string &reason, std::function<void()> answer) = 0;
    /// Open sockets of the gateway on this node, now.
    virtual size_t count(const Gateway &gateway) const = 0;

    /// Remembers a reservation, so that it can be revoked; of all nodes, as the next two. Errors: Unavailable
    /// over `Limits::reservations` of the gateway, or if the broker cannot be reached.
    virtual void reserve(const std::shared_ptr<const Gateway> &gateway, const Reservation &reservation,
                         std::function<void(Result<void>)> answer) = 0;
    /// Revokes the open reservation of that socket id: its URI does not open from the answer on. Answers
    /// whether there was one; a socket that has opened already is close()'s. Errors: Unavailable: it may have
    /// been revoked all the same, a repetition is safe.
    virtual void revoke(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                        std::function<void(Result<bool>)> answer) = 0;
    /// The same for all that match; how many. Errors: Unavailable: some may have been revoked.
    virtual void revoke(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter,
                        std::function<void(Result<size_t>)> answer) = 0;
};

} // namespace mws
