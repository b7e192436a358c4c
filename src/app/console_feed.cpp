#include "app/console_feed.h"

#include <utility>

namespace mws {

namespace {

/// How often a node asks whether a console is open at another one, and how long it believes that.
constexpr auto questionInterval = std::chrono::seconds(4);
constexpr auto answerLife = std::chrono::seconds(10);

} // namespace

ConsoleFeed::ConsoleFeed(const Node &node, Worker &worker, std::string nodeId, std::function<bool()> ready)
    : m_node(node), m_worker(worker), m_nodeId(std::move(nodeId)), m_ready(std::move(ready))
{}

void ConsoleFeed::tick(const std::shared_ptr<const Gateway> &console)
{
    if (!console || (!m_node.broker && m_node.directory.count(console->serial) == 0))
        return; // an idle worker sleeps on
    m_worker.mailbox().post([this, console] { step(console); });
}

void ConsoleFeed::step(const std::shared_ptr<const Gateway> &console)
{
    if (m_worker.count(*console) > 0 || isHeardElsewhere(console))
        publish(console);
}

bool ConsoleFeed::isHeardElsewhere(const std::shared_ptr<const Gateway> &console)
{
    const SteadyTime now = m_node.clock.now();
    if (now >= m_nextQuestion && m_worker.isReachable()) {
        m_nextQuestion = now + questionInterval;
        m_worker.list(console, {}, 1, {}, [this](const Result<SocketPage> &page) {
            if (page && !page->sockets.empty())
                m_heardUntil = m_node.clock.now() + answerLife;
        });
    }
    return now < m_heardUntil;
}

void ConsoleFeed::publish(const std::shared_ptr<const Gateway> &console)
{
    m_worker.queuedOnNode([this, console](const Worker::QueuedBytes &queued) { publish(*console, queued); });
}

void ConsoleFeed::publish(const Gateway &console, const Worker::QueuedBytes &queued)
{
    Message message;
    message.receivers.everyone = true;
    std::vector<const WorkerMetrics *> workers;
    for (const auto &one : m_node.metrics)
        workers.push_back(one.get());
    message.payload = statisticsJson({m_nodeId, m_ready()}, workers, queued, m_node.clock.wall());
    if (m_worker.isClustered() && m_worker.isReachable())
        m_worker.publishToCluster(console, std::move(message), {}, [](const Result<PublishOutcome> &) {});
    else
        m_worker.publish(console, std::move(message));
}

} // namespace mws
