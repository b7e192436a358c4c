#include "ops/gateway_sums.h"

#include "ops/metric_families.h"

#include <algorithm>

namespace mws {

namespace {

constexpr size_t growing = size_t(GatewayValue::SocketsOpen);

void add(GatewaySums &sums, GatewayValue value, uint64_t by)
{
    sums[size_t(value)] += by;
}

void addCounters(GatewaySums &sums, const GatewayCounters &counters)
{
    using enum GatewayValue;
    const uint64_t closed = counters.socketsClosed.value(); // first, so that it is not more than opened
    const uint64_t opened = counters.socketsOpened.value();
    add(sums, SocketsOpened, opened);
    add(sums, SocketsOpen, opened - closed);
    add(sums, Messages, counters.messages.value());
    add(sums, Deliveries, counters.deliveries.value());
    add(sums, SlowClosed, counters.slowClosed.value());
    add(sums, SlowDropped, counters.slowDropped.value());
    add(sums, EventsSent, counters.eventsSent.value());
    add(sums, EventsGivenUp, counters.eventsGivenUp.value());
    add(sums, EventsDropped, counters.eventsDropped.value());
    add(sums, EventsFolded, counters.eventsFolded.value());
    add(sums, EventAttemptsFailed, counters.eventAttemptsFailed.value());
    add(sums, EventsQueued, counters.eventsQueued.value());
    add(sums, EventsOff, counters.eventsOff.value());
}

} // namespace

GatewaySumsById gatewaySums(const std::vector<const WorkerMetrics *> &workers)
{
    GatewaySumsById sums;
    for (const WorkerMetrics *worker : workers)
        for (const auto &[id, counters] : worker->gateways())
            addCounters(sums[id], *counters);
    return sums;
}

bool GatewayLabels::hasOwn(const std::string &id)
{
    if (m_own.contains(id))
        return true;
    if (m_others.contains(id) || m_own.size() >= m_most || id == otherGateways)
        return false;
    m_own.emplace(id, true);
    return true;
}

/// Frees the labels of gateways that are no more.
void GatewayLabels::forget(const GatewaySumsById &byId)
{
    std::erase_if(m_own, [&](const auto &entry) { return !byId.contains(entry.first); });
    std::erase_if(m_others, [&](const auto &entry) {
        if (byId.contains(entry.first))
            return false;
        for (size_t i = 0; i < growing; ++i)
            m_gone[i] += entry.second[i];
        return true;
    });
}

GatewaySumsById GatewayLabels::take(const GatewaySumsById &byId)
{
    const std::lock_guard lock(m_mutex);
    forget(byId);
    GatewaySumsById byLabel;
    GatewaySums others = m_gone;
    for (const auto &[id, sums] : byId) {
        if (hasOwn(id)) {
            byLabel.emplace(id, sums);
            continue;
        }
        GatewaySums &seen = m_others[id];
        for (size_t i = 0; i < sums.size(); ++i) {
            // While a gateway is being removed, worker by worker, its sums shrink.
            seen[i] = i < growing ? std::max(seen[i], sums[i]) : sums[i];
            others[i] += seen[i];
        }
    }
    if (!m_others.empty() || m_gone != GatewaySums{})
        byLabel.emplace(otherGateways, others);
    return byLabel;
}

} // namespace mws
