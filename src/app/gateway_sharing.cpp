#include "app/gateway_sharing.h"

#include "app/cluster_thread.h"
#include "mws/base/log.h"

#include <utility>

namespace mws {

namespace {

/// Of one change, each time on what another node has just made.
constexpr int mostAttempts = 20;

} // namespace

GatewaySharing::GatewaySharing(GatewayStore &store, GatewayPublisher &publisher, ClusterThread &cluster,
                               Mailbox &mainMailbox)
    : m_store(store), m_publisher(publisher), m_cluster(cluster), m_mainMailbox(mainMailbox)
{
    m_cluster.port().setGatewaysKnown(false);
}

void GatewaySharing::change(GatewayPublisher::Plan plan, GatewayPublisher::Changed done)
{
    m_waiting.push_back({std::move(plan), std::move(done)});
    if (m_waiting.size() == 1)
        begin();
}

void GatewaySharing::begin()
{
    if (!m_inForce || m_inForce != m_told)
        return finish(Unexpected(temporarilyUnavailable("The gateways of the cluster are not known")));
    Waiting &first = m_waiting.front();
    if (++first.attempts > mostAttempts)
        return finish(Unexpected(temporarilyUnavailable("Other nodes change gateways all the time")));
    Result<GatewayChange> change = first.plan(m_store);
    if (!change || change->isNone)
        return finish(std::move(change));
    SharedGatewaysChange shared;
    shared.nonce = m_inForce->nonce;
    shared.gateways[change->id] = change->stored ? storedGatewayJson(*change->stored) : std::string();
    m_cluster.changeGateways(
        std::move(shared), [this, made = *change](SharedGatewaysChanged result, const Error &error) {
            m_mainMailbox.post([this, made, result, error] { answered(made, result, error); });
        });
}

void GatewaySharing::answered(const GatewayChange &change, SharedGatewaysChanged result, const Error &error)
{
    switch (result) {
    case SharedGatewaysChanged::Outdated:
        return begin();
    case SharedGatewaysChanged::Refused:
        return finish(Unexpected(error));
    case SharedGatewaysChanged::Done:
        break;
    }
    if (m_inForce != m_told)
        return finish(
            Unexpected(temporarilyUnavailable("The change is stored, but this node cannot take it in")));
    GatewayChange made = change;
    if (const auto gateway = m_store.table()->find(change.id); gateway && change.stored)
        made.gateway = gateway;
    finish(std::move(made));
}

/// Answers the first one, a good one when all workers have the table.
void GatewaySharing::finish(Result<GatewayChange> result)
{
    const GatewayPublisher::Changed done = std::move(m_waiting.front().done);
    m_waiting.pop_front();
    if (result)
        m_publisher.publish([done, result = std::move(result)] { done(result); });
    else
        done(std::move(result));
    if (!m_waiting.empty())
        m_mainMailbox.post([this] { begin(); });
}

void GatewaySharing::gatewaysChanged(std::shared_ptr<const SharedGatewayState> state)
{
    m_mainMailbox.post([this, state = std::move(state)] { adopt(state); });
}

void GatewaySharing::gatewaysRefused(const std::string &reason)
{
    m_mainMailbox.post([this, reason] { refuse(reason); });
}

void GatewaySharing::refuse(const std::string &reason)
{
    m_told.reset();
    m_cluster.port().setGatewaysKnown(false);
    log(LogLevel::Error, "the gateways that Redis has cannot be used: this node is not ready",
        {{"reason", reason}});
}

void GatewaySharing::adopt(const std::shared_ptr<const SharedGatewayState> &state)
{
    const bool isKnown = m_inForce && m_inForce == m_told;
    m_told = state;
    if (isKnown && state->nonce == m_inForce->nonce && state->epoch == m_inForce->epoch) {
        m_inForce = state;
        return;
    }
    const Result<GatewayStore::Adopted> adopted = m_store.adopt(state);
    if (!adopted)
        return refuse(adopted.error().detail);
    if (!adopted->missingKeys.empty())
        return shareKeys(adopted->missingKeys);
    if (!m_inForce)
        log(LogLevel::Info, "the gateways of the cluster are known",
            {{"gateways", m_store.table()->gateways.size()}, {"version", state->version}});
    m_inForce = state;
    putInForce(*adopted);
}

void GatewaySharing::putInForce(const GatewayStore::Adopted &adopted)
{
    for (const std::string &warning : adopted.warnings)
        log(LogLevel::Warning, warning);
    for (const auto &gateway : adopted.removed)
        m_publisher.forget(*gateway);
    m_publisher.publish([this, removed = adopted.removed] {
        if (m_told && m_inForce == m_told)
            m_cluster.port().setGatewaysKnown(true);
        for (const auto &gateway : removed) // who is told so finds it gone, at whatever worker it asks
            m_publisher.closeSockets(*gateway);
    });
}

void GatewaySharing::shareNewKeys(const std::map<GatewayId, std::string> &missing,
                                  std::function<void(Result<void>)> done)
{
    if (!m_inForce || m_inForce != m_told)
        return done(Unexpected(temporarilyUnavailable("The gateways of the cluster are not known")));
    if (!m_cluster.isUp()) // it would wait, and nobody must wait for a reload without an end
        return done(Unexpected(temporarilyUnavailable("Redis cannot be reached")));
    m_cluster.changeGateways(
        {m_inForce->nonce, missing, true},
        [this, done = std::move(done)](SharedGatewaysChanged result, const Error &error) {
            m_mainMailbox.post([this, done, result, error] {
                if (result == SharedGatewaysChanged::Refused)
                    return done(Unexpected(error));
                // Outdated: the state that was faster is adopted by now.
                done(m_inForce == m_told ? Result<void>()
                                         : Unexpected(temporarilyUnavailable(
                                               "This node cannot take in the gateways of the cluster")));
            });
        });
}

/// The state in which the cluster has them is told in its turn.
void GatewaySharing::shareKeys(const std::map<GatewayId, std::string> &keys)
{
    m_cluster.changeGateways(
        {m_told->nonce, keys, true}, [](SharedGatewaysChanged result, const Error &error) {
            if (result == SharedGatewaysChanged::Refused)
                log(LogLevel::Error, "signing keys cannot be shared: this node is not ready",
                    {{"reason", error.message()}});
        });
}

} // namespace mws
