#include "ops/metrics_page.h"

#include <functional>
#include <map>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <string_view>
#include <utility>

namespace mws {

namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;
using prometheus::MetricFamily;
using prometheus::MetricType;

// In the order of the enumerations.
constexpr std::array<const char *, CounterSet<HandshakeResult>::size> handshakeNames{
    "accepted", "malformed", "unauthorized", "forbidden", "not_found", "limited", "unavailable", "failed"};
constexpr std::array<const char *, CounterSet<DeadlineKind>::size> deadlineNames{
    "tls", "head", "body", "idle", "handshake", "answer", "close", "linger", "pong", "slow_reader"};
constexpr std::array<const char *, CounterSet<DropReason>::size> dropNames{"expired", "oldest", "slow"};
constexpr std::array<const char *, CounterSet<CloseKind>::size> closeNames{
    "1000", "1001", "1002", "1003", "1005", "1006", "1007", "1008",
    "1009", "1011", "1012", "1013", "3xxx", "4xxx", "other"};
constexpr std::array<const char *, CounterSet<AppendResult>::size> appendNames{
    "written", "repeated", "conflict", "refused", "unknown"};
constexpr std::array<const char *, CounterSet<CallResult>::size> callNames{"answered", "timed_out", "refused",
                                                                           "too_large", "not_sent"};
constexpr std::array<std::pair<const char *, const char *>, CounterSet<LimitKind>::size> limitNames{{
    {"address", "connections"},
    {"address", "connection_rate"},
    {"address", "requests"},
    {"address", "reservations"},
    {"address", "messages"},
    {"gateway", "sockets"},
    {"gateway", "sockets_per_address"},
    {"gateway", "reservations"},
    {"gateway", "messages"},
    {"socket", "messages"},
}};

/// The families of one page, in the order in which they are added.
class Page
{
public:
    explicit Page(const std::vector<const WorkerMetrics *> &workers) : m_workers(workers) {}

