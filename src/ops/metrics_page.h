#pragma once

#include "mws/base/metrics.h"

#include <string>
#include <vector>

namespace mws {

/// What all workers counted, and the broker where there is one, as Prometheus reads it (text format 0.0.4).
/// The one place that knows prometheus-cpp. Thread: any.
std::string metricsPage(const std::vector<const WorkerMetrics *> &workers,
                        const BrokerMetrics *broker = nullptr);

} // namespace mws
