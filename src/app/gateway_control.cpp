#include "app/gateway_control.h"

#include "app/cluster_thread.h"
#include "app/gateway_sharing.h"
#include "config/gateway_json.h"

#include <utility>

namespace mws {

namespace {

std::shared_ptr<const Gateway> gatewayOf(const GatewayChange &change)
{
    return change.gateway;
}

GatewayAdmin::Created createdOf(const GatewayChange &change)
{
    return {change.gateway, change.securityToken};
}

GatewayAdmin::Rotated rotatedOf(const GatewayChange &change)
{
    return {change.securityToken, change.previousValidUntil};
}

} // namespace

GatewayPublisher::GatewayPublisher(GatewayStore &store, Mailbox &mainMailbox, ReservationTable &reservations,
                                   IdempotencyTable &idempotency, JwtKeyLoader &jwtKeys)
    : m_store(store),
      m_mainMailbox(mainMailbox),
      m_reservations(reservations),
      m_idempotency(idempotency),
      m_jwtKeys(jwtKeys)
{}

void GatewayPublisher::change(const Plan &plan, Changed done)
{
    if (m_sharing)
        return m_sharing->change(plan, std::move(done));
    Result<GatewayChange> change = plan(m_store);
    if (change)
        if (const Result<void> committed = m_store.commit(*change); !committed)
            change = Unexpected(committed.error());
    if (!change)
        return done(std::move(change));
    if (!change->stored)
        forget(*change->gateway);
    publish([done = std::move(done), change = *std::move(change)] { done(change); });
}

void GatewayPublisher::publish(std::function<void()> done, const std::function<void(Worker &)> &also)
{
    m_events->setTable(m_store.table()); // before any socket can be told of under it
    if (m_cluster)
        m_cluster->setTable(m_store.table());
    const auto missing = std::make_shared<size_t>(m_workers.size());
    for (Worker *worker : m_workers) {
        worker->mailbox().post([this, worker, table = m_store.table(), missing, done, also] {
            worker->setTable(table);
            if (also)
                also(*worker);
            m_mainMailbox.post([missing, done] {
                if (--*missing == 0)
                    done();
            });
        });
    }
}

void GatewayPublisher::forget(const Gateway &gateway)
{
    m_reservations.forget(gateway.id);
    forgetForNow(gateway);
}

void GatewayPublisher::forgetForNow(const Gateway &gateway)
{
    m_idempotency.forget(gateway.id);
    m_jwtKeys.forget(gateway.id);
    m_rates->forget(gateway.serial);
}

void GatewayPublisher::closeSockets(const Gateway &gateway)
{
    for (Worker *worker : m_workers)
        worker->mailbox().post([worker, serial = gateway.serial] {
            worker->closeAll(serial, CloseCode::GoingAway, "the gateway was deleted");
        });
}

GatewayControl::GatewayControl(Worker &worker, GatewayPublisher &publisher, Mailbox &mainMailbox)
    : m_worker(worker), m_publisher(publisher), m_mainMailbox(mainMailbox)
{}

std::string GatewayControl::configurationJson(const Gateway &gateway) const
{
    return mws::configurationJson(gateway.settings);
}

/// Makes a change on the main thread; a good one is answered when all workers have it.
template <typename T>
void GatewayControl::change(GatewayPublisher::Plan plan, T (*resultOf)(const GatewayChange &),
                            std::function<void(Result<T>)> answer)
{
    m_mainMailbox.post([this, plan = std::move(plan), resultOf, answer = std::move(answer)] {
        m_publisher.change(plan, [this, resultOf, answer](const Result<GatewayChange> &change) {
            const Result<T> result = change ? Result<T>(resultOf(*change)) : Unexpected(change.error());
            m_worker.mailbox().post([answer, result] { answer(result); });
        });
    });
}

void GatewayControl::configure(const GatewayId &id, std::string json,
                               std::function<void(Result<std::shared_ptr<const Gateway>>)> answer)
{
    change<std::shared_ptr<const Gateway>>(
        [id, json = std::move(json)](const GatewayStore &store) { return store.planConfiguration(id, json); },
        gatewayOf, std::move(answer));
}

void GatewayControl::create(std::string json, std::function<void(Result<Created>)> answer)
{
    change<Created>([json = std::move(json)](const GatewayStore &store) { return store.planCreation(json); },
                    createdOf, std::move(answer));
}

void GatewayControl::remove(const GatewayId &id,
                            std::function<void(Result<std::shared_ptr<const Gateway>>)> answer)
{
    change<std::shared_ptr<const Gateway>>([id](const GatewayStore &store) { return store.planRemoval(id); },
                                           gatewayOf, std::move(answer));
}

void GatewayControl::rotateSecurityToken(const GatewayId &id, std::function<void(Result<Rotated>)> answer)
{
    change<Rotated>([id](const GatewayStore &store) { return store.planRotation(id); }, rotatedOf,
                    std::move(answer));
}

} // namespace mws