    void begin(const char *name, const char *help, MetricType type)
    {
        m_families.push_back(MetricFamily{name, help, type, {}});
    }
    void add(Labels labels, uint64_t value)
    {
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        metric.counter.value = double(value);
        metric.gauge.value = double(value);
        m_families.back().metric.push_back(std::move(metric));
    }
    void one(const char *name, const char *help, MetricType type, uint64_t value)
    {
        begin(name, help, type);
        add({}, value);
    }
    template <typename Kind, typename LabelsOf>
    void oneSet(const char *name, const char *help, const CounterSet<Kind> &counters, LabelsOf labelsOf)
    {
        begin(name, help, MetricType::Counter);
        for (size_t kind = 0; kind < CounterSet<Kind>::size; ++kind)
            add(labelsOf(kind), counters[Kind(kind)].value());
    }
    /// In seconds.
    void histogram(const char *name, const char *help, const Histogram &histogram)
    {
        begin(name, help, MetricType::Histogram);
        prometheus::ClientMetric metric;
        uint64_t count = 0;
        for (size_t i = 0; i < Histogram::bounds.size(); ++i) {
            count += histogram.countOf(i);
            metric.histogram.bucket.push_back({count, double(Histogram::bounds[i]) / 1e6});
        }
        metric.histogram.sample_count = count + histogram.countOf(Histogram::bounds.size());
        metric.histogram.sample_sum = std::chrono::duration<double>(histogram.sum()).count();
        m_families.back().metric.push_back(std::move(metric));
    }
    void single(const char *name, const char *help, MetricType type,
                const std::function<uint64_t(const WorkerMetrics &)> &value)
    {
        begin(name, help, type);
        add({}, sum(value));
    }
    template <typename Kind, typename LabelsOf>
    void set(const char *name, const char *help, CounterSet<Kind> WorkerMetrics::*counters, LabelsOf labelsOf)
    {
        begin(name, help, MetricType::Counter);
        for (size_t kind = 0; kind < CounterSet<Kind>::size; ++kind)
            add(labelsOf(kind),
                sum([&](const WorkerMetrics &worker) { return (worker.*counters)[Kind(kind)].value(); }));
    }
    uint64_t sum(const std::function<uint64_t(const WorkerMetrics &)> &value) const
    {
        uint64_t total = 0;
        for (const WorkerMetrics *worker : m_workers)
            total += value(*worker);
        return total;
    }
    std::string text() const { return prometheus::TextSerializer().Serialize(m_families); }

private:
    const std::vector<const WorkerMetrics *> &m_workers;
    std::vector<MetricFamily> m_families;
};

template <size_t Size>
auto named(const char *label, const std::array<const char *, Size> &names)
{
    return [label, &names](size_t kind) { return Labels{{label, names[kind]}}; };
}

struct GatewaySums
{
    uint64_t messages = 0;
    uint64_t deliveries = 0;
    uint64_t opened = 0;
    uint64_t closed = 0;
    uint64_t slowClosed = 0;
    uint64_t slowDropped = 0;
    uint64_t eventsSent = 0;
    uint64_t eventAttemptsFailed = 0;
    uint64_t eventsGivenUp = 0;
    uint64_t eventsDropped = 0;
    uint64_t eventsFolded = 0;
    uint64_t eventsQueued = 0;
    uint64_t eventsOff = 0;
};

void addEvents(GatewaySums &sum, const GatewayCounters &counters)
{
    sum.eventsSent += counters.eventsSent.value();
    sum.eventAttemptsFailed += counters.eventAttemptsFailed.value();
    sum.eventsGivenUp += counters.eventsGivenUp.value();
    sum.eventsDropped += counters.eventsDropped.value();
    sum.eventsFolded += counters.eventsFolded.value();
    sum.eventsQueued += counters.eventsQueued.value();
    sum.eventsOff += counters.eventsOff.value();
}

std::map<std::string, GatewaySums> gatewaySums(const std::vector<const WorkerMetrics *> &workers)
{
    std::map<std::string, GatewaySums> sums;
    for (const WorkerMetrics *worker : workers) {
        for (const auto &[id, counters] : worker->gateways()) {
            GatewaySums &sum = sums[id];
            sum.messages += counters->messages.value();
            sum.deliveries += counters->deliveries.value();
            sum.closed += counters->socketsClosed.value(); // before those that opened, so that it is not more
            sum.opened += counters->socketsOpened.value();
            sum.slowClosed += counters->slowClosed.value();
            sum.slowDropped += counters->slowDropped.value();
            addEvents(sum, *counters);
        }
    }
    return sums;
}

void addGateways(Page &page, const std::map<std::string, GatewaySums> &gateways)
{
    const auto family = [&](const char *name, const char *help, MetricType type, auto value) {
        page.begin(name, help, type);
        for (const auto &[id, sums] : gateways)
            page.add({{"gateway", id}}, value(sums));
    };
    family("mws_messages_accepted_total", "Messages that were accepted.", MetricType::Counter,
           [](const GatewaySums &sums) { return sums.messages; });
    family("mws_deliveries_total", "Messages that were put into the queues of sockets.", MetricType::Counter,
           [](const GatewaySums &sums) { return sums.deliveries; });
    family("mws_sockets_opened_total", "WebSockets that opened.", MetricType::Counter,
           [](const GatewaySums &sums) { return sums.opened; });
    family("mws_sockets_open", "WebSockets that are open.", MetricType::Gauge,
           [](const GatewaySums &sums) { return sums.opened - sums.closed; });
    page.begin(
        "mws_slow_readers_total",
        "Sockets closed (action closed) and messages dropped (action dropped_message) for clients that read "
        "too slowly.",
        MetricType::Counter);
    for (const auto &[id, sums] : gateways) {
        page.add({{"gateway", id}, {"action", "closed"}}, sums.slowClosed);
        page.add({{"gateway", id}, {"action", "dropped_message"}}, sums.slowDropped);
    }
}

void addEventFamilies(Page &page, const std::map<std::string, GatewaySums> &gateways)
{
    page.begin(
        "mws_events_total",
        "Events for backends by what became of them: accepted (sent), not accepted in time (given_up), "
        "not kept (dropped), undone by a reconnect (folded).",
        MetricType::Counter);
    for (const auto &[id, sums] : gateways) {
        page.add({{"gateway", id}, {"result", "sent"}}, sums.eventsSent);
        page.add({{"gateway", id}, {"result", "given_up"}}, sums.eventsGivenUp);
        page.add({{"gateway", id}, {"result", "dropped"}}, sums.eventsDropped);
        page.add({{"gateway", id}, {"result", "folded"}}, sums.eventsFolded);
    }
    const auto family = [&](const char *name, const char *help, MetricType type,
                            uint64_t GatewaySums::*value) {
        page.begin(name, help, type);
        for (const auto &[id, sums] : gateways)
            page.add({{"gateway", id}}, sums.*value);
    };
    family("mws_event_attempts_failed_total", "Attempts to send an event that the backend did not accept.",
           MetricType::Counter, &GatewaySums::eventAttemptsFailed);
    family("mws_events_queued", "Events that wait to be accepted by the backend.", MetricType::Gauge,
           &GatewaySums::eventsQueued);
    family("mws_event_url_off", "1 where the event URL answered 410 and is not used any more.",
           MetricType::Gauge, &GatewaySums::eventsOff);
}

void addConnections(Page &page)
{
    page.single("mws_connections_accepted_total", "Connections that were accepted.", MetricType::Counter,
                [](const WorkerMetrics &worker) { return worker.connectionsAccepted.value(); });
    const uint64_t closed =
        page.sum([](const WorkerMetrics &worker) { return worker.connectionsClosed.value(); });
    const uint64_t accepted =
        page.sum([](const WorkerMetrics &worker) { return worker.connectionsAccepted.value(); });
    page.begin("mws_connections_open", "Connections that are open, WebSockets among them.",
               MetricType::Gauge);
    page.add({}, accepted - closed);
    page.single("mws_http_requests_total", "HTTP requests that were handed to a route.", MetricType::Counter,
                [](const WorkerMetrics &worker) { return worker.requests.value(); });
    page.single("mws_queued_bytes", "Memory that the queues of WebSockets hold.", MetricType::Gauge,
                [](const WorkerMetrics &worker) { return worker.queuedBytes.value(); });
}

void addBroker(Page &page, const BrokerMetrics &broker)
{
    page.one("mws_broker_up", "1 where the broker can be reached and takes messages.", MetricType::Gauge,
             broker.up.value());
    page.one("mws_broker_reconnects_total", "How often the broker could be reached again.",
             MetricType::Counter, broker.reconnects.value());
    page.oneSet("mws_broker_appends_total", "Messages that were given to the broker, by its answer.",
                broker.appends, named("outcome", appendNames));
    page.histogram("mws_broker_append_seconds", "How long a message took until the broker had it.",
                   broker.appendTime);
    page.one("mws_broker_entries_read_total",
             "Messages that were read from the broker, this node's own among them.", MetricType::Counter,
             broker.entriesRead.value());
    page.one("mws_broker_messages_missed_total",
             "How often all sockets of a gateway were closed, as messages had been missed.",
             MetricType::Counter, broker.messagesMissed.value());
    page.oneSet("mws_node_calls_total", "Questions to other nodes, by what became of them.", broker.calls,
                named("outcome", callNames));
    page.one("mws_node_calls_executed_total", "Questions of other nodes that were executed.",
             MetricType::Counter, broker.callsExecuted.value());
}

} // namespace

