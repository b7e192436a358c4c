#pragma once

#include "limit/ip_address.h"
#include "mws/base/clock.h"
#include "net/epoll_dispatcher.h"
#include "net/feed_socket.h"
#include "net/held_bytes.h"
#include "net/session_handler.h"
#include "protocol/chunked_decoder.h"
#include "protocol/deadline_wheel.h"
#include "protocol/frame_parser.h"
#include "protocol/output_queue.h"
#include "protocol/request_parser.h"
#include "tls/tls_session.h"

#include <memory>
#include <netinet/in.h>
#include <optional>
#include <span>
#include <string>

class QWebSocket;

namespace mws {

class ConnectionServer;

/// One accepted connection. Owns the descriptor, vets every byte that comes in, and offers whole requests and
/// frames to Qt's servers through a FeedSocket; what goes out waits in its queue and is written once per
/// turn. Thread: its worker's. Lives until it is dead, and is freed by the ConnectionServer at the end of
/// that turn.
class Channel final : public FdHandler, private FeedOwner, private Deadline
{
public:
    /// `limited`: it counts for its address; see AddressTable::connected().
    Channel(ConnectionServer &server, int fd, const sockaddr_storage &peer, bool limited);
    ~Channel();
    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;

    enum class Delivery { Queued, QueueFull, NotOpen };
    /// Queues one shared frame. QueueFull: the socket reads too slowly and the frame is not queued;
    /// closeSlowReader() is what should follow. `expires` default: never. Ends no session, so that it can be
    /// called while one walks an index.
    Delivery send(const SharedBytes &frame, SteadyTime expires = {});
    /// The same, however much waits; for frames whose sender is held up until the queue is below half.
    void sendAboveLimit(const SharedBytes &frame);
    /// The same for a socket whose queue is full: drops its oldest messages, or at last this one. How many
    /// were dropped.
    size_t sendDroppingOldest(const SharedBytes &frame, SteadyTime expires = {});
    /// Drops the oldest messages until no more than `limit` bytes are held for it; how many.
    size_t dropOldest(size_t limit);
    /// Queues a control frame, e.g. a ping that many sockets share.
    void sendControl(const SharedBytes &frame);
    /// Begins the closing handshake with all queued messages before it; SessionHandler::closed() comes before
    /// it returns. Nothing if the session is not open.
    void closeSession(CloseCode code, std::string_view reason);
    /// Drops what waits and closes with 1013.
    void closeSlowReader();
    /// Lets a handshake go on that was admitted undecided, or refuses it; nothing if it is not there any
    /// more.
    void decide(const Result<void> &decision);
    /// Drops the connection at once; for a peer that is gone.
    void abort();

    /// Asks for SessionHandler::sessionDue() at `when`; replaces an earlier time.
    void armSession(SteadyTime when);
    /// The same, at once: costs more than putting a time off, and leaves nothing to be done at the old one.
    void rearmSession(SteadyTime when);
    Session *session() const { return m_session.get(); }
    bool isOpen() const { return m_state == State::Open; }
    size_t queuedBytes() const { return m_output.bytes(); }
    /// What its queue holds, bookkeeping included; see OutputQueue::heldBytes().
    size_t heldBytes() const { return m_output.heldBytes(); }
    /// More than half of what may wait for the peer waits.
    bool isHalfFull() const { return m_output.heldBytes() > m_queueLimit / 2; }
    /// Asks for SessionHandler::halfEmpty() once, when isHalfFull() is over. Not if the session ends before.
    void tellWhenHalfEmpty() { m_tellHalfEmpty = true; }
    /// Takes no further message from the client, until takeMessages(); what it sends waits in the kernel, and
    /// then with the client. Its pongs wait, too. Ends with the session.
    void holdMessages();
    void takeMessages();
    bool holdsMessages() const { return m_holdsMessages; }
    /// Since when the peer has taken nothing of what waits; nothing if it takes all.
    std::optional<SteadyTime> stalledSince() const;
    /// The client's: the peer's, or what a trusted proxy says.
    IpAddress clientAddress(const RequestHead &head) const;
    /// `address:port` of the peer; an IPv6 address in brackets.
    std::string remote() const;
    QHostAddress peerAddress() const;

    // What follows is for the ConnectionServer.
    void fdEvent(uint32_t events) override;
    /// The answer to a request that the direct lane has taken to answer it later, without a field line that
    /// names the connection.
    void answerLate(std::string_view bytes);
    /// Takes up what waited for an answer to be complete.
    void resume();
    /// Reads once for a peer that sends in bulk, whose turn it is.
    void readBulk();
    /// Fetches what flush() needs of it into the processor's caches; for lists of many.
    void prefetch() const
    {
        __builtin_prefetch(&m_fd);
        __builtin_prefetch(&m_stalledSince);
        __builtin_prefetch(&m_output);
    }
    /// Writes as much as the kernel takes.
    void flush();
    /// QWebSocketServer has answered the handshake.
    void upgraded(QWebSocket &webSocket);
    /// Lets the next answer, or the one under way, be the last. A session stays open.
    void drain();
    /// Waits for a request, and nothing is left to be written.
    bool isIdle() const
    {
        return m_state == State::Securing || (m_state == State::Request && m_input.empty() && allGone());
    }
    /// Ends the connection if it is idle, after a look whether a request has come.
    void endIfIdle();
    bool isDead() const { return m_state == State::Dead; }

private:
    enum class State : uint8_t {
        Securing,  ///< TLS's handshake is under way, or has not begun
        Request,   ///< between requests, or inside a head
        Body,      ///< the head is complete, the body is not
        Answering, ///< offered, or awaited of the direct lane; reading is paused until the answer is complete
        Upgrading, ///< the handshake is offered
        Open,      ///< a WebSocket session
        Closing,   ///< our Close is queued, the peer's is awaited
        Lingering, ///< all is said: flush, then discard until the peer closes
        Dead,
    };
    enum class Connection : uint8_t { Nothing, Close, KeepAlive };
    struct HalfRequest;

