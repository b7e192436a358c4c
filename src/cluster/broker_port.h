#pragma once

#include "cluster/broker.h"
#include "cluster/token_ledger.h"
#include "mws/base/executor.h"

#include <atomic>

namespace mws {

/// The way from the workers to the broker's thread and back.
/// Thread: any, but for setBroker() and setLedger(); what one thread asks stays in its order. The executors
/// outlive what is asked.
class BrokerPort
{
public:
    explicit BrokerPort(Executor &brokerThread) : m_thread(brokerThread) {}

    /// Before the broker's thread takes anything of what is asked. Thread: the broker's.
    void setBroker(Broker *broker) { m_broker = broker; }
    void setLedger(TokenLedger *ledger) { m_ledger = ledger; }
    /// Whether the broker takes messages, as far as it knows. Thread: the broker's.
    void setUp(bool up) { m_up.store(up, std::memory_order_relaxed); }

    /// As Broker's; `done` runs on `caller`.
    void publish(BrokerMessage message, Executor &caller, Broker::Published done);
    void join(const GatewayId &gateway, Executor &caller, Broker::Joined done);
    void leave(const GatewayId &gateway);

    /// As TokenLedger's; `done` runs on `caller`.
    void reserve(const GatewayId &gateway, const Reservation &reservation, uint64_t limit, Executor &caller,
                 TokenLedger::Done done);
    void claim(const GatewayId &gateway, const Reservation &reservation, Executor &caller,
               TokenLedger::Done done);
    void giveBack(const GatewayId &gateway, const Reservation &reservation);
    void revoke(const GatewayId &gateway, const SocketId &id, Executor &caller,
                std::function<void(Result<bool>)> done);
    void revoke(const GatewayId &gateway, const ReservationFilter &filter, Executor &caller,
                std::function<void(Result<size_t>)> done);
    void forget(const GatewayId &gateway);

    bool isUp() const { return m_up.load(std::memory_order_relaxed); }

private:
    template <typename Answer>
    static std::function<void(Answer)> on(Executor &caller, std::function<void(Answer)> done);

    Executor &m_thread;
    Broker *m_broker = nullptr;
    TokenLedger *m_ledger = nullptr;
    std::atomic<bool> m_up{false};
};

} // namespace mws
