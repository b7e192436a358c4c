#pragma once

#include "cluster/broker.h"
#include "token/idempotency_table.h"

namespace mws {

/// The broker of a node that works alone: accepts and delivers at once.
class LocalBroker final : public Broker
{
public:
    /// Both outlive this.
    LocalBroker(BrokerNode &node, IdempotencyTable &ids) : m_node(node), m_ids(ids) {}

    void publish(BrokerMessage message, Published done) override;
    void join(const GatewayId &, Joined done) override { done({}); }
    void leave(const GatewayId &) override {}
    /// This node's ReservationTable has decided.
    void claim(const GatewayId &, const std::string &, WallTime, Joined done) override { done({}); }
    bool isUp() const override { return true; }

private:
    BrokerNode &m_node;
    IdempotencyTable &m_ids;
};

} // namespace mws