std::string metricsPage(const std::vector<const WorkerMetrics *> &workers, const BrokerMetrics *broker)
{
    Page page(workers);
    addConnections(page);
    page.set("mws_handshakes_total", "WebSocket handshakes by their result.", &WorkerMetrics::handshakes,
             named("result", handshakeNames));
    const std::map<std::string, GatewaySums> gateways = gatewaySums(workers);
    addGateways(page, gateways);
    addEventFamilies(page, gateways);
    page.set(
        "mws_frames_dropped_total",
        "Queued frames that were not sent: their ttl was over, policy dropOldest made room, or the socket "
        "was closed as a slow reader.",
        &WorkerMetrics::drops, named("reason", dropNames));
    page.set("mws_rate_limited_total", "What limits refused: by whose limit, and of what.",
             &WorkerMetrics::limited, [](size_t kind) {
                 return Labels{{"scope", limitNames[kind].first}, {"limit", limitNames[kind].second}};
             });
    page.set("mws_deadlines_total", "Connections that ended because a time was over.",
             &WorkerMetrics::deadlines, named("deadline", deadlineNames));
    page.set("mws_socket_closes_total", "WebSocket sessions that ended, by close code.",
             &WorkerMetrics::closes, named("code", closeNames));
    if (broker)
        addBroker(page, *broker);
    return page.text();
}

} // namespace mws
