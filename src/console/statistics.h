#pragma once

#include "mws/base/clock.h"
#include "mws/base/metrics.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// What a node says of itself beside what its workers count.
struct NodeStatus
{
    std::string id; ///< of this life of the node
    bool ready = true;
};

/// What the console draws of one node at one moment: numbers since its start, so that a reader who missed
/// some makes rates of the rest. Compact JSON: `{"type":"statistics","node","at" (milliseconds since
/// 1970),"ready",
/// "connections","queuedBytes","gateways":{ID:{"sockets","messages","deliveries","queuedBytes","slowClosed",
/// "slowDropped"}}}`; gateways whose id begins with `_` are left out. `queued`: bytes that wait for readers,
/// by gateway; none: 0. Thread: any.
std::string statisticsJson(const NodeStatus &node, const std::vector<const WorkerMetrics *> &workers,
                           const std::map<std::string, uint64_t, std::less<>> &queued, WallTime now);

} // namespace mws
