#pragma once

#include "mws/base/metrics.h"

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace mws {

/// What is shown of each gateway; the first ones only grow.
enum class GatewayValue {
    Messages,
    Deliveries,
    SocketsOpened,
    SlowClosed,
    SlowDropped,
    EventsSent,
    EventsGivenUp,
    EventsDropped,
    EventsFolded,
    EventAttemptsFailed,
    SocketsOpen, ///< from here on they go up and down
    EventsQueued,
    EventsOff,
    Count
};

using GatewaySums = std::array<uint64_t, size_t(GatewayValue::Count)>;
using GatewaySumsById = std::map<std::string, GatewaySums, std::less<>>;

/// Of all workers, by gateway.
GatewaySumsById gatewaySums(const std::vector<const WorkerMetrics *> &workers);

/// Sums by label, of which there is a limited number: the first gateways that are seen have one of their
/// own, and keep it; those that come when there are as many as allowed are added up under `_other`, for good.
/// So no counter ever goes down while its gateway exists, which Prometheus would take for a restart.
/// Thread: any.
class GatewayLabels
{
public:
    /// `most`: labels beside `_other`.
    explicit GatewayLabels(size_t most) : m_most(most) {}

    GatewaySumsById take(const GatewaySumsById &byId);

private:
    bool hasOwn(const std::string &id);
    void forget(const GatewaySumsById &byId);

    const size_t m_most;
    std::mutex m_mutex;                                       ///< guards what follows
    std::map<std::string, GatewaySums, std::less<>> m_others; ///< as they were seen last
    std::map<std::string, bool, std::less<>> m_own;
    GatewaySums m_gone{}; ///< of others that were removed
};

} // namespace mws
