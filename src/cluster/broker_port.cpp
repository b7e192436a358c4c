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
template <typename Answer>
std::function<void(Answer)> BrokerPort::on(Executor &caller, std::function<void(Answer)> done)
{
    return [&caller, done = std::move(done)](const Answer &answer) {
        caller.post([done, answer] { done(answer); });
    };
}

void BrokerPort::join(const GatewayId &gateway, Executor &caller, Broker::Joined done)
{
    m_thread.post([this, gateway, done = on(caller, std::move(done))] { m_broker->join(gateway, done); });
}

void BrokerPort::leave(const GatewayId &gateway)
{
    m_thread.post([this, gateway] { m_broker->leave(gateway); });
}

void BrokerPort::reserve(const GatewayId &gateway, const Reservation &reservation, uint64_t limit,
                         Executor &caller, TokenLedger::Done done)
{
    m_thread.post([this, gateway, reservation, limit, done = on(caller, std::move(done))] {
        m_ledger->reserve(gateway, reservation, limit, done);
    });
}

void BrokerPort::claim(const GatewayId &gateway, const Reservation &reservation, Executor &caller,
                       TokenLedger::Done done)
{
    m_thread.post([this, gateway, reservation, done = on(caller, std::move(done))] {
        m_ledger->claim(gateway, reservation, done);
    });
}

void BrokerPort::giveBack(const GatewayId &gateway, const Reservation &reservation)
{
    m_thread.post([this, gateway, reservation] { m_ledger->giveBack(gateway, reservation); });
}

void BrokerPort::revoke(const GatewayId &gateway, const SocketId &id, Executor &caller,
                        std::function<void(Result<bool>)> done)
{
    m_thread.post(
        [this, gateway, id, done = on(caller, std::move(done))] { m_ledger->revoke(gateway, id, done); });
}

void BrokerPort::revoke(const GatewayId &gateway, const ReservationFilter &filter, Executor &caller,
                        std::function<void(Result<size_t>)> done)
{
    m_thread.post([this, gateway, filter, done = on(caller, std::move(done))] {
        m_ledger->revoke(gateway, filter, done);
    });
}

void BrokerPort::forget(const GatewayId &gateway)
{
    m_thread.post([this, gateway] { m_ledger->forget(gateway); });
}

} // namespace mws
