#pragma once

#include "config/gateway_admin.h"
#include "config/gateway_store.h"
#include "events/event_service.h"
#include "hub/mailbox.h"
#include "hub/worker.h"
#include "identity/jwt_key_loader.h"
#include "limit/gateway_rates.h"
#include "token/idempotency_table.h"
#include "token/reservation_table.h"

#include <functional>
#include <memory>
#include <vector>

namespace mws {

class ClusterThread;
class GatewaySharing;

/// Makes changes of gateways, and puts a new table of them in force: every worker has it before the change is
/// answered.
/// Thread: the main thread's.
class GatewayPublisher
{
public:
    GatewayPublisher(GatewayStore &store, Mailbox &mainMailbox, ReservationTable &reservations,
                     IdempotencyTable &idempotency, JwtKeyLoader &jwtKeys);

    void setWorkers(std::vector<Worker *> workers) { m_workers = std::move(workers); }
    void setRates(GatewayRates &rates) { m_rates = &rates; }
    void setEvents(EventService &events) { m_events = &events; }
    void setCluster(ClusterThread &cluster, GatewaySharing &sharing)
    {
        m_cluster = &cluster;
        m_sharing = &sharing;
    }
    using Plan = std::function<Result<GatewayChange>(const GatewayStore &)>;
    using Changed = std::function<void(Result<GatewayChange>)>;
    /// Makes the change that `plan` says, and says so when it is in force. In a cluster, the plan may be
    /// asked several times.
    void change(const Plan &plan, Changed done);
    /// Hands the store's table to all workers; `done` comes on the main thread when all have it. `also` is
    /// called on each worker's thread in the same moment.
    void publish(std::function<void()> done, const std::function<void(Worker &)> &also = {});
    /// What is kept for a gateway that was removed for good.
    void forget(const Gateway &gateway);
    /// The same for one that may come back with the same keys: its tokens stay spent.
    void forgetForNow(const Gateway &gateway);
    /// Closes all its sockets with 1001, after publish() of a table without it.
    void closeSockets(const Gateway &gateway);

private:
    GatewayStore &m_store;
    Mailbox &m_mainMailbox;
    ReservationTable &m_reservations;
    IdempotencyTable &m_idempotency;
    JwtKeyLoader &m_jwtKeys;
    std::vector<Worker *> m_workers;
    GatewayRates *m_rates = nullptr;     ///< set before any change comes
    EventService *m_events = nullptr;    ///< likewise
    ClusterThread *m_cluster = nullptr;  ///< null: this node works alone
    GatewaySharing *m_sharing = nullptr; ///< likewise
};

/// GatewayAdmin as one worker sees it: asks the main thread, and answers on the worker.
/// Thread: the worker's.
class GatewayControl final : public GatewayAdmin
{
public:
    GatewayControl(Worker &worker, GatewayPublisher &publisher, Mailbox &mainMailbox);

    std::shared_ptr<const GatewayTable> table() const override { return m_worker.table(); }
    std::string configurationJson(const Gateway &gateway) const override;
    void configure(const GatewayId &id, std::string json,
                   std::function<void(Result<std::shared_ptr<const Gateway>>)> answer) override;
    void create(std::string json, std::function<void(Result<Created>)> answer) override;
    void remove(const GatewayId &id,
                std::function<void(Result<std::shared_ptr<const Gateway>>)> answer) override;
    void rotateSecurityToken(const GatewayId &id, std::function<void(Result<Rotated>)> answer) override;

private:
    template <typename T>
    void change(GatewayPublisher::Plan plan, T (*resultOf)(const GatewayChange &),
                std::function<void(Result<T>)> answer);

    Worker &m_worker;
    GatewayPublisher &m_publisher;
    Mailbox &m_mainMailbox;
};

} // namespace mws
