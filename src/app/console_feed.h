#pragma once

#include "console/statistics.h"
#include "hub/node.h"
#include "hub/worker.h"
#include "mws/domain/gateway.h"

#include <functional>
#include <memory>
#include <string>

namespace mws {

/// Sends statistics of this node to the sockets of the console, as long as there are any: here, or, in a
/// cluster, on any node, so that each of them gets those of all nodes. Thread: made and ticked on the main
/// thread; the rest happens on the worker's. Outlives that thread.
class ConsoleFeed
{
public:
    ConsoleFeed(const Node &node, Worker &worker, std::string nodeId, std::function<bool()> ready);

    /// Once a second. `console`: its gateway; null: there is none.
    void tick(const std::shared_ptr<const Gateway> &console);

private:
    void step(const std::shared_ptr<const Gateway> &console);
    bool isHeardElsewhere(const std::shared_ptr<const Gateway> &console);
    void publish(const std::shared_ptr<const Gateway> &console);
    void publish(const Gateway &console, const Worker::QueuedBytes &queued);

    const Node &m_node;
    Worker &m_worker;
    const std::string m_nodeId;
    const std::function<bool()> m_ready;
    // The worker's thread's:
    SteadyTime m_nextQuestion{};
    SteadyTime m_heardUntil{};
};

} // namespace mws
