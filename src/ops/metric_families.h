#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace mws {

/// The families of the metrics page, in its order.
enum class Family {
    BuildInfo,
    Ready,
    ConnectionsAccepted,
    ConnectionsOpen,
    HttpRequestsReceived,
    HttpRequests,
    Handshakes,
    SocketsOpened,
    SocketsOpen,
    SocketCloses,
    MessagesAccepted,
    Deliveries,
    DeliverySeconds,
    QueuedBytes,
    SlowReadersClosed,
    SlowReaderMessagesDropped,
    FramesDropped,
    RateLimited,
    Deadlines,
    Events,
    EventAttemptsFailed,
    EventsQueued,
    EventUrlOff,
    LoopLagSeconds,
    BrokerUp,
    BrokerReconnects,
    BrokerAppends,
    BrokerAppendSeconds,
    BrokerEntriesRead,
    BrokerMessagesMissed,
    NodeCalls,
    NodeCallsExecuted,
    ConfigReloadSuccessful,
    ConfigReloadSuccessTime,
    ProcessCpuSeconds,
    ProcessResidentMemory,
    ProcessVirtualMemory,
    ProcessOpenFds,
    ProcessMaxFds,
    ProcessStartTime,
    Count
};

enum class MetricKind { Counter, Gauge, Histogram };

/// A label of a family, and its values where they are a fixed list.
struct MetricLabel
{
    std::string_view name = {};
    std::span<const std::string_view> values = {};
};

/// One row of the table that the page and its documentation are made from.
struct MetricFamily
{
    Family family;
    std::string_view name;
    MetricKind kind;
    std::string_view help; ///< one line, as Prometheus shows it
    std::array<MetricLabel, 3> labels = {};
    bool inClusterOnly = false;
};

const MetricFamily &metricFamily(Family family);
std::span<const MetricFamily> metricFamilies();

/// The value of label `index` of `family` for the kind of that number, e.g. a HandshakeResult.
std::string_view labelValue(Family family, size_t index, size_t kind);

/// The label under which gateways are summed up that have none of their own.
inline constexpr std::string_view otherGateways = "_other";

/// What stands as the route of requests that were not handed to one, as method `any`.
inline constexpr std::string_view refusedRoute = "refused";
inline constexpr std::string_view webSocketRoute = "websocket";

/// The table as Markdown, for the documentation.
std::string metricsTable();

} // namespace mws
