#pragma once

#include "cluster/cluster_message.h"
#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "mws/domain/identifiers.h"

#include <functional>
#include <string>

namespace mws {

/// A message that a node has accepted, on its way to the sockets of all nodes.
struct BrokerMessage
{
    GatewayId gateway;
    ClusterMessage message;
    std::string idempotencyId; ///< empty: none
    std::string body;          ///< what the id stands for; only with one
};

/// The sockets of this node, as the broker sees them. Thread: the broker's.
class BrokerNode
{
public:
    /// To the matching sockets of this node, once; what is queued in order of these calls stays in order.
    virtual PublishOutcome deliver(const GatewayId &gateway, ClusterMessage &&message) = 0;
    /// How many sockets match, now; delivers nothing.
    virtual PublishOutcome count(const GatewayId &gateway, const Receivers &receivers) = 0;
    /// Messages of this gateway have not come here and will not: its sockets are closed with 1012, so that
    /// their clients fetch what they may have missed.
    virtual void messagesLost(const GatewayId &gateway, const std::string &reason) = 0;

protected:
    ~BrokerNode() = default;
};

/// Where the messages of all nodes meet. Each message that was answered with success is delivered once at
/// each node that has joined its gateway, in the order of the broker; or that node is told messagesLost().
/// Thread: one. Handlers are called once, at once or later.
class Broker
{
public:
    using Published = std::function<void(Result<PublishOutcome>)>;
    using Joined = std::function<void(Result<void>)>;

    virtual ~Broker() = default;

    /// Answers when the message is accepted for all nodes, and has been given to BrokerNode::deliver() if
    /// this node has joined; the outcome counts this node's sockets. Errors: Unavailable: it may have been
    /// accepted all the same, a repetition with the same id is safe; InvalidData (property `id`) for an id
    /// that stands for another body.
    virtual void publish(BrokerMessage message, Published done) = 0;

    /// One more socket of this gateway is about to open here. Success: no message that is accepted from now
    /// on is missed. Errors: Unavailable.
    virtual void join(const GatewayId &gateway, Joined done) = 0;
    /// That socket has gone, or did not open. For each join() once, whatever its answer.
    virtual void leave(const GatewayId &gateway) = 0;
};

} // namespace mws
