#pragma once

#include "base/log_allowance.h"
#include "events/event_database.h"
#include "events/event_queue.h"
#include "events/http_sender.h"
#include "mws/base/metrics.h"
#include "mws/domain/socket_event.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace mws {

/// Where the events of all gateways wait and go: their queues, what is kept of them on disk, what is counted
/// and logged. Thread: one at a time.
class EventEndpoints
{
public:
    /// Sends a request; what it came to is told with answered().
    using Send = std::function<void(const EventSettings &, HttpPost, const GatewayId &, uint64_t sequence)>;

    /// `database` null: what waits is lost with the process.
    EventEndpoints(const Clock &clock, std::unique_ptr<EventDatabase> database, WorkerMetrics &metrics,
                   Send send);

    /// Takes up what is stored; once, after the first setTable(). Errors: Unavailable.
    Result<void> load();
    void setTable(std::shared_ptr<const GatewayTable> table);
    void take(SocketEvent &&event);
    /// Events that never came here.
    void lost(const GatewayId &gateway, uint64_t count);
    void answered(const GatewayId &gateway, uint64_t sequence, const HttpReply &reply);
    /// Sends what is due, and writes what has waited long enough for the disk.
    void work();
    /// Writes all. False: it could not be, which the log says.
    bool write();

    /// When work() has something to do again.
    std::optional<SteadyTime> due() const;
    /// Something is under way, or could be sent at once.
    bool isBusy() const;

private:
    struct Endpoint
    {
        Endpoint(const Gateway &gateway, const Clock &clock, std::shared_ptr<GatewayCounters> itsCounters);
        EventQueue queue;
        std::shared_ptr<GatewayCounters> counters;
        LogAllowance stateLines;
        LogAllowance lossLines;
        uint64_t unloggedLoss = 0;
    };

    Endpoint *endpointOf(const GatewayId &gateway);
    void settle(const GatewayId &gateway, Endpoint &endpoint);
    void send(const GatewayId &gateway, Endpoint &endpoint, const QueuedEvent &event);
    void logState(const GatewayId &gateway, Endpoint &endpoint, uint32_t failuresBefore,
                  const HttpReply &reply);
    void logLoss(const GatewayId &gateway, Endpoint &endpoint, std::string_view what, uint64_t count);

    const Clock &m_clock;
    std::unique_ptr<EventDatabase> m_database;
    WorkerMetrics &m_metrics;
    Send m_send;
    std::shared_ptr<const GatewayTable> m_table;
    std::map<GatewayId, Endpoint> m_endpoints;
    uint64_t m_sequence = 0;
    std::optional<SteadyTime> m_writeDue;
    std::optional<SteadyTime> m_complained;
};

/// The POST of an event, signed now.
HttpPost eventPost(const EventSettings &settings, const std::string &id, std::string body, WallTime now);
/// `msg_…`, random.
std::string newEventId();

/// Scheme, host and path of a URL: what the log may show of it.
std::string shownUrl(std::string_view url);

} // namespace mws
