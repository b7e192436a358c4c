#pragma once

#include "cluster_test.h"
#include "ledger.h"
#include "support/socket_swarm.h"

#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

namespace mws::test {

/// Load on the nodes of a cluster: senders that post at a steady pace, and sockets that read, all of it in a
/// ledger. Thread: one at a time; threads of its own send and read.
class Traffic
{
public:
    /// What a sender does with a message that was not accepted.
    enum class Sender {
        Repeats, ///< the same with the same id, until it is; the next one comes after it. To the next node if
                 ///< there is no answer
        GoesOn,  ///< to the next message, which has no id, at the same node
    };

    /// The nodes outlive this. `base`: of the gateway's paths.
    explicit Traffic(std::vector<ClusterNode *> nodes, std::string base = "/v1");
    ~Traffic();

    /// Opens a socket; its number in the ledger.
    size_t addReader(size_t node);
    size_t addReaders(size_t eachNode); ///< the first one's number; those of a node follow each other
    /// Begins to post at once; its number in the ledger.
    size_t addSender(size_t node, Sender kind = Sender::Repeats);
    void addSenders(); ///< one of each kind at each node
    /// Nobody posts there any more, and its sockets are not looked at any more. Before it goes.
    void giveUp(size_t node);
    /// Waits for `count` more messages of each sender that posts to a living node.
    bool passes(uint64_t count, std::chrono::milliseconds wait = longPatience) const;
    /// Ends the senders, when their last message is accepted or given up.
    void stopSending();
    /// Ends the senders, waits until the open sockets have everything, ends them and verifies the ledger.
    Ledger::Balance settle();

    const Ledger &ledger() const { return m_ledger; }
    /// Milliseconds from `since` until each of `nodes` says that it is ready and accepts a message.
    std::chrono::milliseconds recovery(Ledger::Moment since, const std::vector<size_t> &nodes) const;

private:
    struct Route
    {
        size_t number = 0;
        std::atomic<size_t> node{0};
        Sender kind = Sender::Repeats;
        std::optional<GatewayApi> api; ///< of the node that was posted to last
        size_t apiNode = 0;
        std::thread thread;
    };

    void send(Route &route);
    void post(Route &route, uint32_t number);
    HttpAnswer postOnce(Route &route, const std::string &body) const;
    void goToNext(Route &route) const;
    bool pause(std::chrono::milliseconds time);
    void read();
    void takeNewSockets();

    const std::vector<ClusterNode *> m_nodes;
    const std::string m_base;
    Ledger m_ledger;
    std::vector<std::atomic<bool>> m_gone;
    std::vector<std::unique_ptr<Route>> m_senders;
    std::vector<size_t> m_nodeOfReader;

    std::mutex m_mutex;
    std::condition_variable m_stopped;
    bool m_stopping = false;               // under m_mutex
    std::deque<RawWebSocket> m_newSockets; // under m_mutex

    SocketSwarm m_swarm; // m_reading's
    std::vector<bool> m_endNoted;
    std::atomic<bool> m_readingEnds{false};
    std::thread m_reading;
};

} // namespace mws::test
