#include "ops/metric_families.h"

#include "mws/base/metrics.h"

#include <algorithm>

namespace mws {

namespace {

template <typename Kind>
using Names = std::array<std::string_view, CounterSet<Kind>::size>;

// In the order of the enumerations.
constexpr Names<HandshakeResult> handshakeNames{"accepted",  "malformed", "unauthorized", "forbidden",
                                                "not_found", "limited",   "unavailable",  "failed"};
constexpr Names<DeadlineKind> deadlineNames{"tls",    "head",  "body",   "idle", "handshake",
                                            "answer", "close", "linger", "pong", "slow_reader"};
constexpr Names<DropReason> dropNames{"expired", "oldest", "slow"};
constexpr Names<CloseKind> closeNames{"1000", "1001", "1002", "1003", "1005", "1006", "1007", "1008",
                                      "1009", "1011", "1012", "1013", "3xxx", "4xxx", "other"};
constexpr Names<AppendResult> appendNames{"written", "repeated", "conflict", "refused", "unknown"};
constexpr Names<CallResult> callNames{"answered", "timed_out", "refused", "too_large", "not_sent"};
constexpr Names<LimitKind> limitScopes{"address", "address", "address", "address", "address",
                                       "gateway", "gateway", "gateway", "gateway", "socket"};
constexpr Names<LimitKind> limitNames{
    "connections", "connection_rate",     "requests",     "reservations", "messages",
    "sockets",     "sockets_per_address", "reservations", "messages",     "messages"};
constexpr std::array<std::string_view, 4> eventNames{"sent", "given_up", "dropped", "folded"};

using enum MetricKind;

// clang-format off
constexpr std::array<MetricFamily, size_t(Family::Count)> families{{
    {Family::BuildInfo, "mws_build_info", Gauge, "1; the labels say what runs.", {{{"version"}, {"qt"}}}},
    {Family::Ready, "mws_ready", Gauge, "1 where /health/ready is 200: not while starting, draining, or while the broker is away."},

    {Family::ConnectionsAccepted, "mws_connections_accepted_total", Counter,
     "TCP connections that were accepted; those refused for their number or rate are not."},
    {Family::ConnectionsOpen, "mws_connections_open", Gauge, "TCP connections that are open, WebSockets among them."},
    {Family::HttpRequestsReceived, "mws_http_requests_received_total", Counter,
     "Whole HTTP requests that were handed to a handler, whether it has answered yet or not."},
    {Family::HttpRequests, "mws_http_requests_total", Counter,
     "HTTP requests that were answered, by route and status. A call by the default gateway's short path counts as its long one. "
     "Beside the routes: websocket (a handshake), refused (bytes that no handler saw), preflight (CORS), unknown (no such path or method).",
     {{{"method"}, {"route"}, {"status"}}}},
    {Family::Handshakes, "mws_handshakes_total", Counter, "WebSocket handshakes by their result.", {{{"result", handshakeNames}}}},

    {Family::SocketsOpened, "mws_sockets_opened_total", Counter, "WebSockets that opened.", {{{"gateway"}}}},
    {Family::SocketsOpen, "mws_sockets_open", Gauge, "WebSockets that are open.", {{{"gateway"}}}},
    {Family::SocketCloses, "mws_socket_closes_total", Counter, "WebSockets that ended, by close code.", {{{"code", closeNames}}}},

    {Family::MessagesAccepted, "mws_messages_accepted_total", Counter,
     "Messages that were accepted here from backends and clients, each of a batch.", {{{"gateway"}}}},
    {Family::Deliveries, "mws_deliveries_total", Counter, "Messages that were put into the queues of sockets.", {{{"gateway"}}}},
    {Family::DeliverySeconds, "mws_delivery_duration_seconds", Histogram,
     "From a message's acceptance at this node to when the kernel had it for the last of its sockets; once for each message and worker "
     "that has such sockets. In a cluster the way through the broker is in it, and messages of other nodes are not. "
     "Left out where the last one to wait was dropped."},
    {Family::QueuedBytes, "mws_queued_bytes", Gauge, "Memory that the queues of WebSockets hold."},
    {Family::SlowReadersClosed, "mws_slow_readers_closed_total", Counter,
     "WebSockets that were closed with 1013, as their clients read too slowly.", {{{"gateway"}}}},
    {Family::SlowReaderMessagesDropped, "mws_slow_reader_messages_dropped_total", Counter,
     "Messages that policy drop_oldest dropped, as their clients read too slowly.", {{{"gateway"}}}},
    {Family::FramesDropped, "mws_frames_dropped_total", Counter,
     "Queued messages that were not sent: their ttl was over (expired), policy drop_oldest made room (oldest), or the socket "
     "was closed as a slow reader (slow).", {{{"reason", dropNames}}}},

    {Family::RateLimited, "mws_rate_limited_total", Counter, "What limits refused: by whose limit, and of what.",
     {{{"scope", limitScopes}, {"limit", limitNames}}}},
    {Family::Deadlines, "mws_deadlines_total", Counter, "Connections that ended because a time was over.", {{{"deadline", deadlineNames}}}},

    {Family::Events, "mws_events_total", Counter,
     "Events for backends by what became of them: accepted (sent), not accepted in time (given_up), not kept (dropped), undone by a "
     "reconnect (folded).", {{{"gateway"}, {"result", eventNames}}}},
    {Family::EventAttemptsFailed, "mws_event_attempts_failed_total", Counter,
     "Attempts to send an event that the backend did not accept.", {{{"gateway"}}}},
    {Family::EventsQueued, "mws_events_queued", Gauge, "Events that wait to be accepted by the backend.", {{{"gateway"}}}},
    {Family::EventUrlOff, "mws_event_url_off", Gauge, "1 where the event URL answered 410 and is not used any more.", {{{"gateway"}}}},

    {Family::LoopLagSeconds, "mws_event_loop_lag_seconds", Histogram,
     "How late a worker's event loop was with a timer; looked at ten times a second while there are connections.", {{{"worker"}}}},

    {Family::BrokerUp, "mws_broker_up", Gauge, "1 where the broker can be reached and takes messages.", {}, true},
    {Family::BrokerReconnects, "mws_broker_reconnects_total", Counter, "How often the broker could be reached again.", {}, true},
    {Family::BrokerAppends, "mws_broker_appends_total", Counter,
     "Messages that were given to the broker, by what became of them: its id was known (repeated) or stood for another message "
     "(conflict), no answer came (unknown).", {{{"result", appendNames}}}, true},
    {Family::BrokerAppendSeconds, "mws_broker_append_duration_seconds", Histogram, "How long a message took until the broker had it.", {}, true},
    {Family::BrokerEntriesRead, "mws_broker_entries_read_total", Counter,
     "Messages that were read from the broker, this node's own among them.", {}, true},
    {Family::BrokerMessagesMissed, "mws_broker_messages_missed_total", Counter,
     "How often all sockets of a gateway were closed with 1012, as messages had been missed.", {}, true},
    {Family::NodeCalls, "mws_node_calls_total", Counter,
     "Questions to other nodes, by what became of them: an answer that does not fit (refused), more than is taken (too_large).",
     {{{"result", callNames}}}, true},
    {Family::NodeCallsExecuted, "mws_node_calls_executed_total", Counter, "Questions of other nodes that were executed.", {}, true},

    {Family::ConfigReloadSuccessful, "mws_config_last_reload_successful", Gauge,
     "1 where the configuration is in force as it was read last, at the start or a reload; 0 where that was refused."},
    {Family::ConfigReloadSuccessTime, "mws_config_last_reload_success_timestamp_seconds", Gauge,
     "When the configuration in force came into force, in seconds since 1970."},

    {Family::ProcessCpuSeconds, "process_cpu_seconds_total", Counter, "CPU time of all threads, user and system, in seconds."},
    {Family::ProcessResidentMemory, "process_resident_memory_bytes", Gauge, "Resident memory in bytes."},
    {Family::ProcessVirtualMemory, "process_virtual_memory_bytes", Gauge, "Virtual memory in bytes."},
    {Family::ProcessOpenFds, "process_open_fds", Gauge, "Open file descriptors, one for each connection among them."},
    {Family::ProcessMaxFds, "process_max_fds", Gauge, "The limit of open file descriptors."},
    {Family::ProcessStartTime, "process_start_time_seconds", Gauge, "When the process started, in seconds since 1970."},
}};
// clang-format on

constexpr bool inOrder()
{
    for (size_t i = 0; i < families.size(); ++i)
        if (families[i].family != Family(i))
            return false;
    return true;
}
static_assert(inOrder());

std::string_view kindName(MetricKind kind)
{
    switch (kind) {
    case Counter:
        return "counter";
    case Gauge:
        return "gauge";
    case Histogram:
        break;
    }
    return "histogram";
}

/// `` `result`: `sent`, `given_up` ``, each value once.
std::string labelText(const MetricLabel &label)
{
    std::string text = '`' + std::string(label.name) + '`';
    std::string_view separator = ": ";
    for (auto value = label.values.begin(); value != label.values.end(); ++value) {
        if (std::find(label.values.begin(), value, *value) != value)
            continue;
        text.append(separator).append("`").append(*value).append("`");
        separator = ", ";
    }
    return text;
}

} // namespace

const MetricFamily &metricFamily(Family family)
{
    return families[size_t(family)];
}

std::span<const MetricFamily> metricFamilies()
{
    return families;
}

std::string_view labelValue(Family family, size_t index, size_t kind)
{
    return metricFamily(family).labels[index].values[kind];
}

std::string metricsTable()
{
    std::string text = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
    for (const MetricFamily &family : families) {
        text.append("| `").append(family.name).append("` | ").append(kindName(family.kind)).append(" |");
        std::string_view separator = " ";
        for (const MetricLabel &label : family.labels) {
            if (label.name.empty())
                continue;
            text.append(separator).append(labelText(label));
            separator = "; ";
        }
        text.append(" | ").append(family.help);
        text.append(family.inClusterOnly ? " Only in a cluster. |\n" : " |\n");
    }
    return text;
}

} // namespace mws
