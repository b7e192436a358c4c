#pragma once

#include "cluster/broker.h"
#include "hub/node.h"

#include <memory>
#include <vector>

namespace mws {

class Worker;

/// What the broker delivers, to the workers that have matching sockets. Thread: the broker's.
class HubNode final : public BrokerNode
{
public:
    /// Both outlive this; `workers` by index.
    HubNode(Node &node, std::vector<Worker *> workers) : m_node(node), m_workers(std::move(workers)) {}

    /// Which gateways there are.
    void setTable(std::shared_ptr<const GatewayTable> table) { m_table = std::move(table); }

    PublishOutcome deliver(const GatewayId &gateway, ClusterMessage &&message) override;
    PublishOutcome count(const GatewayId &gateway, const Receivers &receivers) override;
    void messagesLost(const GatewayId &gateway, const std::string &reason) override;

private:
    Node &m_node;
    const std::vector<Worker *> m_workers;
    std::shared_ptr<const GatewayTable> m_table;
};

} // namespace mws
