#include "hub/worker.h"

#include "hub/node_call.h"

#include <algorithm>
#include <memory>
#include <utility>

// Calls about sockets: of this node, and in a cluster of the others.

namespace mws {

namespace {

NodeCall callOf(NodeCall::Kind kind, const Gateway &gateway)
{
    NodeCall call;
    call.kind = kind;
    call.gateway = gateway.id;
    return call;
}

SocketInfo infoOf(RegisteredSocket &&socket)
{
    SocketInfo info;
    info.id = socket.id;
    info.connectedAt = socket.connectedAt;
    info.tags = std::move(socket.tags);
    info.user = std::move(socket.user);
    info.remote = std::move(socket.remote);
    return info;
}

SocketPage merged(SocketPage page, RegisteredPage &&others, size_t limit)
{
    page.more = page.more || others.more;
    for (RegisteredSocket &socket : others.sockets)
        page.sockets.push_back(infoOf(std::move(socket)));
    std::stable_sort(page.sockets.begin(), page.sockets.end(),
                     [](const SocketInfo &a, const SocketInfo &b) { return a.id < b.id; });
    // One that moved here is for a moment at both: this node knows best, and comes first.
    page.sockets.erase(std::unique(page.sockets.begin(), page.sockets.end(),
                                   [](const SocketInfo &a, const SocketInfo &b) { return a.id == b.id; }),
                       page.sockets.end());
    if (page.sockets.size() > limit) {
        page.sockets.resize(limit);
        page.more = true;
    }
    return page;
}

} // namespace

void Worker::list(const std::shared_ptr<const Gateway> &gateway, const std::optional<Tag> &tag, size_t limit,
                  const std::string &cursor, std::function<void(Result<SocketPage>)> answer)
{
    const uint32_t serial = gateway->serial;
    if (!m_node.broker)
        return listOnNode(serial, tag, limit, cursor, std::move(answer));
    m_node.broker->list(gateway->id, tag, limit, cursor, mailbox(),
                        [=, this, answer = std::move(answer)](Result<RegisteredPage> page) {
                            if (!page)
                                return answer(Unexpected(page.error()));
                            const auto others = std::make_shared<RegisteredPage>(*std::move(page));
                            listOnNode(serial, tag, limit, cursor, [=](SocketPage own) {
                                answer(merged(std::move(own), std::move(*others), limit));
                            });
                        });
}

void Worker::find(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                  std::function<void(Result<SocketInfo>)> answer)
{
    if (!m_node.broker || hasOnNode(gateway->serial, id))
        return findOnNode(gateway->serial, id, std::move(answer));
    NodeCall call = callOf(NodeCall::Kind::Show, *gateway);
    call.id = id;
    askOwner(call, std::move(answer));
}

void Worker::changeTags(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                        std::vector<Tag> add, std::vector<Tag> remove,
                        std::function<void(Result<SocketInfo>)> answer)
{
    if (!m_node.broker || hasOnNode(gateway->serial, id))
        return changeTagsOnNode(gateway->serial, id, std::move(add), std::move(remove), std::move(answer));
    NodeCall call = callOf(NodeCall::Kind::ChangeTags, *gateway);
    call.id = id;
    call.add = std::move(add);
    call.remove = std::move(remove);
    askOwner(call, std::move(answer));
}

void Worker::close(const std::shared_ptr<const Gateway> &gateway, const SocketId &id, CloseCode code,
                   const std::string &reason, std::function<void(Result<bool>)> answer)
{
    if (!m_node.broker || hasOnNode(gateway->serial, id))
        return closeOnNode(gateway->serial, id, code, reason, std::move(answer));
    NodeCall call = callOf(NodeCall::Kind::Close, *gateway);
    call.id = id;
    call.code = code;
    call.reason = reason;
    // All of them, and not only the one that the registry names: the socket may be opening at any.
    askOthers(call, [answer = std::move(answer)](Result<size_t> count) {
        count ? answer(*count > 0) : answer(Unexpected(count.error()));
    });
}

void Worker::close(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter, CloseCode code,
                   const std::string &reason, std::function<void(Result<size_t>)> answer)
{
    const uint32_t serial = gateway->serial;
    if (!m_node.broker)
        return closeOnNode(serial, filter, code, reason, std::move(answer));
    NodeCall call = callOf(NodeCall::Kind::CloseMany, *gateway);
    call.filter = filter;
    call.code = code;
    call.reason = reason;
    closeOnNode(serial, filter, code, reason, [this, call, answer = std::move(answer)](size_t here) {
        askOthers(call, [here, answer](Result<size_t> others) {
            others ? answer(here + *others) : answer(std::move(others));
        });
    });
}

void Worker::closeGateway(const std::shared_ptr<const Gateway> &gateway, CloseCode code,
                          const std::string &reason, std::function<void()> answer)
{
    if (m_node.broker)
        m_node.broker->forget(gateway->id);
    closeOnNode(gateway->serial, SocketFilter{}, code, reason,
                [answer = std::move(answer)](size_t) { answer(); });
}

/// The node that has the socket of `call`.
void Worker::askOwner(const NodeCall &call, std::function<void(Result<SocketInfo>)> answer)
{
    m_node.broker->askOwner(call.gateway, call.id, encode(call), mailbox(),
                            [answer = std::move(answer)](Result<std::optional<std::string>> reply) {
                                if (!reply)
                                    answer(Unexpected(reply.error()));
                                else if (!*reply)
                                    answer(Unexpected(ErrorCode::NotFound));
                                else
                                    answer(decodeSocketAnswer(**reply));
                            });
}

/// All other nodes that have sockets of the gateway: how many they closed.
void Worker::askOthers(const NodeCall &call, std::function<void(Result<size_t>)> answer)
{
    m_node.broker->askAll(
        call.gateway, encode(call), mailbox(),
        [answer = std::move(answer)](const Result<std::vector<std::string>> &replies) {
            if (!replies)
                return answer(Unexpected(replies.error()));
            size_t sum = 0;
            for (const std::string &reply : *replies) {
                const auto count = decodeCount(reply);
                if (!count)
                    return answer(Unexpected(temporarilyUnavailable("A node did not understand the call")));
                sum += *count;
            }
            answer(sum);
        });
}

} // namespace mws
