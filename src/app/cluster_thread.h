#pragma once

#include "cluster/broker_port.h"
#include "cluster/node_id.h"
#include "cluster/shared_gateways.h"
#include "cluster/stream_store.h"
#include "hub/mailbox.h"
#include "hub/node.h"
#include "redis/redis_settings.h"

#include <QThread>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mws {

class Worker;

/// [cluster]
struct ClusterOptions
{
    RedisSettings redis;
    std::string prefix = "mws"; ///< of all keys
    StreamLimits streams;
};

/// The thread of the broker: the links to Redis, and what is read and written there.
class ClusterThread final : public QThread
{
public:
    ClusterThread(ClusterOptions options, const Clock &clock);
    ~ClusterThread() override;

    BrokerPort &port() { return m_port; }
    /// Call before start(); both outlive this.
    void setNode(Node &node, std::vector<Worker *> workers, std::shared_ptr<const GatewayTable> table);
    /// In force before anything that is posted later. Thread: any.
    void setTable(std::shared_ptr<const GatewayTable> table);
    /// Call before start(). `own`: what this node brings along. `owner` is called on the broker's thread.
    void setGateways(SharedGatewayState own, SharedGatewaysOwner &owner);
    /// `done` on the broker's thread; see SharedGateways::change(). Thread: any.
    void changeGateways(SharedGatewaysChange change, SharedGateways::Changed done);
    /// As StreamBroker::catchUp(); `done` on `caller`, behind what is delivered until then. Thread: any.
    void catchUp(std::chrono::milliseconds within, Executor &caller, std::function<void()> done);
    /// Redis can be reached, and the cluster's gateways are known. Thread: any.
    bool isUp() const { return m_port.isUp(); }
    /// Ends the links and waits for the thread. What still waits is answered Unavailable.
    void stop();

protected:
    void run() override;

private:
    struct Parts;

    void leave();

    const ClusterOptions m_options;
    const Clock &m_clock;
    const NodeId m_id = randomNodeId();
    Mailbox m_mailbox;
    BrokerPort m_port{m_mailbox};
    Node *m_node = nullptr;
    std::vector<Worker *> m_workers;
    std::shared_ptr<const GatewayTable> m_table; ///< the first one
    Parts *m_parts = nullptr;                    ///< while it runs; its own thread's
    SharedGatewayState m_ownGateways;            ///< the first ones
    SharedGatewaysOwner *m_gatewaysOwner = nullptr;
    std::atomic<bool> m_ended{false};
};

} // namespace mws
