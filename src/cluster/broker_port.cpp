#include "cluster/broker_port.h"

#include <memory>
#include <utility>

namespace mws {

void BrokerPort::publish(BrokerMessage message, Executor &caller, Broker::Published done)
{
    const auto shared =
        std::make_shared<BrokerMessage>(std::move(message)); // std::function wants to be copied
    m_thread.post([this, shared, &caller, done = std::move(done)] {
        m_broker->publish(std::move(*shared), [&caller, done](const Result<PublishOutcome> &outcome) {
            caller.post([done, outcome] { done(outcome); });
        });
    });
}

/// `done` on the caller's thread.
Broker::Joined BrokerPort::on(Executor &caller, Broker::Joined done)
{
    return [&caller, done = std::move(done)](const Result<void> &result) {
        caller.post([done, result] { done(result); });
    };
}

void BrokerPort::join(const GatewayId &gateway, Executor &caller, Broker::Joined done)
{
    m_thread.post([this, gateway, done = on(caller, std::move(done))] { m_broker->join(gateway, done); });
}

void BrokerPort::claim(const GatewayId &gateway, const std::string &tokenId, WallTime expiresAt,
                       Executor &caller, Broker::Joined done)
{
    m_thread.post([this, gateway, tokenId, expiresAt, done = on(caller, std::move(done))] {
        m_broker->claim(gateway, tokenId, expiresAt, done);
    });
}

void BrokerPort::leave(const GatewayId &gateway)
{
    m_thread.post([this, gateway] { m_broker->leave(gateway); });
}

} // namespace mws
