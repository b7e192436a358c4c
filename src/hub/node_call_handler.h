#pragma once

#include "cluster/cluster_sockets.h"
#include "hub/node.h"
#include "hub/node_call.h"
#include "mws/base/executor.h"

#include <functional>
#include <memory>
#include <string>

namespace mws {

class Worker;

/// Runs what other nodes ask about the sockets of this one.
/// Thread: the broker's; the work is done on `worker`'s, which asks the others of its node as for its own
/// calls.
class NodeCallHandler final : public SocketOwner
{
public:
    using Answer = std::function<void(std::string)>;

    /// All outlive what is asked of this.
    NodeCallHandler(Node &node, Worker &worker, Executor &brokerThread)
        : m_node(node), m_worker(worker), m_brokerThread(brokerThread)
    {}

    /// Which gateways there are.
    void setTable(std::shared_ptr<const GatewayTable> table) { m_table = std::move(table); }

    void run(std::string_view request, Answer answer) override;
    void superseded(const GatewayId &gateway, const SocketId &id) override;

private:
    void runHere(const NodeCall &call, const std::shared_ptr<const Gateway> &gateway, const Answer &answer);
    void close(const NodeCall &call, const Gateway &gateway, const Answer &answer);
    void answerSocket(const Answer &answer, const Result<SocketInfo> &socket);
    void answerCount(const Answer &answer, size_t count);

    Node &m_node;
    Worker &m_worker;
    Executor &m_brokerThread;
    std::shared_ptr<const GatewayTable> m_table;
};

} // namespace mws
