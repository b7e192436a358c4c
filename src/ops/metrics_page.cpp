#include "ops/metrics_page.h"

#include "ops/metric_families.h"

#include <QtGlobal>
#include <functional>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <string_view>
#include <utility>

namespace mws {

namespace {

using Labels = std::vector<std::string>; ///< values, in the order of the family's labels

prometheus::MetricType typeOf(MetricKind kind)
{
    switch (kind) {
    case MetricKind::Counter:
        return prometheus::MetricType::Counter;
    case MetricKind::Gauge:
        return prometheus::MetricType::Gauge;
    case MetricKind::Histogram:
        break;
    }
    return prometheus::MetricType::Histogram;
}

/// The families of one page, in the order in which they are added.
class Page
{
public:
    explicit Page(std::vector<const WorkerMetrics *> workers) : m_workers(std::move(workers)) {}

    void begin(Family family)
    {
        const MetricFamily &row = metricFamily(family);
        m_row = &row;
        m_families.push_back({std::string(row.name), std::string(row.help), typeOf(row.kind), {}});
    }
    void add(const Labels &labels, double value)
    {
        prometheus::ClientMetric &metric = addMetric(labels);
        metric.counter.value = value;
        metric.gauge.value = value;
    }
    void one(Family family, double value)
    {
        begin(family);
        add({}, value);
    }
    void one(Family family, const std::function<uint64_t(const WorkerMetrics &)> &value)
    {
        one(family, double(sum(value)));
    }
    /// One sample for each kind; its labels are those of the table.
    template <typename Kind>
    void set(Family family, const std::function<uint64_t(Kind)> &value)
    {
        begin(family);
        for (size_t kind = 0; kind < CounterSet<Kind>::size; ++kind) {
            Labels labels;
            for (size_t i = 0; i < m_row->labels.size() && !m_row->labels[i].name.empty(); ++i)
                labels.emplace_back(labelValue(family, i, kind));
            add(labels, double(value(Kind(kind))));
        }
    }
    template <typename Kind>
    void set(Family family, CounterSet<Kind> WorkerMetrics::*counters)
    {
        set<Kind>(family, [&](Kind kind) {
            return sum([&](const WorkerMetrics &worker) { return (worker.*counters)[kind].value(); });
        });
    }
    /// In seconds; of several together.
    void addHistogram(const Labels &labels, const std::vector<const Histogram *> &parts)
    {
        prometheus::ClientMetric &metric = addMetric(labels);
        uint64_t count = 0;
        double seconds = 0;
        for (size_t i = 0; i <= Histogram::bounds.size(); ++i) {
            for (const Histogram *part : parts)
                count += part->countOf(i);
            if (i < Histogram::bounds.size())
                metric.histogram.bucket.push_back({count, double(Histogram::bounds[i]) / 1e6});
        }
        for (const Histogram *part : parts)
            seconds += std::chrono::duration<double>(part->sum()).count();
        metric.histogram.sample_count = count;
        metric.histogram.sample_sum = seconds;
    }
    uint64_t sum(const std::function<uint64_t(const WorkerMetrics &)> &value) const
    {
        uint64_t total = 0;
        for (const WorkerMetrics *worker : m_workers)
            total += value(*worker);
        return total;
    }
    const std::vector<const WorkerMetrics *> &workers() const { return m_workers; }
    std::string text() const { return prometheus::TextSerializer().Serialize(m_families); }

private:
    prometheus::ClientMetric &addMetric(const Labels &labels)
    {
        prometheus::ClientMetric &metric = m_families.back().metric.emplace_back();
        for (size_t i = 0; i < labels.size(); ++i)
            metric.label.push_back({std::string(m_row->labels[i].name), labels[i]});
        return metric;
    }

