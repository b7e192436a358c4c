#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "mws/domain/message.h"
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

/// Which open sockets are meant; those that match every member that is given.
struct SocketFilter
{
    std::optional<Tag> tag;
    std::optional<std::string> user;
    std::optional<WallTime> issuedBefore; ///< the reservation's `iat`
};

struct SocketPage
{
    std::vector<SocketInfo> sockets; ///< by id
    bool more = false;
};

/// The open sockets of this node, seen from one worker.
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

    /// Up to `limit` open sockets with ids after `cursor`, by id.
    virtual void list(const std::shared_ptr<const Gateway> &gateway, const std::optional<Tag> &tag,
                      size_t limit, const std::string &cursor, std::function<void(SocketPage)> answer) = 0;
    virtual void find(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                      std::function<void(std::optional<SocketInfo>)> answer) = 0;
    /// Errors: NotFound; InvalidData (property addTags) if the socket would have more tags than its limits
    /// allow.
    virtual void changeTags(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                            std::vector<Tag> add, std::vector<Tag> remove,
                            std::function<void(Result<SocketInfo>)> answer) = 0;
    /// Answers whether there was such a socket; it has left all lists by then.
    virtual void close(const std::shared_ptr<const Gateway> &gateway, const SocketId &id, CloseCode code,
                       const std::string &reason, std::function<void(bool)> answer) = 0;
    /// Answers how many.
    virtual void close(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter,
                       CloseCode code, const std::string &reason, std::function<void(size_t)> answer) = 0;
    /// Open sockets of the gateway on this node, now.
    virtual size_t count(const Gateway &gateway) const = 0;
};

} // namespace mws
