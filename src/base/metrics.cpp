#include "mws/base/metrics.h"

#include <algorithm>

namespace mws {

CloseKind closeKind(uint16_t code)
{
    switch (code) {
    case 1000:
        return CloseKind::Normal;
    case 1001:
        return CloseKind::GoingAway;
    case 1002:
        return CloseKind::Protocol;
    case 1003:
        return CloseKind::Data;
    case 1005:
        return CloseKind::NoStatus;
    case 1006:
        return CloseKind::Abnormal;
    case 1007:
        return CloseKind::NotUtf8;
    case 1008:
        return CloseKind::Policy;
    case 1009:
        return CloseKind::TooBig;
    case 1011:
        return CloseKind::Internal;
    case 1012:
        return CloseKind::Restart;
    case 1013:
        return CloseKind::TryLater;
    default:
        if (code >= 3000 && code <= 3999)
            return CloseKind::Registered;
        return code >= 4000 && code <= 4999 ? CloseKind::Private : CloseKind::Other;
    }
}

void Histogram::add(std::chrono::microseconds time)
{
    const uint64_t micros = uint64_t(std::max<int64_t>(time.count(), 0));
    m_buckets[size_t(std::lower_bound(bounds.begin(), bounds.end(), micros) - bounds.begin())].add();
    m_sum.add(micros);
}

std::shared_ptr<GatewayCounters> WorkerMetrics::gateway(const std::string &id)
{
    const std::lock_guard lock(m_mutex);
    std::shared_ptr<GatewayCounters> &counters = m_gateways[id];
    if (!counters)
        counters = std::make_shared<GatewayCounters>();
    return counters;
}

void WorkerMetrics::forgetGateway(const std::string &id)
{
    const std::lock_guard lock(m_mutex);
    m_gateways.erase(id);
}

WorkerMetrics::Gateways WorkerMetrics::gateways() const
{
    const std::lock_guard lock(m_mutex);
    return m_gateways;
}

std::shared_ptr<StatusCounters> WorkerMetrics::route(const std::string &method, const std::string &pattern)
{
    const std::lock_guard lock(m_mutex);
    std::shared_ptr<StatusCounters> &counters = m_routes[{method, pattern}];
    if (!counters)
        counters = std::make_shared<StatusCounters>();
    return counters;
}

WorkerMetrics::Routes WorkerMetrics::routes() const
{
    const std::lock_guard lock(m_mutex);
    return m_routes;
}

} // namespace mws
