#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace mws {

/// A number that only grows. Thread: any; no lock.
class Counter
{
public:
    void add(uint64_t by = 1) { m_value.fetch_add(by, std::memory_order_relaxed); }
    uint64_t value() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<uint64_t> m_value{0};
};

/// A number that goes up and down. Thread: set() by one, value() by any; no lock.
class Gauge
{
public:
    void set(uint64_t value) { m_value.store(value, std::memory_order_relaxed); }
    uint64_t value() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<uint64_t> m_value{0};
};

/// How often something took how long. Thread: any; no lock.
class Histogram
{
public:
    /// In microseconds: upper ends of the buckets; what takes longer is in one more.
    static constexpr std::array<uint64_t, 15> bounds{
        50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000};

    void add(std::chrono::microseconds time);
    uint64_t countOf(size_t bucket) const { return m_buckets[bucket].value(); }
    std::chrono::microseconds sum() const { return std::chrono::microseconds(m_sum.value()); }

private:
    std::array<Counter, bounds.size() + 1> m_buckets;
    Counter m_sum; ///< microseconds
};

/// A Counter for each value of an enumeration whose last one is `Count`.
template <typename Kind>
class CounterSet
{
public:
    static constexpr size_t size = size_t(Kind::Count);
    Counter &operator[](Kind kind) { return m_counters[size_t(kind)]; }
    const Counter &operator[](Kind kind) const { return m_counters[size_t(kind)]; }

private:
    std::array<Counter, size> m_counters;
};

/// HTTP answers by status. Thread: any; no lock.
class StatusCounters
{
public:
    /// Those that are counted each for itself, the commonest first; any other is in one more.
    static constexpr std::array<uint16_t, 23> statuses{201, 200, 204, 101, 400, 401, 403, 404,
                                                       405, 408, 409, 413, 414, 415, 417, 422,
                                                       426, 429, 431, 500, 501, 503, 505};

    void add(int status)
    {
        size_t slot = 0;
        while (slot < statuses.size() && statuses[slot] != status)
            ++slot;
        m_counters[slot].add();
    }
    /// By place in `statuses`; statuses.size(): all others.
    uint64_t countOf(size_t slot) const { return m_counters[slot].value(); }

private:
    std::array<Counter, statuses.size() + 1> m_counters;
};

/// How a WebSocket handshake ended.
enum class HandshakeResult {
    Accepted,
    Malformed,    ///< 400, 426
    Unauthorized, ///< 401
    Forbidden,    ///< 403
    NotFound,     ///< 404
    Limited,      ///< 429
    Unavailable,  ///< 503
    Failed,       ///< anything else
    Count
};

/// Which limit refused something; see docs/operations.md "Limits".
enum class LimitKind {
    AddressConnections,    ///< open at a time
    AddressConnectionRate, ///< new ones
    AddressRequests,       ///< HTTP requests, handshakes among them
    AddressReservations,   ///< websocket_uri and POST sockets
    AddressMessages,       ///< posted messages
    GatewaySockets,        ///< sockets that open
    GatewayAddressSockets, ///< open sockets of one address
    GatewayReservations,   ///< as above
    GatewayMessages,       ///< as above
    SocketMessages,        ///< messages from one client
    Count
};

/// Whose time was over.
enum class DeadlineKind {
    Tls,        ///< of its handshake
    Head,       ///< of a request
    Body,       ///< no byte of it came
    Idle,       ///< between two requests
    Handshake,  ///< QWebSocketServer did not answer
    Answer,     ///< an answer that was not read
    Close,      ///< the peer's Close did not come
    Linger,     ///< the peer did not close after all was said
    Pong,       ///< no pong came
    SlowReader, ///< a socket took nothing although something waited
    Count
};

/// Why a message that was queued for a socket was not sent.
enum class DropReason {
    Expired, ///< its ttl was over
    Oldest,  ///< policy dropOldest made room
    Slow,    ///< the socket was closed as a slow reader
    Count
};

/// The close codes of sessions, so that labels are bounded.
enum class CloseKind {
    Normal,     ///< 1000
    GoingAway,  ///< 1001
    Protocol,   ///< 1002
    Data,       ///< 1003
    NoStatus,   ///< 1005
    Abnormal,   ///< 1006
    NotUtf8,    ///< 1007
    Policy,     ///< 1008
    TooBig,     ///< 1009
    Internal,   ///< 1011
    Restart,    ///< 1012
    TryLater,   ///< 1013
    Registered, ///< 3000 to 3999
    Private,    ///< 4000 to 4999
    Other,
    Count
};
CloseKind closeKind(uint16_t code);

