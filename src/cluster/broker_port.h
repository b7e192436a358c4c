#pragma once

#include "cluster/broker.h"
#include "mws/base/executor.h"

#include <atomic>

namespace mws {

/// The way from the workers to the broker's thread and back.
/// Thread: any, but for setBroker(); what one thread asks stays in its order. The executors outlive what is
/// asked.
class BrokerPort
{
public:
    explicit BrokerPort(Executor &brokerThread) : m_thread(brokerThread) {}

    /// Before the broker's thread takes anything of what is asked. Thread: the broker's.
    void setBroker(Broker *broker) { m_broker = broker; }
    /// Whether the broker takes messages, as far as it knows. Thread: the broker's.
    void setUp(bool up) { m_up.store(up, std::memory_order_relaxed); }
    /// Whether this node has the gateways that the cluster has. True at first.
    void setGatewaysKnown(bool known) { m_gatewaysKnown.store(known, std::memory_order_relaxed); }
    bool gatewaysKnown() const { return m_gatewaysKnown.load(std::memory_order_relaxed); }

    /// As Broker's; `done` runs on `caller`.
    void publish(BrokerMessage message, Executor &caller, Broker::Published done);
    void join(const GatewayId &gateway, Executor &caller, Broker::Joined done);
    void claim(const GatewayId &gateway, const std::string &tokenId, WallTime expiresAt, Executor &caller,
               Broker::Joined done);
    void leave(const GatewayId &gateway);
    /// Messages and sockets can be taken now.
    bool isUp() const { return m_up.load(std::memory_order_relaxed) && gatewaysKnown(); }

private:
    static Broker::Joined on(Executor &caller, Broker::Joined done);

    Executor &m_thread;
    Broker *m_broker = nullptr;
    std::atomic<bool> m_up{false};
    std::atomic<bool> m_gatewaysKnown{true};
};

} // namespace mws
