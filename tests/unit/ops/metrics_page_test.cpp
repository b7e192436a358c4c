#include "ops/metrics_page.h"

#include "ops/metric_families.h"

#include <QtGlobal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sstream>

namespace mws {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string pageOf(const MetricsSource &source)
{
    GatewayLabels labels(100);
    return metricsPage(source, labels);
}

std::string pageOf(const WorkerMetrics &one, const WorkerMetrics &other)
{
    return pageOf(MetricsSource{.loops = {&one}, .others = {&other}});
}

std::string pageOf(const WorkerMetrics &one, const BrokerMetrics *broker)
{
    return pageOf(MetricsSource{.loops = {&one}, .broker = broker});
}

} // namespace

TEST(MetricsPage, AddsUpTheWorkers)
{
    WorkerMetrics one;
    WorkerMetrics other;
    one.connectionsAccepted.add(5);
    other.connectionsAccepted.add(2);
    other.connectionsClosed.add(3);
    one.queuedBytes.set(1000);
    other.queuedBytes.set(24);
    const std::string page = pageOf(one, other);
    EXPECT_THAT(
        page, HasSubstr("# TYPE mws_connections_accepted_total counter\nmws_connections_accepted_total 7\n"));
    EXPECT_THAT(page, HasSubstr("# TYPE mws_connections_open gauge\nmws_connections_open 4\n"));
    EXPECT_THAT(page, HasSubstr("mws_queued_bytes 1024\n"));
}

TEST(MetricsPage, NamesEveryKind)
{
    WorkerMetrics one;
    const WorkerMetrics other;
    one.handshakes[HandshakeResult::Limited].add(1);
    one.limited[LimitKind::AddressConnectionRate].add(2);
    one.limited[LimitKind::SocketMessages].add(3);
    one.deadlines[DeadlineKind::SlowReader].add(4);
    one.drops[DropReason::Oldest].add(5);
    one.closes[closeKind(1013)].add(6);
    one.closes[closeKind(4711)].add(7);
    one.closes[closeKind(1010)].add(8);
    const std::string page = pageOf(one, other);
    EXPECT_THAT(page, HasSubstr("mws_handshakes_total{result=\"limited\"} 1\n"));
    EXPECT_THAT(page, HasSubstr("mws_rate_limited_total{scope=\"address\",limit=\"connection_rate\"} 2\n"));
    EXPECT_THAT(page, HasSubstr("mws_rate_limited_total{scope=\"socket\",limit=\"messages\"} 3\n"));
    EXPECT_THAT(page, HasSubstr("mws_deadlines_total{deadline=\"slow_reader\"} 4\n"));
    EXPECT_THAT(page, HasSubstr("mws_frames_dropped_total{reason=\"oldest\"} 5\n"));
    EXPECT_THAT(page, HasSubstr("mws_socket_closes_total{code=\"1013\"} 6\n"));
    EXPECT_THAT(page, HasSubstr("mws_socket_closes_total{code=\"4xxx\"} 7\n"));
    EXPECT_THAT(page, HasSubstr("mws_socket_closes_total{code=\"other\"} 8\n"));
}

TEST(MetricsPage, ShowsEachGatewayAndForgetsARemovedOne)
{
    WorkerMetrics one;
    WorkerMetrics other;
    one.gateway("default")->messages.add(2);
    other.gateway("default")->messages.add(3);
    other.gateway("players")->socketsOpened.add(4);
    other.gateway("players")->socketsClosed.add(1);
    one.gateway("default")->slowClosed.add(9);
    EXPECT_THAT(pageOf(one, other), HasSubstr("mws_messages_accepted_total{gateway=\"default\"} 5\n"));
    EXPECT_THAT(pageOf(one, other), HasSubstr("mws_sockets_open{gateway=\"players\"} 3\n"));
    EXPECT_THAT(pageOf(one, other), HasSubstr("mws_slow_readers_closed_total{gateway=\"default\"} 9\n"));
    other.gateway("default")->eventsSent.add(2);
    other.gateway("default")->eventAttemptsFailed.add(3);
    other.gateway("default")->eventsGivenUp.add(4);
    other.gateway("default")->eventsDropped.add(5);
    other.gateway("default")->eventsFolded.add(6);
    other.gateway("default")->eventsQueued.set(7);
    other.gateway("default")->eventsOff.set(1);
    for (const char *line :
         {"mws_events_total{gateway=\"default\",result=\"sent\"} 2\n",
          "mws_event_attempts_failed_total{gateway=\"default\"} 3\n",
          "mws_events_total{gateway=\"default\",result=\"given_up\"} 4\n",
          "mws_events_total{gateway=\"default\",result=\"dropped\"} 5\n",
          "mws_events_total{gateway=\"default\",result=\"folded\"} 6\n",
          "mws_events_queued{gateway=\"default\"} 7\n", "mws_event_url_off{gateway=\"default\"} 1\n"})
        EXPECT_THAT(pageOf(one, other), HasSubstr(line));
    other.forgetGateway("players");
    EXPECT_THAT(pageOf(one, other), Not(HasSubstr("players")));
}