    const std::vector<const WorkerMetrics *> m_workers;
    const MetricFamily *m_row = nullptr;
    std::vector<prometheus::MetricFamily> m_families;
};

void addConnections(Page &page)
{
    page.one(Family::ConnectionsAccepted,
             [](const WorkerMetrics &worker) { return worker.connectionsAccepted.value(); });
    // Closed ones first, so that they are not more.
    const uint64_t closed =
        page.sum([](const WorkerMetrics &worker) { return worker.connectionsClosed.value(); });
    const uint64_t accepted =
        page.sum([](const WorkerMetrics &worker) { return worker.connectionsAccepted.value(); });
    page.one(Family::ConnectionsOpen, double(accepted - closed));
}

/// What was never answered has no sample: there are many statuses for each route.
void addRequests(Page &page)
{
    using ByStatus = std::array<uint64_t, StatusCounters::statuses.size() + 1>;
    std::map<std::pair<std::string, std::string>, ByStatus> routes;
    const auto addTo = [](ByStatus &sums, const StatusCounters &counters) {
        for (size_t slot = 0; slot < sums.size(); ++slot)
            sums[slot] += counters.countOf(slot);
    };
    for (const WorkerMetrics *worker : page.workers()) {
        for (const auto &[name, counters] : worker->routes())
            addTo(routes[name], *counters);
        addTo(routes[{"GET", std::string(webSocketRoute)}], worker->webSockets);
        addTo(routes[{"any", std::string(refusedRoute)}], worker->refused);
    }
    page.one(Family::HttpRequestsReceived,
             [](const WorkerMetrics &worker) { return worker.requests.value(); });
    page.begin(Family::HttpRequests);
    for (const auto &[name, sums] : routes)
        for (size_t slot = 0; slot < sums.size(); ++slot)
            if (sums[slot] > 0)
                page.add({name.first, name.second,
                          slot < StatusCounters::statuses.size()
                              ? std::to_string(StatusCounters::statuses[slot])
                              : "other"},
                         double(sums[slot]));
}

void addGatewayFamily(Page &page, const GatewaySumsById &gateways, Family family, GatewayValue value)
{
    page.begin(family);
    for (const auto &[label, sums] : gateways)
        page.add({label}, double(sums[size_t(value)]));
}

void addDeliveries(Page &page, const GatewaySumsById &gateways)
{
    addGatewayFamily(page, gateways, Family::MessagesAccepted, GatewayValue::Messages);
    addGatewayFamily(page, gateways, Family::Deliveries, GatewayValue::Deliveries);
    page.begin(Family::DeliverySeconds);
    std::vector<const Histogram *> parts;
    for (const WorkerMetrics *worker : page.workers())
        parts.push_back(&worker->deliveryTime);
    page.addHistogram({}, parts);
    page.one(Family::QueuedBytes, [](const WorkerMetrics &worker) { return worker.queuedBytes.value(); });
    addGatewayFamily(page, gateways, Family::SlowReadersClosed, GatewayValue::SlowClosed);
    addGatewayFamily(page, gateways, Family::SlowReaderMessagesDropped, GatewayValue::SlowDropped);
    page.set(Family::FramesDropped, &WorkerMetrics::drops);
}

void addEvents(Page &page, const GatewaySumsById &gateways)
{
    constexpr std::array results{GatewayValue::EventsSent, GatewayValue::EventsGivenUp,
                                 GatewayValue::EventsDropped, GatewayValue::EventsFolded};
    page.begin(Family::Events);
    for (const auto &[label, sums] : gateways)
        for (size_t i = 0; i < results.size(); ++i)
            page.add({label, std::string(labelValue(Family::Events, 1, i))},
                     double(sums[size_t(results[i])]));
    addGatewayFamily(page, gateways, Family::EventAttemptsFailed, GatewayValue::EventAttemptsFailed);
    addGatewayFamily(page, gateways, Family::EventsQueued, GatewayValue::EventsQueued);
    addGatewayFamily(page, gateways, Family::EventUrlOff, GatewayValue::EventsOff);
}

void addLoops(Page &page, const std::vector<const WorkerMetrics *> &loops)
{
    page.begin(Family::LoopLagSeconds);
    for (size_t i = 0; i < loops.size(); ++i)
        page.addHistogram({std::to_string(i)}, {&loops[i]->loopLag});
}

void addBroker(Page &page, const BrokerMetrics &broker)
{
    page.one(Family::BrokerUp, double(broker.up.value()));
    page.one(Family::BrokerReconnects, double(broker.reconnects.value()));
    page.set<AppendResult>(Family::BrokerAppends,
                           [&](AppendResult kind) { return broker.appends[kind].value(); });
    page.begin(Family::BrokerAppendSeconds);
    page.addHistogram({}, {&broker.appendTime});
    page.one(Family::BrokerEntriesRead, double(broker.entriesRead.value()));
    page.one(Family::BrokerMessagesMissed, double(broker.messagesMissed.value()));
    page.set<CallResult>(Family::NodeCalls, [&](CallResult kind) { return broker.calls[kind].value(); });
    page.one(Family::NodeCallsExecuted, double(broker.callsExecuted.value()));
}

void addProcess(Page &page, const ProcessStatus &process)
{
    page.one(Family::ProcessCpuSeconds, process.cpuSeconds);
    page.one(Family::ProcessResidentMemory, double(process.residentBytes));
    page.one(Family::ProcessVirtualMemory, double(process.virtualBytes));
    page.one(Family::ProcessOpenFds, double(process.openDescriptors));
    page.one(Family::ProcessMaxFds, double(process.mostDescriptors));
    page.one(Family::ProcessStartTime, process.startedAt);
}

std::vector<const WorkerMetrics *> allOf(const MetricsSource &source)
{
    std::vector<const WorkerMetrics *> all = source.loops;
    all.insert(all.end(), source.others.begin(), source.others.end());
    return all;
}

void addConfig(Page &page, const ConfigMetrics &config)
{
    page.one(Family::ConfigReloadSuccessful, double(config.lastReloadSuccessful.value()));
    page.one(Family::ConfigReloadSuccessTime, double(config.lastReloadSuccess.value()));
}

} // namespace

std::string metricsPage(const MetricsSource &source, GatewayLabels &labels)
{
    Page page(allOf(source));
    page.begin(Family::BuildInfo);
    page.add({source.version, qVersion()}, 1);
    page.one(Family::Ready, source.ready ? 1 : 0);
    addConnections(page);
    addRequests(page);
    page.set(Family::Handshakes, &WorkerMetrics::handshakes);
    const GatewaySumsById gateways = labels.take(gatewaySums(page.workers()));
    addGatewayFamily(page, gateways, Family::SocketsOpened, GatewayValue::SocketsOpened);
    addGatewayFamily(page, gateways, Family::SocketsOpen, GatewayValue::SocketsOpen);
    page.set(Family::SocketCloses, &WorkerMetrics::closes);
    addDeliveries(page, gateways);
    page.set(Family::RateLimited, &WorkerMetrics::limited);
    page.set(Family::Deadlines, &WorkerMetrics::deadlines);
    addEvents(page, gateways);
    addLoops(page, source.loops);
    if (source.broker)
        addBroker(page, *source.broker);
    if (source.config)
        addConfig(page, *source.config);
    addProcess(page, source.process);
    return page.text();
}

} // namespace mws
