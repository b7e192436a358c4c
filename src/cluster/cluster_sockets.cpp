#include "cluster/cluster_sockets.h"

#include "cluster/wire.h"
#include "mws/base/log.h"

#include <utility>

namespace mws {

namespace {

// The first byte of a request.
constexpr char forOwner = 's';    ///< what follows is for SocketOwner::run()
constexpr char forRegistry = 'r'; ///< gateway and socket, for SocketRegistry::check()

Unexpected noAnswer()
{
    return Unexpected(temporarilyUnavailable(
        "A node with sockets of this gateway did not answer; it may have done what was asked"));
}

} // namespace

ClusterSockets::ClusterSockets(RegistryStore &store, NodePost &post, const NodeId &self, const Clock &clock,
                               BrokerMetrics &metrics, SocketOwner &owner)
    : m_owner(owner), m_registry(store, self, clock, *this), m_calls(self, post, clock, metrics)
{
    m_calls.setHandler([this](std::string &&request, std::function<void(std::string)> answer) {
        handle(request, std::move(answer));
    });
}

ClusterSockets::~ClusterSockets()
{
    *m_alive = false;
}

void ClusterSockets::tick()
{
    m_registry.tick();
    m_calls.tick();
}

void ClusterSockets::handle(std::string_view request, std::function<void(std::string)> answer)
{
    WireReader reader(request);
    const auto kind = reader.byte();
    if (kind == uint8_t(forOwner))
        return m_owner.run(reader.rest(), std::move(answer));
    const auto gateway = kind == uint8_t(forRegistry) ? reader.text() : std::nullopt;
    const auto id = gateway ? SocketId::parse(reader.rest()) : std::nullopt;
    if (!id)
        return log(LogLevel::Error, "a call of another node is not understood: it runs another version",
                   {{"bytes", request.size()}});
    m_registry.check(GatewayId(*gateway), *id);
    answer({});
}

void ClusterSockets::superseded(const GatewayId &gateway, const SocketId &id, const NodeId &)
{
    m_owner.superseded(gateway, id);
}

/// The other node would find out by itself, but later.
void ClusterSockets::openedAgain(const GatewayId &gateway, const SocketId &id, const NodeId &older)
{
    std::string request(1, forRegistry);
    putText(request, gateway);
    request += id.view();
    ask({older}, request, [](const Result<std::vector<std::string>> &) {});
}

void ClusterSockets::askOwner(const GatewayId &gateway, const SocketId &id, std::string request,
                              std::function<void(Result<std::optional<std::string>>)> done)
{
    request.insert(request.begin(), forOwner);
    const auto found = [this, alive = m_alive, request = std::move(request),
                        done = std::move(done)](const Result<std::optional<NodeId>> &owner) {
        if (!*alive)
            return;
        if (!owner)
            return done(Unexpected(owner.error()));
        if (!*owner)
            return done(std::optional<std::string>());
        ask({**owner}, request, [done](Result<std::vector<std::string>> answers) {
            answers ? done(std::optional(std::move(answers->front()))) : done(Unexpected(answers.error()));
        });
    };
    m_registry.find(gateway, id, found);
}

void ClusterSockets::askAll(const GatewayId &gateway, std::string request, Answers done)
{
    request.insert(request.begin(), forOwner);
    const auto found = [this, alive = m_alive, request = std::move(request),
                        done = std::move(done)](const Result<std::vector<NodeId>> &nodes) {
        if (!*alive)
            return;
        if (!nodes)
            return done(Unexpected(nodes.error()));
        if (nodes->empty())
            return done(std::vector<std::string>());
        ask(*nodes, request, done);
    };
    m_registry.nodes(gateway, found);
}

void ClusterSockets::ask(const std::vector<NodeId> &nodes, const std::string &request, Answers done)
{
    const auto answered = [done = std::move(done)](Result<NodeCalls::Answers> answers) {
        if (!answers)
            return done(Unexpected(answers.error()));
        std::vector<std::string> all;
        for (std::optional<std::string> &answer : *answers) {
            if (!answer)
                return done(noAnswer());
            all.push_back(*std::move(answer));
        }
        done(std::move(all));
    };
    m_calls.ask(nodes, request, patience, answered);
}

} // namespace mws
