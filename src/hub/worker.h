#pragma once

#include "hub/hub.h"
#include "hub/node.h"
#include "hub/relay.h"
#include "hub/socket_session.h"
#include "mws/base/thread_check.h"
#include "net/connection_server.h"
#include "net/session_handler.h"

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace mws {

class ClientPublisher;
struct NodeCall;

/// One worker: the sockets that live on it, and the way to those of the others. Messages that arrive here are
/// framed once, go to the matching sockets of this worker, and once into the mailbox of each other worker
/// that has one. Thread: made anywhere; from start() to stop() on its own thread, where an EpollDispatcher
/// runs.
class Worker final : public Hub, private SessionHandler
{
public:
    Worker(Node &node, size_t index, std::shared_ptr<const GatewayTable> table);
    ~Worker() override;

    /// Takes over `listeningFd`; nothing is accepted before accept().
    void start(int listeningFd, EpollDispatcher &dispatcher);
    void accept() { m_server->start(); }
    /// See ConnectionServer::setDirectLane().
    void setDirectLane(DirectLane *lane) { m_server->setDirectLane(lane); }
    /// Publishes for clients; null: what they send is ignored. It outlives this, or is taken back.
    void setClientPublisher(ClientPublisher *publisher) { m_clientPublisher = publisher; }
    /// See ConnectionServer::setConfig().
    void configure(const NetConfig &net, const SocketConfig &sockets);
    /// Closes the listener and opens no further socket; closes those that are open with 1001, some at a time,
    /// until `spread` is over. What is posted meanwhile reaches the sockets that are still open.
    void drain(std::chrono::milliseconds spread);
    /// No socket is open, nothing is under way.
    bool quiet() const { return m_server->quiet(); }
    /// After drain(): ends the connections that wait for a request, and any other when it is answered.
    void endConnections() { m_server->endConnections(); }
    bool drained() const { return m_server->drained(); }
    /// Calls `step` on this thread after `delay`.
    void after(std::chrono::milliseconds delay, std::function<void()> step);
    void stop();

    /// A message framed, for all its receivers. Thread: any.
    static SharedBytes dataFrame(PayloadType type, std::string_view payload);
    /// Closes all sockets of a gateway on this worker.
    void closeAll(uint32_t serial, CloseCode code, const std::string &reason)
    {
        closeHere(serial, SocketFilter{}, code, reason);
    }

    Listener &listener() { return m_server->listener(); }
    size_t index() const { return m_index; }
    Mailbox &mailbox() { return *m_node.mailboxes[m_index]; }
    const std::shared_ptr<const GatewayTable> &table() const { return m_table; }
    /// In force from the next request on.
    void setTable(std::shared_ptr<const GatewayTable> table);

    PublishOutcome publish(const Gateway &gateway, Message &&message) override;
    bool isClustered() const override { return m_node.broker != nullptr; }
    bool isReachable() const override { return !m_node.broker || m_node.broker->isUp(); }
    bool knowsGateways() const override { return !m_node.broker || m_node.broker->gatewaysKnown(); }
    void publishToCluster(const Gateway &gateway, Message &&message, std::string_view body,
                          std::function<void(Result<PublishOutcome>)> answer) override;
    void list(const std::shared_ptr<const Gateway> &gateway, const std::optional<Tag> &tag, size_t limit,
              const std::string &cursor, std::function<void(Result<SocketPage>)> answer) override;
    void find(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
              std::function<void(Result<SocketInfo>)> answer) override;
    void changeTags(const std::shared_ptr<const Gateway> &gateway, const SocketId &id, std::vector<Tag> add,
                    std::vector<Tag> remove, std::function<void(Result<SocketInfo>)> answer) override;
    void close(const std::shared_ptr<const Gateway> &gateway, const SocketId &id, CloseCode code,
               const std::string &reason, std::function<void(Result<bool>)> answer) override;
    void close(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter, CloseCode code,
               const std::string &reason, std::function<void(Result<size_t>)> answer) override;
    void closeGateway(const std::shared_ptr<const Gateway> &gateway, CloseCode code,
                      const std::string &reason, std::function<void()> answer) override;
    size_t count(const Gateway &gateway) const override;
    void reserve(const std::shared_ptr<const Gateway> &gateway, const Reservation &reservation,
                 std::function<void(Result<void>)> answer) override;
    void revoke(const std::shared_ptr<const Gateway> &gateway, const SocketId &id,
                std::function<void(Result<bool>)> answer) override;
    void revoke(const std::shared_ptr<const Gateway> &gateway, const SocketFilter &filter,
                std::function<void(Result<size_t>)> answer) override;

    // worker_calls.cpp: of the sockets of this node only. Answers come as Hub's.
    void listOnNode(uint32_t serial, const std::optional<Tag> &tag, size_t limit, const std::string &cursor,
                    std::function<void(SocketPage)> answer);
    void findOnNode(uint32_t serial, const SocketId &id, std::function<void(Result<SocketInfo>)> answer);
    void changeTagsOnNode(uint32_t serial, const SocketId &id, std::vector<Tag> add, std::vector<Tag> remove,
                          std::function<void(Result<SocketInfo>)> answer);
    void closeOnNode(uint32_t serial, const SocketId &id, CloseCode code, const std::string &reason,
                     std::function<void(bool)> answer);
    void closeOnNode(uint32_t serial, const SocketFilter &filter, CloseCode code, const std::string &reason,
                     std::function<void(size_t)> answer);
    /// What waits for readers of each gateway that has such, by its id; bytes.
    using QueuedBytes = std::map<std::string, uint64_t, std::less<>>;
    void queuedOnNode(std::function<void(QueuedBytes)> answer);

private:
    // SessionHandler
    Result<Admission> admit(const RequestHead &head, const HandshakeRequest &handshake,
                            Channel &channel) override;
    void opened(Channel &channel) override;
    void abandoned(Channel &channel) override;
    void received(Channel &channel, PayloadType type, std::string_view payload) override;
    void ponged(Channel &channel) override;
    void halfEmpty(Channel &channel) override;
    void sessionDue(Channel &channel, SteadyTime now) override;
    void closed(Channel &channel, const CloseInfo &info) override;

    void endTurn();
    LocalGateway &localGateway(const std::shared_ptr<const Gateway> &gateway);
    LocalGateway *findLocal(uint32_t serial);
    SocketSession *findSession(uint32_t serial, const SocketId &id);
    struct Delivered
    {
        uint64_t matched = 0;
        uint64_t dropped = 0;
    };
    /// To the matching sockets of this worker; with those that are over their limit is done what their
    /// gateway says.
    Delivered deliver(const RoutedMessage &message);
    void countMessage(const Gateway &gateway);
    PublishOutcome dispatch(const Gateway &gateway, RoutedMessage &&routed);
    WorkerMetrics &metrics() { return *m_node.metrics[m_index]; }

    // worker_opening.cpp: with admit(), opened() and abandoned()
    Result<void> mayOpen(const Gateway &gateway, const IpAddress &client, uint64_t &addressKey);
    void giveBack(uint32_t gatewaySerial, uint64_t addressKey);
    static RegisteredSocket registered(const SocketSession &session);
    bool confirm(SocketSession &session);
    void release(SocketSession &session);
    void supersede(uint32_t serial, const SocketId &id);
    struct Question
    {
        uint64_t number = 0;
        int missing = 0; ///< answers
    };
    uint64_t newQuestion(SocketSession &session);
    void decided(SocketSession *asked, uint64_t question, const Result<void> &answer);
    void askBroker(SocketSession &session);

    // worker_clients.cpp
    RelayState &relayOf(SocketSession &session);
    void reply(SocketSession &session, PayloadType type, std::string_view payload);
    void relay(SocketSession &sender, PayloadType type, std::string_view payload);
    void relayToCluster(SocketSession &sender, PayloadType type, std::string_view payload,
                        const SharedReceipt &receipt);
    void receiptReturned(uint32_t serial, const SocketId &id, uint64_t number, size_t bytes);
    void holdUpSender(SocketSession &receiver, const SharedReceipt &receipt);
    void publishFor(SocketSession &session, PayloadType type, std::string_view payload);

    // worker_cluster.cpp
    bool hasOnNode(uint32_t serial, const SocketId &id) const
    {
        return m_node.directory.workerOf(serial, id).has_value();
    }
    void askOwner(const NodeCall &call, std::function<void(Result<SocketInfo>)> answer);
    void askOthers(const NodeCall &call, std::function<void(Result<size_t>)> answer);

    // worker_slow.cpp
    void handleSlow(SocketSession &session, const SharedBytes &frame, SteadyTime expires);
    void closeSlow(SocketSession &session);
    void countDropped(SocketSession &session, size_t messages);
    void relieve();
    bool closeStalled(SocketSession &session, SteadyTime now);

    // worker_events.cpp
    bool tells(const SocketSession &session, EventType type) const;
    SocketEvent eventOf(const SocketSession &session, EventType type) const;
    bool asks(const Gateway &gateway) const;
    void ask(SocketSession &session);
    void answered(SocketSession *asked, uint64_t question, Result<ConnectAnswer> answer);
    void tellConnected(SocketSession &session);
    void tellDisconnected(SocketSession &session, const CloseInfo &info);
    void tellMessage(SocketSession &session, PayloadType type, std::string_view payload);

    // worker_drain.cpp
    struct Departure
    {
        uint32_t serial;
        SocketId id;
    };
    void closeSome();
    /// Calls `step` when all that the other workers have sent here until now is handled.
    void afterLetters(std::function<void()> step);
    std::vector<Departure> leaveDirectory();
    void sayGoodbye(const std::vector<Departure> &batch);

    // What a call about sockets does on the worker that has them.
    SocketPage listHere(uint32_t serial, const std::optional<Tag> &tag, size_t limit,
                        const std::string &cursor);
    Result<SocketInfo> findHere(uint32_t serial, const SocketId &id);
    Result<SocketInfo> changeTagsHere(uint32_t serial, const SocketId &id, const std::vector<Tag> &add,
                                      const std::vector<Tag> &remove);
    bool closeHere(uint32_t serial, const SocketId &id, CloseCode code, const std::string &reason);
    size_t closeHere(uint32_t serial, const SocketFilter &filter, CloseCode code, const std::string &reason);
    QueuedBytes queuedHere() const;

    template <typename Answer>
    void onWorker(size_t worker, std::function<Answer(Worker &)> ask, std::function<void(Answer)> answer);
    template <typename Part>
    void onAllWorkers(std::function<Part(Worker &)> ask, std::function<void(std::vector<Part>)> answer);

    Node &m_node;
    const size_t m_index;
    ThreadCheck m_thread;
    std::shared_ptr<const GatewayTable> m_table;
    SocketConfig m_sockets;
    std::unordered_map<uint32_t, std::unique_ptr<LocalGateway>> m_gateways; ///< by serial
    std::vector<SocketSession *> m_slow; ///< over their limit, to be handled after the walk that found them
    std::unordered_map<SocketSession *, Question> m_asked; ///< that wait for others' answers before they open
    uint64_t m_lastQuestion = 0;
    SharedBytes m_pingFrame;
    EpollDispatcher *m_dispatcher = nullptr;
    ClientPublisher *m_clientPublisher = nullptr;
    uint64_t m_lastRelay = 0; ///< see RelayState::number
    bool m_draining = false;
    SteadyTime m_closingEnd{}; ///< of a drain: when the last socket is told
    std::vector<Worker *> m_workers;

public:
    /// All workers of the node by index, this one included. Call before start().
    void setWorkers(std::vector<Worker *> workers) { m_workers = std::move(workers); }

private:
    std::unique_ptr<ConnectionServer> m_server;
};

} // namespace mws