    // channel.cpp: bytes in and out, deadlines, the end
    void readable();
    void takeInput(std::span<char> bytes);
    size_t consume(std::span<char> bytes);
    void takeKeptInput();
    void peerFinished();
    void setInterest();
    void armIn(std::chrono::milliseconds time);
    void expired(SteadyTime now) override;
    void approaching() const override;
    void idleTooLong();
    /// The kernel has everything that is to be sent.
    bool allGone() const { return m_output.empty() && !(m_tls && m_tls->blocked()); }
    void waitForKernel();
    void queueBytes(std::string_view bytes, OutputQueue::Kind kind);
    void markForFlush();
    // channel_queue.cpp: what waits for the peer
    size_t gather(std::span<iovec> vectors);
    void countQueue();
    void noticeHalfEmpty();
    void countDeadline();
    // channel_peer.cpp: who the peer is
    bool overRequests(const RequestHead &head);
    void armWriting();
    void linger();
    void allWritten();
    void die();

    // channel_tls.cpp: the same through TLS
    void readSecure();
    void secure();
    void refusePlain(char first);
    void handshakeFailed();
    void flushSecure();

    // channel_http.cpp: requests
    size_t readHead(std::string_view bytes);
    size_t readBody(std::string_view bytes);
    void beginBody(const RequestHead &head, std::string_view headBytes);
    bool holdBody();
    void armBody();
    void takeUpAnswer();
    void requestComplete(const RequestHead &head, std::string_view body);
    bool answerDirectly(const RequestHead &head, std::string_view body);
    void queueAnswer(std::string_view bytes);
    static std::string_view fieldOf(Connection say);
    void beginUpgrade(const RequestHead &head);
    void upgrade(std::string_view key);
    void refuseHandshake(const Error &error, const RequestHead &head);
    void refuse(const Error &error, const RequestHead *head = nullptr);
    void countRefusal(const Error &error, bool handshake, const std::string &requestId, size_t bytes);
    void refuseBody(const Error &error);
    void feedWrote(std::string_view bytes) override;
    void feedAnswered() override;
    void feedClosed() override;
    qint64 feedPending() const override { return qint64(m_output.bytes()); }
    FeedSocket &httpFeed();
    void releaseFeed();

    // channel_turns.cpp: whose turn it is
    bool mayPipeline(uint32_t before);
    void readInTurn();
    void resumeLater();
    void readOn();
    bool waitsToRead() const;

    // channel_websocket.cpp: frames
    size_t readFrames(std::span<char> bytes);
    void holdMessage();
    bool messageOverdue(SteadyTime now);
    void controlFrame(const FrameParser::Event &event);
    void closeReceived(const FrameParser::Event &event);
    void protocolFailure(CloseCode code, std::string_view reason);
    bool tooManyControlFrames();
    void endSession(const CloseInfo &info);

    ConnectionServer &m_server;
    std::unique_ptr<Session> m_session;
    int m_fd;
    State m_state = State::Request;
    bool m_keepAlive = true;
    bool m_answerBegun = false; ///< bytes of the answer were queued
    bool m_asked = false;       ///< a whole head has come on this connection
    bool m_bulk = false;        ///< the last read took as much as it could
    bool m_bulkMarked = false;
    const bool m_isLimited;  ///< it counts for its address
    bool m_answered = false; ///< the answer is complete, but the next request has not been taken up
    Connection m_say = Connection::Nothing; ///< what the answer is to name (RFC 9112 §9)
    bool m_offering = false;                ///< inside offerRequest()
    bool m_readPaused = false;              ///< EPOLLIN is off
    bool m_writeBlocked = false;            ///< EPOLLOUT is on
    bool m_peerFinished = false;            ///< read end of file
    bool m_flushMarked = false;
    bool m_tellHalfEmpty = false;
    bool m_holdsMessages = false; ///< see holdMessages()
    bool m_feedWrote = false;     ///< and was not told yet that it is written
    bool m_closeSent = false;     ///< our Close frame is queued
    bool m_shutdown = false;      ///< our side is shut down
    bool m_resumeMarked = false;
    uint32_t m_controlFrames = 0; ///< in the second that began at m_controlWindow
    uint32_t m_controlLimit = 100;
    uint32_t m_queueLimit = 1 << 20;
    uint32_t m_interest = 0;
    uint32_t m_countedFrames = 0; ///< references that QueueMemory knows of
    SteadyTime m_stalledSince{};  ///< while m_writeBlocked
    SteadyTime m_due{};           ///< the real deadline; the wheel may hold an earlier one
    SteadyTime m_controlWindow{};
    std::string m_input; ///< bytes that wait for more, or for an answer
    OutputQueue m_output;
    FeedSocket *m_feed = nullptr;
    QWebSocket *m_webSocket = nullptr;
    std::optional<FrameParser> m_frames;
    std::unique_ptr<HalfRequest> m_half;
    std::unique_ptr<HeldMessage> m_held; ///< of a message that is not whole
    std::unique_ptr<TlsSession> m_tls;   ///< from the first byte of a TLS connection on; plain: null
    sockaddr_in6 m_peer{};               ///< or a sockaddr_in in its place, which is smaller
};

} // namespace mws
