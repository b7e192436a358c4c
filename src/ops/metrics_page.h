#pragma once

#include "mws/base/metrics.h"
#include "ops/gateway_sums.h"
#include "ops/process_status.h"

#include <string>
#include <vector>

namespace mws {

/// What a page of metrics is made from.
struct MetricsSource
{
    std::vector<const WorkerMetrics *> loops = {};  ///< of workers, by index
    std::vector<const WorkerMetrics *> others = {}; ///< of threads that count, too
    const BrokerMetrics *broker = nullptr;          ///< null: there is none
    const ConfigMetrics *config = nullptr;          ///< null: nothing is said of it
    bool ready = false;
    std::string version = {};
    ProcessStatus process = {};
};

/// All that was counted, as Prometheus reads it (text format 0.0.4); its families are those of
/// metric_families.h. The one place that knows prometheus-cpp. Thread: any.
std::string metricsPage(const MetricsSource &source, GatewayLabels &labels);

} // namespace mws
