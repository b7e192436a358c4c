#pragma once

#include "mws/base/clock.h"
#include "mws/base/thread_check.h"
#include "net/channel.h"
#include "net/direct_lane.h"
#include "net/epoll_dispatcher.h"
#include "net/listener.h"
#include "net/net_config.h"
#include "net/session_handler.h"
#include "protocol/deadline_wheel.h"
#include "protocol/queue_memory.h"

#include <QBasicTimer>
#include <QObject>
#include <QWebSocketServer>
#include <deque>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mws {

/// All connections of one worker: its listener, its QWebSocketServer, its Channels and their deadlines. A
/// QHttpServer is bound to listener() from outside. Thread: the worker's, which must run an EpollDispatcher.
class ConnectionServer final : public QObject, private LateAnswers
{
    Q_OBJECT
public:
    /// Takes over `listeningFd`, which must be non-blocking.
    ConnectionServer(const NetConfig &config, int listeningFd, SessionHandler &handler,
                     const NetShared &shared, EpollDispatcher &dispatcher);
    ~ConnectionServer() override;

    Listener &listener() { return m_listener; }
    /// Starts to accept.
    void start();
    /// In force for what begins from now on: connections (which keep the TLS that they have), requests,
    /// deadlines. Precondition: TLS is on if it was, and not if it was not.
    void setConfig(const NetConfig &config) { m_config = config; }
    /// Is asked first about each request; null: nobody is. It outlives this, or is taken back.
    void setDirectLane(DirectLane *lane) { m_directLane = lane; }
    /// Closes the listener, but accepts whoever was connecting; from now on the answer to a request is
    /// the last of its connection. Sessions stay as they are.
    void drain();
    /// No session is open, no request is under way and all that was answered is written.
    bool quiet() const;
    /// Ends the connections that wait for a request; others end when they are answered. Call after drain().
    void endConnections();
    bool drained() const { return m_listener.isStopped() && m_channels.empty(); }

    /// The end of a turn: resumes, writes (HTTP answers first, so that publishers' next requests gather while
    /// the fan-out is written), frees the dead.
    void endTurn();

    /// What follows comes at a later time.
    void beginTurn();
    /// The time of this turn.
    SteadyTime now();
    size_t channelCount() const { return m_channels.size(); }
    /// Those whose peers read too slowly for what waits for them. Between two turns no other has a queue.
    const std::unordered_set<Channel *> &blocked() const { return m_blocked; }

    // What follows is for Channels and the Listener.
    const NetConfig &config() const { return m_config; }
    SessionHandler &handler() { return m_handler; }
    EpollDispatcher &dispatcher() { return m_dispatcher; }
    DeadlineWheel &wheel() { return m_wheel; }
    WorkerMetrics &metrics() { return m_shared.metrics; }
    AddressTable &addresses() { return m_shared.addresses; }
    QueueMemory &queueMemory() { return m_queueMemory; }
    void armed();
    RequestHead &scratchHead() { return m_scratchHead; }
    DirectLane *directLane() { return m_directLane; }
    LateAnswerTicket newTicket(Channel &channel) { return {this, &channel, ++m_lastTicket}; }
    /// The direct lane will answer it later: until then, or forgetAnswer(), the channel waits.
    void awaitAnswer(const LateAnswerTicket &ticket);
    void forgetAnswer(Channel &channel);
    /// Empty; its memory is kept from answer to answer, unless one was large.
    std::string &scratchAnswer();
    std::span<char> readBuffer() { return m_readBuffer; }
    void accepted(int fd, const sockaddr_storage &peer);
    /// Of one that was accepted; `limited`: as AddressTable::connected() said.
    void ended(const IpAddress &peer, bool limited);
    bool draining() const { return m_draining; }
    void markReply(Channel &channel) { m_replies.push_back(&channel); }
    void markOutput(Channel &channel) { m_outputs.push_back(&channel); }
    void markResume(Channel &channel) { m_resumes.push_back(&channel); }
    /// As markResume(), in the next turn, so that the others come first.
    void markLater(Channel &channel) { m_later.push_back(&channel); }
    /// Its readBulk() is called when it is its turn.
    void markBulk(Channel &channel) { m_bulk.push_back(&channel); }
    /// False once this turn has had its share of first requests of connections, and of pipelined ones.
    bool takeShare();
    /// What all connections hold of bodies and messages that have not arrived whole.
    size_t &heldBytes() { return m_heldBytes; }
    void markDead(Channel &channel) { m_dead.push_back(&channel); }
    /// The kernel takes no more of what it has to send; until unmarkBlocked().
    void markBlocked(Channel &channel) { m_blocked.insert(&channel); }
    void unmarkBlocked(Channel &channel) { m_blocked.erase(&channel); }
    /// Hands a vetted handshake to the QWebSocketServer; its QWebSocket comes to channel.upgraded().
    void handleUpgrade(Channel &channel, FeedSocket &feed, uint64_t privateId);
    void forgetUpgrade(const Channel &channel);
    uint64_t nextPrivateId() { return ++m_lastPrivateId; }

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    void answerLate(const LateAnswerTicket &ticket, std::string_view bytes) override;
    void measureLag();
    void takeWebSockets();
    void readBulk();
    void resumeAndFlush();
    void flushAll(std::vector<Channel *> &channels);
    void freeDead();
    void refuse(int fd, std::chrono::seconds retryAfter);

    NetConfig m_config;
    SessionHandler &m_handler;
    const NetShared m_shared;
    QueueMemory m_queueMemory; ///< outlives the channels
    EpollDispatcher &m_dispatcher;
    ThreadCheck m_thread;
    Listener m_listener;
    QWebSocketServer m_webSocketServer;
    DeadlineWheel m_wheel;
    QBasicTimer m_wheelTimer;
    SteadyTime m_timerDue{}; ///< of m_wheelTimer
    SteadyTime m_now{};
    bool m_nowKnown = false;
    bool m_draining = false;
    uint64_t m_lastPrivateId = 0;
    RequestHead m_scratchHead;
    std::string m_scratchAnswer;
    DirectLane *m_directLane = nullptr;
    uint64_t m_lastTicket = 0;
    std::unordered_map<Channel *, uint64_t> m_awaited; ///< the ticket of each that waits for the direct lane
    std::vector<char> m_readBuffer;
    std::unordered_set<Channel *> m_channels;
    std::unordered_map<uint64_t, Channel *> m_upgrading;
    std::unordered_set<Channel *> m_blocked;
    std::vector<Channel *> m_replies;
    std::vector<Channel *> m_outputs;
    std::vector<Channel *> m_resumes;
    std::vector<Channel *> m_later; ///< to be resumed in the next turn
    std::deque<Channel *> m_bulk;
    size_t m_share = 0;
    SteadyTime m_shareEnd{}; ///< of the turn that has taken some of it
    size_t m_heldBytes = 0;
    std::vector<Channel *> m_dead;
};

} // namespace mws
