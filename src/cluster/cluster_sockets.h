#pragma once

#include "cluster/node_calls.h"
#include "cluster/socket_registry.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// The sockets of this node, as the others use them. Thread: the broker's.
class SocketOwner
{
public:
    /// Runs what another node asks, which is what that node gave to ClusterSockets::askOwner() or askAll();
    /// `answer` is called once, later, or never.
    virtual void run(std::string_view request, std::function<void(std::string)> answer) = 0;
    /// Another node has opened this id after this one: it is closed here.
    virtual void superseded(const GatewayId &gateway, const SocketId &id) = 0;

protected:
    ~SocketOwner() = default;
};

/// The sockets of all nodes: the registry says who has which, and what is done with them is asked of those
/// nodes.
/// Thread: the broker's. Handlers are called once, at once or later, and not any more after the destructor.
class ClusterSockets final : private SocketRegistryListener
{
public:
    /// How long a node has for its answer.
    static constexpr std::chrono::milliseconds patience{3000};

    /// `self`: whose letters `post` reads. All outlive this.
    ClusterSockets(RegistryStore &store, NodePost &post, const NodeId &self, const Clock &clock,
                   BrokerMetrics &metrics, SocketOwner &owner);
    ~ClusterSockets();

    SocketRegistry &registry() { return m_registry; }
    void tick();

    /// Has the node that has the socket run `request`; nothing: no other node has it. Errors: Unavailable:
    /// Redis or that node did not answer; it may have run it.
    void askOwner(const GatewayId &gateway, const SocketId &id, std::string request,
                  std::function<void(Result<std::optional<std::string>>)> done);
    /// Has all other nodes that have sockets of the gateway, or are about to, run `request`. Errors:
    /// Unavailable if any of them did not answer; the others have run it.
    void askAll(const GatewayId &gateway, std::string request,
                std::function<void(Result<std::vector<std::string>>)> done);

private:
    using Answers = std::function<void(Result<std::vector<std::string>>)>;

    // SocketRegistryListener
    void superseded(const GatewayId &gateway, const SocketId &id, const NodeId &newer) override;
    void openedAgain(const GatewayId &gateway, const SocketId &id, const NodeId &older) override;

    void handle(std::string_view request, std::function<void(std::string)> answer);
    void ask(const std::vector<NodeId> &nodes, const std::string &request, Answers done);

    SocketOwner &m_owner;
    SocketRegistry m_registry;
    NodeCalls m_calls;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace mws
