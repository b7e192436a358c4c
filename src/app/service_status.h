#pragma once

#include "hub/node.h"
#include "ops/gateway_sums.h"

#include <atomic>
#include <string>
#include <string_view>

namespace mws {

/// What the service tells about itself, also before its workers run and while they stop: whether it is ready,
/// and its metrics. Thread: any; the set…() are the main thread's.
class ServiceStatus
{
public:
    enum class Stage { Starting, Running, Draining };

    /// `gatewayLabels`: see GatewayLabels. `version`: of the program.
    ServiceStatus(size_t gatewayLabels, std::string version)
        : m_labels(gatewayLabels), m_version(std::move(version))
    {}

    void setStage(Stage stage) { m_stage.store(stage); }
    /// Whose counters are shown; outlives whoever asks for the page.
    void setNode(const Node &node) { m_node.store(&node); }

    /// Why it is not ready, in words for an operator; empty: it is.
    std::string_view notReady() const;
    /// See metricsPage().
    std::string metrics();

private:
    std::atomic<Stage> m_stage{Stage::Starting};
    std::atomic<const Node *> m_node{nullptr};
    GatewayLabels m_labels;
    const std::string m_version;
};

} // namespace mws
