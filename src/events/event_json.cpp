#include "events/event_json.h"

#include "base/iso_time.h"
#include "json/json_reader.h"

#include <QByteArray>
#include <algorithm>
#include <array>

namespace mws {

namespace {

constexpr std::array<std::string_view, 3> closedByNames{"client", "gateway", "network"}; // as ClosedBy

void appendText(std::string &out, std::string_view name, std::string_view text)
{
    out.append(",\"").append(name).append("\":");
    appendJsonString(out, text);
}

void appendNumber(std::string &out, std::string_view name, uint64_t number)
{
    out.append(",\"").append(name).append("\":").append(std::to_string(number));
}

/// What is told of a socket with each event.
void appendSocket(std::string &out, const SocketEvent &event)
{
    out += "\"id\":";
    appendJsonString(out, event.socket.view());
    appendText(out, "gateway", event.gateway->id);
    out += ",\"user\":";
    if (event.user.empty())
        out += "null";
    else
        appendJsonString(out, event.user);
    out += ",\"tags\":[";
    for (const Tag &tag : *event.tags) {
        if (out.back() != '[')
            out += ',';
        appendJsonString(out, tag);
    }
    out += ']';
    appendText(out, "remote", event.remote);
}

void appendEnd(std::string &out, const SocketEvent &event)
{
    const auto open = std::max(event.time - event.connectedAt, WallTime::duration(0));
    appendText(out, "connectedAt", isoTime(event.connectedAt));
    appendNumber(out, "duration",
                 uint64_t(std::chrono::duration_cast<std::chrono::milliseconds>(open).count()));
    appendNumber(out, "code", event.code);
    appendText(out, "reason", event.reason);
    appendText(out, "by", closedByNames[size_t(event.by)]);
    const SocketTraffic &traffic = event.traffic;
    out += ",\"received\":{\"messages\":" + std::to_string(traffic.messagesIn) +
           ",\"bytes\":" + std::to_string(traffic.bytesIn) + '}';
    out += ",\"sent\":{\"messages\":" + std::to_string(traffic.messagesOut) +
           ",\"bytes\":" + std::to_string(traffic.bytesOut) + '}';
}

void appendPayload(std::string &out, const SocketEvent &event)
{
    if (event.payloadType == PayloadType::Text) {
        appendText(out, "data", event.payload);
        return;
    }
    const QByteArray bytes =
        QByteArray::fromRawData(event.payload.data(), qsizetype(event.payload.size())).toBase64();
    out.append(",\"data\":\"").append(bytes.constData(), size_t(bytes.size()));
    out += "\",\"encoding\":\"base64\"";
}

} // namespace

std::string eventJson(const SocketEvent &event)
{
    std::string out = "{\"type\":\"socket.";
    out.append(nameOf(event.type)).append("\",\"timestamp\":\"").append(isoTime(event.time));
    out += "\",\"data\":{";
    appendSocket(out, event);
    if (event.type == EventType::Disconnected)
        appendEnd(out, event);
    if (event.type == EventType::Message)
        appendPayload(out, event);
    return out + "}}";
}

} // namespace mws
