#include "hub/hub_node.h"

#include "hub/worker.h"

#include <utility>

namespace mws {

namespace {

/// The broker's thread is no worker, so that no worker is left out.
constexpr size_t noWorker = SIZE_MAX;

} // namespace

PublishOutcome HubNode::deliver(const GatewayId &gateway, ClusterMessage &&message)
{
    const auto settings = m_table ? m_table->find(gateway) : nullptr;
    if (!settings)
        return {};
    const SocketDirectory::Route route =
        m_node.directory.route(settings->serial, noWorker, message.receivers);
    std::shared_ptr<const RoutedMessage> shared;
    for (size_t worker = 0; worker < route.workers.size(); ++worker) {
        if (!route.workers[worker])
            continue;
        if (!shared) {
            RoutedMessage routed{settings->serial,
                                 std::move(message.receivers),
                                 Worker::dataFrame(message.type, message.payload),
                                 {},
                                 {}};
            routed.accepted = message.accepted;
            routed.requestId = std::move(message.requestId);
            if (message.ttl)
                routed.expires = m_node.clock.now() + *message.ttl;
            shared = std::make_shared<const RoutedMessage>(std::move(routed));
        }
        m_node.mailboxes[worker]->deliver(shared);
    }
    return {route.matched, 0};
}

PublishOutcome HubNode::count(const GatewayId &gateway, const Receivers &receivers)
{
    const auto settings = m_table ? m_table->find(gateway) : nullptr;
    return settings ? PublishOutcome{m_node.directory.route(settings->serial, noWorker, receivers).matched, 0}
                    : PublishOutcome();
}

void HubNode::messagesLost(const GatewayId &gateway, const std::string &)
{
    const auto settings = m_table ? m_table->find(gateway) : nullptr;
    if (!settings)
        return;
    for (size_t worker = 0; worker < m_workers.size(); ++worker)
        m_node.mailboxes[worker]->post([to = m_workers[worker], serial = settings->serial] {
            to->closeAll(serial, CloseCode::ServiceRestart, "messages were missed");
        });
}

} // namespace mws