/// What became of a message on its way to the broker.
enum class AppendResult {
    Written,
    Repeated, ///< its id was known
    Conflict, ///< its id stood for another message
    Refused,  ///< it was not taken
    Unknown,  ///< no answer came
    Count
};

/// How a question to another node ended.
enum class CallResult {
    Answered,
    TimedOut,
    Refused, ///< that node had an answer that does not fit
    TooMuch, ///< its answer was more than this node takes
    NotSent,
    Count
};

/// What is counted for one gateway on one worker.
struct GatewayCounters
{
    Counter messages;   ///< accepted by this worker, from whatever source
    Counter deliveries; ///< messages put into sockets' queues
    Counter socketsOpened;
    Counter socketsClosed;
    Counter slowClosed;  ///< sockets that were closed because they read too slowly
    Counter slowDropped; ///< messages that policy dropOldest dropped
    // Of events for the backend; only the thread that sends them counts these.
    Counter eventsSent;          ///< accepted by the backend
    Counter eventAttemptsFailed; ///< an event may have several
    Counter eventsGivenUp;       ///< not accepted in time
    Counter eventsDropped;       ///< the queue was full, or there is nobody to send to
    Counter eventsFolded;        ///< a disconnect and the connection that undid it
    Gauge eventsQueued;
    Gauge eventsOff; ///< 1: the event URL answered 410
};

/// What the broker's thread counts, of a node in a cluster. Thread: any; no lock.
struct BrokerMetrics
{
    Gauge up;           ///< 1: the broker takes messages
    Counter reconnects; ///< it could be reached again
    CounterSet<AppendResult> appends;
    Histogram appendTime;   ///< of what was written, from the message's coming to the broker's answer
    Counter entriesRead;    ///< of streams, its own messages among them
    Counter messagesMissed; ///< how often all sockets of a gateway were closed for it
    CounterSet<CallResult> calls;
    Counter callsExecuted; ///< for other nodes
};

/// What became of the configuration when it was read the last time. Thread: any; no lock.
struct ConfigMetrics
{
    Gauge lastReloadSuccessful; ///< 1: it is in force; also after the start
    Gauge lastReloadSuccess;    ///< when one came into force, in seconds since 1970
};

/// What one worker counts. Every layer bumps what it knows of; src/ops shows the sums. Thread: any; only the
/// lists of gateways and routes are under a mutex, which nobody takes on the way of a message.
struct WorkerMetrics
{
    Counter connectionsAccepted; ///< refused ones are not among them
    Counter connectionsClosed;
    Counter requests;          ///< whole HTTP requests that a handler saw, answered or not
    StatusCounters refused;    ///< HTTP requests that no handler saw
    StatusCounters webSockets; ///< answers to WebSocket handshakes
    CounterSet<HandshakeResult> handshakes;
    CounterSet<LimitKind> limited;
    CounterSet<DeadlineKind> deadlines;
    CounterSet<DropReason> drops;
    CounterSet<CloseKind> closes;
    Gauge queuedBytes; ///< memory that the queues of sockets hold
    /// Of each message with matching sockets here: from its acceptance to when the kernel had it for all.
    Histogram deliveryTime;
    Histogram loopLag; ///< how late a timer was, ten times a second while there are connections

    using Gateways = std::map<std::string, std::shared_ptr<GatewayCounters>, std::less<>>;
    /// The counters of that gateway, made if there are none.
    std::shared_ptr<GatewayCounters> gateway(const std::string &id);
    void forgetGateway(const std::string &id);
    Gateways gateways() const;

    /// By method and pattern, of HTTP requests that a handler or nobody answers.
    using Routes = std::map<std::pair<std::string, std::string>, std::shared_ptr<StatusCounters>>;
    /// The counters of that route, made if there are none: call it once for each, as the names are labels.
    std::shared_ptr<StatusCounters> route(const std::string &method, const std::string &pattern);
    Routes routes() const;

private:
    mutable std::mutex m_mutex; ///< guards the two below
    Gateways m_gateways;
    Routes m_routes;
};

} // namespace mws
