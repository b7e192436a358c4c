#pragma once

#include "api/message_parser.h"
#include "hub/mailbox.h"
#include "mws/domain/gateway.h"
#include "mws/domain/reservation.h"
#include "protocol/deadline_wheel.h"
#include "protocol/frame_parser.h"
#include "protocol/output_queue.h"
#include "protocol/request_parser.h"
#include "routing/routing_index.h"
#include "token/reservation_table.h"

#include <barrier>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

/// What the gateway spends its time on, each as an object that holds input and state, made the same way every
/// time, and a function that goes the way once. They use what each library offers to the others, and end the
/// program if it refuses: see measured.h. Thread: one at a time, unless it says otherwise.
namespace mws::micro {

/// RequestParser on the head of POST messages.
class RequestHeads
{
public:
    enum class Kind {
        Small,   ///< what the load generator of the benchmark sends, some 200 bytes
        Typical, ///< what a backend's HTTP library sends, some 285 bytes
        Browser, ///< a handshake out of a browser, some 700 bytes
    };
    explicit RequestHeads(Kind kind);
    void parse();
    size_t bytes() const { return m_bytes.size(); }

private:
    RequestParser m_parser{RequestLimits()};
    std::string m_bytes;
};

/// FrameParser on a whole, masked frame. It unmasks in place, so that each time begins with a copy of the
/// frame.
class ClientFrames
{
public:
    ClientFrames(Opcode opcode, size_t payloadBytes);
    void parse();
    size_t bytes() const { return m_frame.size(); }

private:
    FrameParser m_parser{FrameLimits()};
    std::string m_frame;
    std::string m_buffer;
    size_t m_payloadBytes;
};

/// makeFrame on a message of that size.
class ServerFrames
{
public:
    explicit ServerFrames(size_t payloadBytes) : m_payload(payloadBytes, 'x') {}
    void make();
    size_t bytes() const { return m_payload.size(); }

private:
    std::string m_payload;
};

/// A reservation with a user and three tags: signing its token, checking one, spending one.
class TokenChecks
{
public:
    TokenChecks();
    ~TokenChecks();
    void sign();
    void verify();
    /// The gateway that an unverified token names, as a handshake on `/` asks first.
    void readGateway();
    /// A new reservation is entered and its token spent; some thousand others wait or are spent meanwhile,
    /// and what has expired goes as it does in the gateway.
    void spend();

private:
    struct TurnedClock;
    std::unique_ptr<TurnedClock> m_clock;
    Gateway m_gateway;
    Reservation m_reservation;
    std::string m_token;
    ReservationTable m_table;
    uint64_t m_spent = 0;
};

/// RoutingIndex with so many sockets; socket i carries the tag `t<i modulo tags>`. Each call asks for another
/// socket or tag, in an order that caches do not like.
class Routing
{
public:
    Routing(size_t sockets, size_t tags);
    ~Routing();
    /// Each gives how many sockets matched.
    size_t toSocket();
    size_t toTag();
    size_t toTwoTags();
    size_t toAll();
    /// A socket leaves and comes again.
    void reconnect();

private:
    size_t next(size_t below);
    size_t match(const Receivers &receivers, size_t atLeast);

    RoutingIndex m_index;
    std::deque<RoutedSocket> m_sockets;
    std::vector<SharedTags> m_tags;
    std::vector<Receivers> m_bySocket;
    std::vector<Receivers> m_byTag;
    std::vector<Receivers> m_byTwoTags;
    Receivers m_everyone;
    size_t m_step = 0;
    size_t m_delivered = 0;
};

/// MessageParser on `{"data":"…","receivers":{"tags":["t1"]}}` with so many bytes of data.
class Messages
{
public:
    explicit Messages(size_t dataBytes, size_t batch = 100);
    void parse();
    /// A batch is split, and each of its messages parsed.
    void parseBatch();
    size_t bytes() const { return m_body.size(); }
    size_t batchBytes() const { return m_batchBody.size(); }

private:
    MessageParser m_parser;
    Limits m_limits;
    std::string m_body;
    std::string m_batchBody;
    size_t m_batch;
};

/// Mailbox with nobody else at it.
class QuietMailbox
{
public:
    static constexpr size_t letters = 64;
    /// So many letters of each kind are put in, and taken all together.
    void passMessages();
    void passTasks();

private:
    Mailbox m_mailbox;
    std::shared_ptr<const RoutedMessage> m_message = std::make_shared<const RoutedMessage>();
    size_t m_taken = 0;
};

/// Mailbox that several threads put messages into at once, while the owner takes them.
class BusyMailbox
{
public:
    static constexpr size_t lettersPerSender = 1000;
    explicit BusyMailbox(size_t senders);
    ~BusyMailbox();
    /// Every sender posts its letters; returns when all have been taken.
    void passAll();

private:
    void send();

    Mailbox m_mailbox;
    std::shared_ptr<const RoutedMessage> m_message = std::make_shared<const RoutedMessage>();
    std::barrier<> m_begin;
    bool m_ended = false; ///< written before m_begin, read after it
    std::vector<std::thread> m_senders;
};

/// OutputQueue of one socket.
class Output
{
public:
    /// A frame is queued, handed out, and has gone.
    void passOne();
    /// 64 frames, in one go.
    void passMany();

private:
    void gather(size_t frames);

    OutputQueue m_queue;
    SharedBytes m_frame = std::make_shared<const std::string>(516, 'x');
};

/// DeadlineWheel with the deadlines of so many sockets, 45 s ahead and evenly spread.
class Deadlines
{
public:
    explicit Deadlines(size_t count);
    ~Deadlines();
    /// One is moved to its end of the time.
    void rearm();
    /// A tick of 100 ms: those that are due are called and armed again.
    void tick();
    size_t duePerTick() const;

private:
    struct Ping;
    SteadyTime m_now{std::chrono::hours(1)};
    DeadlineWheel m_wheel{m_now};
    std::deque<Ping> m_pings;
    size_t m_step = 0;
};

} // namespace mws::micro