TEST(MetricsPage, TellsOfTheBrokerWhereThereIsOne)
{
    const WorkerMetrics one;
    BrokerMetrics broker;
    broker.up.set(1);
    broker.reconnects.add(2);
    broker.appends[AppendResult::Written].add(3);
    broker.appends[AppendResult::Unknown].add(4);
    broker.entriesRead.add(5);
    broker.messagesMissed.add(6);
    broker.calls[CallResult::Answered].add(7);
    broker.calls[CallResult::NotSent].add(8);
    broker.callsExecuted.add(9);
    const std::string page = pageOf(one, &broker);
    for (const char *line :
         {"mws_broker_up 1\n", "mws_broker_reconnects_total 2\n",
          "mws_broker_appends_total{result=\"written\"} 3\n",
          "mws_broker_appends_total{result=\"unknown\"} 4\n", "mws_broker_entries_read_total 5\n",
          "mws_broker_messages_missed_total 6\n", "mws_node_calls_total{result=\"answered\"} 7\n",
          "mws_node_calls_total{result=\"not_sent\"} 8\n", "mws_node_calls_executed_total 9\n"})
        EXPECT_THAT(page, HasSubstr(line));
    EXPECT_THAT(pageOf(one, nullptr), Not(HasSubstr("mws_broker")));
}

TEST(MetricsPage, HistogramCountsWhatIsNotLonger)
{
    const WorkerMetrics one;
    BrokerMetrics broker;
    for (const int micros : {0, 50, 51, 500, 501, 5000000, 5000001})
        broker.appendTime.add(std::chrono::microseconds(micros));
    const std::string page = pageOf(one, &broker);
    EXPECT_THAT(page, HasSubstr("# TYPE mws_broker_append_duration_seconds histogram\n"));
    for (const char *line : {"_bucket{le=\"5e-05\"} 2\n", "_bucket{le=\"0.0001\"} 3\n",
                             "_bucket{le=\"0.0005\"} 4\n", "_bucket{le=\"1\"} 5\n", "_bucket{le=\"5\"} 6\n",
                             "_bucket{le=\"+Inf\"} 7\n", "_count 7\n", "_sum 10.001103\n"})
        EXPECT_THAT(page, HasSubstr(std::string("mws_broker_append_duration_seconds") + line));
}

TEST(MetricsPage, IsInPrometheusTextFormat)
{
    WorkerMetrics one;
    one.gateway("default");
    BrokerMetrics broker;
    broker.appendTime.add(std::chrono::microseconds(700));
    one.route("GET", "/")->add(200);
    std::istringstream lines(pageOf(one, &broker));
    const std::regex sample(
        R"re(((mws|process)_[a-z_]+)(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.]+)re");
    const std::regex comment(
        R"(# (HELP (mws|process)_[a-z_]+ \S.*\.|TYPE (mws|process)_[a-z_]+ (counter|gauge|histogram)))");
    std::set<std::string> seen;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_TRUE(std::regex_match(line, line.starts_with('#') ? comment : sample)) << line;
        EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second || line.starts_with('#'))
            << "twice: " << line;
        if (line.starts_with("# TYPE") && line.ends_with("counter")) {
            EXPECT_THAT(line, HasSubstr("_total counter"));
        }
    }
    EXPECT_GT(seen.size(), 50u);
}

