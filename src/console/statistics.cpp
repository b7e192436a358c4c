#include "console/statistics.h"

#include "json/json_reader.h"

#include <map>

namespace mws {

namespace {

struct GatewayNumbers
{
    uint64_t opened = 0;
    uint64_t closed = 0;
    uint64_t messages = 0;
    uint64_t deliveries = 0;
    uint64_t slowClosed = 0;
    uint64_t slowDropped = 0;
};

struct NodeNumbers
{
    uint64_t accepted = 0;
    uint64_t closed = 0;
    uint64_t queuedBytes = 0;
    std::map<std::string, GatewayNumbers> gateways;
};

NodeNumbers sumOf(const std::vector<const WorkerMetrics *> &workers)
{
    NodeNumbers sum;
    for (const WorkerMetrics *worker : workers) {
        sum.closed += worker->connectionsClosed.value(); // before those accepted, so that it is not more
        sum.accepted += worker->connectionsAccepted.value();
        sum.queuedBytes += worker->queuedBytes.value();
        for (const auto &[id, counters] : worker->gateways()) {
            if (id.starts_with('_'))
                continue;
            GatewayNumbers &gateway = sum.gateways[id];
            gateway.closed += counters->socketsClosed.value();
            gateway.opened += counters->socketsOpened.value();
            gateway.messages += counters->messages.value();
            gateway.deliveries += counters->deliveries.value();
            gateway.slowClosed += counters->slowClosed.value();
            gateway.slowDropped += counters->slowDropped.value();
        }
    }
    return sum;
}

void append(std::string &out, std::string_view key, uint64_t value)
{
    out.append(out.back() == '{' ? "\"" : ",\"").append(key).append("\":").append(std::to_string(value));
}

} // namespace

std::string statisticsJson(const NodeStatus &node, const std::vector<const WorkerMetrics *> &workers,
                           const std::map<std::string, uint64_t, std::less<>> &queued, WallTime now)
{
    const NodeNumbers sum = sumOf(workers);
    std::string text = "{\"type\":\"statistics\",\"node\":";
    appendJsonString(text, node.id);
    append(text, "at",
           uint64_t(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count()));
    text.append(node.ready ? ",\"ready\":true" : ",\"ready\":false");
    append(text, "connections", sum.accepted - sum.closed);
    append(text, "queuedBytes", sum.queuedBytes);
    text.append(",\"gateways\":{");
    for (const auto &[id, gateway] : sum.gateways) {
        if (text.back() != '{')
            text.push_back(',');
        appendJsonString(text, id);
        text.append(":{");
        append(text, "sockets", gateway.opened - gateway.closed);
        append(text, "messages", gateway.messages);
        append(text, "deliveries", gateway.deliveries);
        const auto waiting = queued.find(id);
        append(text, "queuedBytes", waiting == queued.end() ? 0 : waiting->second);
        append(text, "slowClosed", gateway.slowClosed);
        append(text, "slowDropped", gateway.slowDropped);
        text.push_back('}');
    }
    text.append("}}");
    return text;
}

} // namespace mws
