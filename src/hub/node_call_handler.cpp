#include "hub/node_call_handler.h"

#include "hub/worker.h"
#include "mws/base/log.h"

#include <optional>
#include <utility>

namespace mws {

void NodeCallHandler::run(std::string_view request, Answer answer)
{
    const std::optional<NodeCall> call = decodeNodeCall(request);
    if (!call) {
        log(LogLevel::Error, "a call of another node is not understood: it runs another version",
            {{"bytes", request.size()}});
        return;
    }
    const std::shared_ptr<const Gateway> gateway = m_table ? m_table->find(call->gateway) : nullptr;
    if (!gateway) { // not yet, or not any more: then it has no sockets here
        const bool one = call->kind == NodeCall::Kind::Show || call->kind == NodeCall::Kind::ChangeTags;
        return answer(one ? encodeSocketAnswer(Unexpected(ErrorCode::NotFound)) : encodeCount(0));
    }
    m_worker.mailbox().post(
        [this, call = *call, gateway, answer = std::move(answer)] { runHere(call, gateway, answer); });
}

/// Thread: the worker's.
void NodeCallHandler::runHere(const NodeCall &call, const std::shared_ptr<const Gateway> &gateway,
                              const Answer &answer)
{
    const uint32_t serial = gateway->serial;
    const auto socket = [this, answer](const Result<SocketInfo> &found) { answerSocket(answer, found); };
    const auto count = [this, answer](size_t closed) { answerCount(answer, closed); };
    switch (call.kind) {
    case NodeCall::Kind::Show:
        return m_worker.findOnNode(serial, call.id, socket);
    case NodeCall::Kind::ChangeTags:
        return m_worker.changeTagsOnNode(serial, call.id, call.add, call.remove, socket);
    case NodeCall::Kind::Close:
        return close(call, *gateway, answer);
    case NodeCall::Kind::CloseMany:
        m_node.reservations.revoke(*gateway, call.filter);
        return m_worker.closeOnNode(serial, call.filter, call.code, call.reason, count);
    }
}

/// As in SocketCalls: what opens at this moment is either refused or found.
void NodeCallHandler::close(const NodeCall &call, const Gateway &gateway, const Answer &answer)
{
    const bool opening = m_node.reservations.revoke(gateway, call.id);
    m_worker.closeOnNode(
        gateway.serial, call.id, call.code, call.reason,
        [this, answer, opening](bool closed) { answerCount(answer, closed || opening ? 1 : 0); });
}

void NodeCallHandler::superseded(const GatewayId &gateway, const SocketId &id)
{
    const std::shared_ptr<const Gateway> settings = m_table ? m_table->find(gateway) : nullptr;
    if (!settings)
        return;
    m_worker.mailbox().post([this, serial = settings->serial, id] {
        m_worker.closeOnNode(serial, id, CloseCode::PolicyViolation, "the socket id was opened again",
                             [](bool) {});
    });
}

void NodeCallHandler::answerSocket(const Answer &answer, const Result<SocketInfo> &socket)
{
    m_brokerThread.post([answer, text = encodeSocketAnswer(socket)] { answer(text); });
}

void NodeCallHandler::answerCount(const Answer &answer, size_t count)
{
    m_brokerThread.post([answer, count] { answer(encodeCount(count)); });
}

} // namespace mws
