#include "cluster/broker_port.h"

#include <memory>
#include <utility>

namespace mws {

namespace {

/// To be called twice: then `done` is, with the last error if there was any.
Broker::Joined whenTwice(Broker::Joined done)
{
    struct Both
    {
        int missing = 2;
        Result<void> result;
    };
    return [done = std::move(done), both = std::make_shared<Both>()](const Result<void> &result) {
        if (!result)
            both->result = result;
        if (--both->missing == 0)
            done(both->result);
    };
}

} // namespace

void BrokerPort::publish(BrokerMessage message, Executor &caller, Broker::Published done)
{
    const auto shared =
        std::make_shared<BrokerMessage>(std::move(message)); // std::function wants to be copied
    m_thread.post(
        [this, shared, done = on(caller, std::move(done))] { m_parts.broker->publish(std::move(*shared), done); });
}

void BrokerPort::join(const GatewayId &gateway, Executor &caller, Broker::Joined done)
{
    m_thread.post([this, gateway, done = on(caller, std::move(done))] {
        const Broker::Joined both = whenTwice(done);
        m_parts.broker->join(gateway, both);
        m_parts.sockets->registry().announce(gateway, both); // so that the others ask here, too, what they ask all
    });
}

void BrokerPort::leave(const GatewayId &gateway)
{
    m_thread.post([this, gateway] { m_parts.broker->leave(gateway); });
}

void BrokerPort::entered(const GatewayId &gateway, RegisteredSocket socket)
{
    m_thread.post([this, gateway, socket = std::move(socket)]() mutable {
        m_parts.sockets->registry().entered(gateway, std::move(socket));
    });
}

void BrokerPort::changed(const GatewayId &gateway, const SocketId &id, std::vector<Tag> tags)
{
    m_thread.post([this, gateway, id, tags = std::move(tags)]() mutable {
        m_parts.sockets->registry().changed(gateway, id, std::move(tags));
    });
}

void BrokerPort::left(const GatewayId &gateway, const SocketId &id)
{
    m_thread.post([this, gateway, id] { m_parts.sockets->registry().left(gateway, id); });
}

void BrokerPort::list(const GatewayId &gateway, const std::optional<Tag> &tag, size_t limit,
                      const std::string &cursor, Executor &caller,
                      std::function<void(Result<RegisteredPage>)> done)
{
    m_thread.post([=, this, done = on(caller, std::move(done))] {
        m_parts.sockets->registry().list(gateway, tag, limit, cursor, done);
    });
}

void BrokerPort::askOwner(const GatewayId &gateway, const SocketId &id, std::string request, Executor &caller,
                          std::function<void(Result<std::optional<std::string>>)> done)
{
    m_thread.post([=, this, request = std::move(request), done = on(caller, std::move(done))] {
        m_parts.sockets->askOwner(gateway, id, request, done);
    });
}

void BrokerPort::askAll(const GatewayId &gateway, std::string request, Executor &caller,
                        std::function<void(Result<std::vector<std::string>>)> done)
{
    m_thread.post([=, this, request = std::move(request), done = on(caller, std::move(done))] {
        m_parts.sockets->askAll(gateway, request, done);
    });
}

void BrokerPort::reserve(const GatewayId &gateway, const Reservation &reservation, uint64_t limit,
                         Executor &caller, TokenLedger::Done done)
{
    m_thread.post([this, gateway, reservation, limit, done = on(caller, std::move(done))] {
        m_parts.ledger->reserve(gateway, reservation, limit, done);
    });
}

void BrokerPort::claim(const GatewayId &gateway, const Reservation &reservation, Executor &caller,
                       TokenLedger::Done done)
{
    m_thread.post([this, gateway, reservation, done = on(caller, std::move(done))] {
        m_parts.ledger->claim(gateway, reservation, done);
    });
}

void BrokerPort::giveBack(const GatewayId &gateway, const Reservation &reservation)
{
    m_thread.post([this, gateway, reservation] { m_parts.ledger->giveBack(gateway, reservation); });
}

void BrokerPort::revoke(const GatewayId &gateway, const SocketId &id, Executor &caller,
                        std::function<void(Result<bool>)> done)
{
    m_thread.post(
        [this, gateway, id, done = on(caller, std::move(done))] { m_parts.ledger->revoke(gateway, id, done); });
}

void BrokerPort::revoke(const GatewayId &gateway, const ReservationFilter &filter, Executor &caller,
                        std::function<void(Result<size_t>)> done)
{
    m_thread.post([this, gateway, filter, done = on(caller, std::move(done))] {
        m_parts.ledger->revoke(gateway, filter, done);
    });
}

void BrokerPort::forget(const GatewayId &gateway)
{
    m_thread.post([this, gateway] { m_parts.ledger->forget(gateway); });
}

} // namespace mws
