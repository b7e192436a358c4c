#pragma once

#include "cluster/broker.h"
#include "cluster/cluster_sockets.h"
#include "cluster/token_ledger.h"
#include "mws/base/executor.h"

#include <atomic>

namespace mws {

/// The way from the workers to the broker's thread and back.
/// Thread: any, but for setParts(); what one thread asks stays in its order. The executors outlive what is
/// asked.
class BrokerPort
{
public:
    /// What the broker's thread has.
    struct Parts
    {
        Broker *broker = nullptr;
        ClusterSockets *sockets = nullptr;
        TokenLedger *ledger = nullptr;
    };

    explicit BrokerPort(Executor &brokerThread) : m_thread(brokerThread) {}

    /// Before the broker's thread takes anything of what is asked. Thread: the broker's.
    void setParts(const Parts &parts) { m_parts = parts; }
    /// Whether the broker takes messages, as far as it knows. Thread: the broker's.
    void setUp(bool up) { m_up.store(up, std::memory_order_relaxed); }
    /// Whether this node has the gateways that the cluster has. True at first.
    void setGatewaysKnown(bool known) { m_gatewaysKnown.store(known, std::memory_order_relaxed); }
    bool gatewaysKnown() const { return m_gatewaysKnown.load(std::memory_order_relaxed); }

    // `done` runs on `caller`. As Broker's:
    void publish(BrokerMessage message, Executor &caller, Broker::Published done);
    void join(const GatewayId &gateway, Executor &caller, Broker::Joined done);
    void leave(const GatewayId &gateway);

    // As SocketRegistry's.
    void entered(const GatewayId &gateway, RegisteredSocket socket);
    void changed(const GatewayId &gateway, const SocketId &id, std::vector<Tag> tags);
    void left(const GatewayId &gateway, const SocketId &id);
    void list(const GatewayId &gateway, const std::optional<Tag> &tag, size_t limit,
              const std::string &cursor, Executor &caller, std::function<void(Result<RegisteredPage>)> done);
    // As ClusterSockets'.
    void askOwner(const GatewayId &gateway, const SocketId &id, std::string request, Executor &caller,
                  std::function<void(Result<std::optional<std::string>>)> done);
    void askAll(const GatewayId &gateway, std::string request, Executor &caller,
                std::function<void(Result<std::vector<std::string>>)> done);

    // As TokenLedger's.
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

    /// Messages and sockets can be taken now.
    bool isUp() const { return m_up.load(std::memory_order_relaxed) && gatewaysKnown(); }

private:
    /// `done` on the caller's thread.
    template <typename Answer>
    static std::function<void(Answer)> on(Executor &caller, std::function<void(Answer)> done)
    {
        return [&caller, done = std::move(done)](Answer answer) {
            const auto shared =
                std::make_shared<Answer>(std::move(answer)); // std::function wants to be copied
            caller.post([done, shared] { done(std::move(*shared)); });
        };
    }

    Executor &m_thread;
    Parts m_parts;
    std::atomic<bool> m_up{false};
    std::atomic<bool> m_gatewaysKnown{true};
};

} // namespace mws
