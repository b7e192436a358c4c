#include "app/service_status.h"

#include "ops/metrics_page.h"

namespace mws {

std::string_view ServiceStatus::notReady() const
{
    switch (m_stage.load()) {
    case Stage::Starting:
        return "starting";
    case Stage::Draining:
        return "draining";
    case Stage::Running:
        break;
    }
    const Node *node = m_node.load();
    if (!node || !node->broker || node->broker->isUp())
        return {};
    return node->broker->gatewaysKnown() ? "the broker cannot be reached"
                                         : "the gateways of the cluster are not known";
}

std::string ServiceStatus::metrics()
{
    MetricsSource source;
    if (const Node *node = m_node.load()) {
        for (const auto &worker : node->metrics)
            source.loops.push_back(worker.get());
        source.others.push_back(&node->eventMetrics);
        source.config = &node->configMetrics;
        source.broker = node->broker ? &node->brokerMetrics : nullptr;
    }
    source.ready = notReady().empty();
    source.version = m_version;
    source.process = readProcessStatus();
    return metricsPage(source, m_labels);
}

} // namespace mws