TEST(MetricsPage, CountsRequestsByRouteAndStatus)
{
    WorkerMetrics one;
    WorkerMetrics other;
    const std::string route = "/v1/gateways/{gateway}/messages";
    one.route("POST", route)->add(201);
    other.route("POST", route)->add(201);
    other.route("POST", route)->add(422);
    one.route("any", "unknown")->add(404);
    one.refused.add(431);
    one.refused.add(418);
    other.webSockets.add(101);
    const std::string page = pageOf(one, other);
    for (const char *labels : {R"({method="POST",route="/v1/gateways/{gateway}/messages",status="201"} 2)",
                               R"({method="POST",route="/v1/gateways/{gateway}/messages",status="422"} 1)",
                               R"({method="any",route="unknown",status="404"} 1)",
                               R"({method="any",route="refused",status="431"} 1)",
                               R"({method="any",route="refused",status="other"} 1)",
                               R"({method="GET",route="websocket",status="101"} 1)"})
        EXPECT_THAT(page, HasSubstr(std::string("\nmws_http_requests_total") + labels + '\n'));
    EXPECT_THAT(page, Not(HasSubstr(R"(status="500")"))) << "what was never answered has no sample";
}

TEST(MetricsPage, TimesDeliveriesOfAllWorkersAndEachLoop)
{
    WorkerMetrics one;
    WorkerMetrics other;
    one.deliveryTime.add(std::chrono::microseconds(60));
    other.deliveryTime.add(std::chrono::microseconds(70));
    other.loopLag.add(std::chrono::milliseconds(30));
    const std::string page = pageOf(MetricsSource{.loops = {&one, &other}});
    EXPECT_THAT(page, HasSubstr("mws_delivery_duration_seconds_count 2\n"));
    EXPECT_THAT(page, HasSubstr("mws_event_loop_lag_seconds_count{worker=\"0\"} 0\n"));
    EXPECT_THAT(page, HasSubstr("mws_event_loop_lag_seconds_count{worker=\"1\"} 1\n"));
    EXPECT_THAT(page, HasSubstr("mws_event_loop_lag_seconds_bucket{worker=\"1\",le=\"0.05\"} 1\n"));
}

TEST(MetricsPage, SaysWhatRunsAndHowTheProcessDoes)
{
    const WorkerMetrics one;
    ProcessStatus process{1.5, 4096, 8192, 7, 1024, 1700000000.25};
    const std::string page =
        pageOf(MetricsSource{.loops = {&one}, .ready = true, .version = "1.2.3", .process = process});
    EXPECT_THAT(page,
                HasSubstr("mws_build_info{version=\"1.2.3\",qt=\"" + std::string(qVersion()) + "\"} 1\n"));
    for (const char *line :
         {"mws_ready 1\n", "process_cpu_seconds_total 1.5\n", "process_resident_memory_bytes 4096\n",
          "process_virtual_memory_bytes 8192\n", "process_open_fds 7\n", "process_max_fds 1024\n",
          "process_start_time_seconds 1700000000.25\n"})
        EXPECT_THAT(page, HasSubstr(line));
}

TEST(MetricsPage, HasEveryFamilyOfTheTable)
{
    WorkerMetrics one;
    one.gateway("default");
    one.refused.add(400);
    const BrokerMetrics broker;
    const ConfigMetrics config;
    const std::string page = pageOf(MetricsSource{.loops = {&one}, .broker = &broker, .config = &config});
    const std::string table = metricsTable();
    for (const MetricFamily &family : metricFamilies()) {
        EXPECT_THAT(page, HasSubstr("# TYPE " + std::string(family.name) + ' '));
        EXPECT_THAT(page, HasSubstr("# HELP " + std::string(family.name) + ' ' + std::string(family.help)));
        EXPECT_THAT(table, HasSubstr("| `" + std::string(family.name) + "` | "));
        for (const MetricLabel &label : family.labels)
            EXPECT_THAT(page, HasSubstr(label.name.empty() ? "" : std::string(label.name) + "=\""));
    }
}

} // namespace mws
