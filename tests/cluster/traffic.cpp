#include "traffic.h"

namespace mws::test {

namespace {

using namespace std::chrono_literals;

constexpr auto pace = 20ms; ///< of each sender

} // namespace

Traffic::Traffic(std::vector<ClusterNode *> nodes, std::string base)
    : m_nodes(std::move(nodes)),
      m_base(std::move(base)),
      m_gone(m_nodes.size()),
      m_swarm([this](size_t socket, std::string_view text) { m_ledger.received(socket, text); }),
      m_reading([this] { read(); })
{}

Traffic::~Traffic()
{
    stopSending();
    m_readingEnds = true;
    if (m_reading.joinable())
        m_reading.join();
}

size_t Traffic::addReader(size_t node)
{
    GatewayApi api(m_nodes[node]->gateway.endpoint(), m_base, securityToken);
    RawWebSocket socket = api.open({"all"}).socket;
    const std::lock_guard lock(m_mutex); // the numbers of the ledger and the swarm are the same
    m_newSockets.push_back(std::move(socket));
    m_nodeOfReader.push_back(node);
    return m_ledger.addReader(std::chrono::steady_clock::now());
}

size_t Traffic::addReaders(size_t eachNode)
{
    const size_t first = m_nodeOfReader.size();
    for (size_t node = 0; node < m_nodes.size(); ++node)
        for (size_t i = 0; i < eachNode; ++i)
            addReader(node);
    return first;
}

size_t Traffic::addSender(size_t node, Sender kind)
{
    Route &route = *m_senders.emplace_back(std::make_unique<Route>());
    route.number = m_ledger.addSender();
    route.node = node;
    route.kind = kind;
    route.thread = std::thread([this, &route] { send(route); });
    return route.number;
}

void Traffic::addSenders()
{
    for (size_t node = 0; node < m_nodes.size(); ++node) {
        addSender(node, Sender::Repeats);
        addSender(node, Sender::GoesOn);
    }
}

void Traffic::giveUp(size_t node)
{
    m_gone[node] = true;
    for (size_t reader = 0; reader < m_nodeOfReader.size(); ++reader)
        if (m_nodeOfReader[reader] == node)
            m_ledger.excuse(reader);
}

bool Traffic::passes(uint64_t count, std::chrono::milliseconds wait) const
{
    std::vector<uint64_t> wanted;
    for (const auto &sender : m_senders)
        wanted.push_back(m_ledger.accepted(sender->number) + count);
    const Deadline deadline(wait);
    for (size_t i = 0; i < m_senders.size(); ++i)
        if (!m_ledger.waitForAccepted(m_senders[i]->number, wanted[i],
                                      std::chrono::milliseconds(deadline.left())))
            return false;
    return true;
}

/// False if the senders are to end.
bool Traffic::pause(std::chrono::milliseconds time)
{
    std::unique_lock lock(m_mutex);
    return !m_stopped.wait_for(lock, time, [this] { return m_stopping; });
}

void Traffic::send(Route &route)
{
    do {
        post(route, m_ledger.begin(route.number));
    } while (pause(pace));
}

/// Once, or until it is accepted. When the senders are to end, a repetition goes on for a while: else its
/// message would be one of which nobody knows the end.
void Traffic::post(Route &route, uint32_t number)
{
    const std::string text = Ledger::text(route.number, number);
    const bool repeats = route.kind == Sender::Repeats;
    const std::string body = R"({"data":")" + text + '"' +
                             (repeats ? R"(,"id":")" + text + '"' : std::string()) +
                             R"(,"receivers":{"tags":["all"]}})";
    const Deadline deadline(longPatience);
    for (;;) {
        const HttpAnswer answer = postOnce(route, body);
        m_ledger.answered(route.number, number,
                          answer.status == 201   ? Ledger::Answer::Accepted
                          : answer.status == 503 ? Ledger::Answer::Refused
                                                 : Ledger::Answer::Unknown);
        if (answer.status == 201)
            return;
        if (answer.status == 503) {
            EXPECT_TRUE(answer.hasHeader("Retry-After")) << answer.body;
        } else {
            EXPECT_EQ(answer.status, 0) << answer.body;
            goToNext(route);
        }
        const bool goesOn = pause(pace);
        if (!repeats || (!goesOn && deadline.left() == 0))
            return;
    }
}

/// On the connection of before, if it goes to the same node.
HttpAnswer Traffic::postOnce(Route &route, const std::string &body) const
{
    if (const size_t node = route.node; std::exchange(route.apiNode, node) != node || !route.api)
        route.api.emplace(m_nodes[node]->gateway.endpoint(), m_base, securityToken);
    return route.api->post("/messages", body);
}

void Traffic::goToNext(Route &route) const
{
    size_t node = route.node;
    do {
        node = (node + 1) % m_nodes.size();
    } while (m_gone[node] && node != route.node);
    route.node = node;
}

void Traffic::stopSending()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
        m_stopped.notify_all();
    }
    for (const auto &sender : m_senders)
        if (sender->thread.joinable())
            sender->thread.join();
}

void Traffic::read()
{
    m_swarm.run(
        [this] {
            takeNewSockets();
            for (size_t socket = 0; socket < m_swarm.size(); ++socket)
                if (const int code = m_swarm.end(socket).code; code != 0 && !m_endNoted[socket]) {
                    m_endNoted[socket] = true;
                    m_ledger.ended(socket, code);
                }
            return m_readingEnds.load();
        },
        24h);
}

void Traffic::takeNewSockets()
{
    std::deque<RawWebSocket> taken;
    {
        const std::lock_guard lock(m_mutex);
        taken.swap(m_newSockets);
    }
    for (RawWebSocket &socket : taken) {
        m_endNoted.push_back(false);
        m_swarm.add(std::move(socket));
    }
}

Ledger::Balance Traffic::settle()
{
    stopSending();
    EXPECT_TRUE(m_ledger.waitUntilWhole());
    m_readingEnds = true;
    m_reading.join();
    return m_ledger.verify();
}

std::chrono::milliseconds Traffic::recovery(Ledger::Moment since, const std::vector<size_t> &nodes) const
{
    const Deadline deadline(longPatience);
    for (const size_t node : nodes) {
        GatewayApi api(m_nodes[node]->gateway.endpoint(), m_base, securityToken);
        HttpClient health(m_nodes[node]->gateway.endpoint());
        const auto recovered = [&] {
            return health.request("GET", "/health/ready").status == 200 &&
                   api.post("/messages", R"({"data":"probe","receivers":{"tags":["nobody"]}})").status == 201;
        };
        while (!recovered())
            if (deadline.left() == 0) {
                ADD_FAILURE() << "node " << node << " does not recover: " << m_nodes[node]->gateway.log();
                break;
            }
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
}

} // namespace mws::test
