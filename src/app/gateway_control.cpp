#include "app/gateway_control.h"

#include "app/cluster_thread.h"
#include "config/gateway_json.h"

#include <utility>

namespace mws {

GatewayPublisher::GatewayPublisher(GatewayStore &store, Mailbox &mainMailbox, ReservationTable &reservations,
                                   IdempotencyTable &idempotency, JwtKeyLoader &jwtKeys)
    : m_store(store),
      m_mainMailbox(mainMailbox),
      m_reservations(reservations),
      m_idempotency(idempotency),
      m_jwtKeys(jwtKeys)
{}

void GatewayPublisher::publish(std::function<void()> done)
{
    m_events->setTable(m_store.table()); // before any socket can be told of under it
    if (m_cluster)
        m_cluster->setTable(m_store.table());
    const auto missing = std::make_shared<size_t>(m_workers.size());
    for (Worker *worker : m_workers) {
        worker->mailbox().post([this, worker, table = m_store.table(), missing, done] {
            worker->setTable(table);
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
    m_idempotency.forget(gateway.id);
    m_jwtKeys.forget(gateway.id);
    m_rates->forget(gateway.serial);
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
void GatewayControl::change(std::function<Result<T>(GatewayPublisher &)> make,
                            std::function<void(Result<T>)> answer)
{
    m_mainMailbox.post([this, make = std::move(make), answer = std::move(answer)] {
        const auto result = std::make_shared<Result<T>>(make(m_publisher));
        const auto reply = [this, answer, result] {
            m_worker.mailbox().post([answer, result] { answer(std::move(*result)); });
        };
        if (result->has_value())
            m_publisher.publish(reply);
        else
            reply();
    });
}

void GatewayControl::configure(const GatewayId &id, std::string json,
                               std::function<void(Result<std::shared_ptr<const Gateway>>)> answer)
{
    change<std::shared_ptr<const Gateway>>(
        [id, json = std::move(json)](GatewayPublisher &publisher) {
            return publisher.store().configure(id, json);
        },
        std::move(answer));
}

void GatewayControl::create(std::string json, std::function<void(Result<Created>)> answer)
{
    change<Created>(
        [json = std::move(json)](GatewayPublisher &publisher) { return publisher.store().create(json); },
        std::move(answer));
}

void GatewayControl::remove(const GatewayId &id,
                            std::function<void(Result<std::shared_ptr<const Gateway>>)> answer)
{
    change<std::shared_ptr<const Gateway>>(
        [id](GatewayPublisher &publisher) {
            auto removed = publisher.store().remove(id);
            if (removed)
                publisher.forget(**removed);
            return removed;
        },
        std::move(answer));
}

void GatewayControl::rotateSecurityToken(const GatewayId &id, std::function<void(Result<Rotated>)> answer)
{
    change<Rotated>([id](GatewayPublisher &publisher) { return publisher.store().rotateSecurityToken(id); },
                    std::move(answer));
}

} // namespace mws
