#pragma once

#include "app/gateway_control.h"
#include "cluster/shared_gateways.h"
#include "hub/mailbox.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace mws {

class ClusterThread;

/// Changes of gateways in a cluster: makes them in Redis, and follows those of all nodes.
/// Thread: the main thread's, but for what SharedGatewaysOwner says.
class GatewaySharing final : public SharedGatewaysOwner
{
public:
    /// All outlive this. Until the cluster's gateways are known, the cluster's port says so.
    GatewaySharing(GatewayStore &store, GatewayPublisher &publisher, ClusterThread &cluster,
                   Mailbox &mainMailbox);

    /// See GatewayPublisher::change(). Changes are made one after the other. Where another node was faster,
    /// the change is planned anew on what it made. Errors: as the plan's; Unavailable: it may have been made
    /// all the same.
    void change(GatewayPublisher::Plan plan, GatewayPublisher::Changed done);

    /// Makes sure that the cluster has a signing key for each gateway that `missing` names: those keys, or
    /// others that it has by then. `done`, on the main thread, when this node knows them. Errors:
    /// Unavailable.
    void shareNewKeys(const std::map<GatewayId, std::string> &missing,
                      std::function<void(Result<void>)> done);

    // Thread: the broker's.
    void gatewaysChanged(std::shared_ptr<const SharedGatewayState> state) override;
    void gatewaysRefused(const std::string &reason) override;

private:
    struct Waiting
    {
        GatewayPublisher::Plan plan;
        GatewayPublisher::Changed done;
        int attempts = 0;
    };

    void begin();
    void answered(const GatewayChange &change, SharedGatewaysChanged result, const Error &error);
    void finish(Result<GatewayChange> result);
    void adopt(const std::shared_ptr<const SharedGatewayState> &state);
    void putInForce(const GatewayStore::Adopted &adopted);
    void shareKeys(const std::map<GatewayId, std::string> &keys);
    void refuse(const std::string &reason);

    GatewayStore &m_store;
    GatewayPublisher &m_publisher;
    ClusterThread &m_cluster;
    Mailbox &m_mainMailbox;
    std::shared_ptr<const SharedGatewayState> m_told;    ///< the cluster's; null: none can be used
    std::shared_ptr<const SharedGatewayState> m_inForce; ///< the one that this node has taken in
    std::deque<Waiting> m_waiting;                       ///< the first one is being made
};

} // namespace mws
