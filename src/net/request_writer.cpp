#include "net/request_writer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>
#include <array>

namespace mws {

namespace {

constexpr std::string_view forwardedFor = "x-forwarded-for";

constexpr std::array<std::string_view, 11> droppedFields{
    "connection", "content-length", "transfer-encoding", "upgrade",          "expect",           "host",
    "te",         "trailer",        "keep-alive",        "proxy-connection", "content-encoding",
};

/// Where the error does not say.
constexpr std::chrono::seconds retryLater{5};

void append(QByteArray &out, std::string_view text)
{
    out.append(text.data(), qsizetype(text.size()));
}

/// QUrl gives up on characters that RFC 3986 does not allow; old clients send them.
void appendTarget(QByteArray &out, std::string_view target)
{
    if (target == "*")
        target = "/";               // OPTIONS * asks about the server as a whole
    if (target.starts_with("//")) { // QUrl would take what follows for a host, and the rest for the path
        append(out, "/%2F");
        target.remove_prefix(2);
    }
    static constexpr std::string_view unsafe = "\"<>\\^`{|}[]";
    static constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : target) {
        if (unsafe.find(c) == std::string_view::npos) {
            out.append(c);
        } else {
            out.append('%');
            out.append(digits[static_cast<unsigned char>(c) >> 4]);
            out.append(digits[static_cast<unsigned char>(c) & 15]);
        }
    }
}

/// A JSON string with its quotes.
std::string quoted(std::string_view text)
{
    const QJsonArray array{QString::fromUtf8(text.data(), qsizetype(text.size()))};
    const QByteArray json = QJsonDocument(array).toJson(QJsonDocument::Compact);
    return json.mid(1, json.size() - 2).toStdString();
}

std::string_view extraFields(int status)
{
    switch (status) {
    case 401:
        return "WWW-Authenticate: Bearer\r\n";
    case 405:
        return "Allow: GET\r\n";
    case 426:
        return "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    default:
        return "";
    }
}

} // namespace

QByteArray writeRequest(const RequestHead &head, std::string_view body)
{
    QByteArray out;
    out.reserve(qsizetype(512 + head.target.size() + body.size()));
    append(out, head.method);
    out.append(' ');
    appendTarget(out, head.target);
    append(out, " HTTP/1.1\r\nHost: ");
    append(out, head.host);
    append(out, "\r\n");
    size_t forwardedLeft = head.fieldCount(forwardedFor);
    for (const RequestHead::Field &field : head.fields) {
        // Only the nearest proxy's, so that all who look see the same one.
        if (forwardedLeft > 0 && equalsIgnoringCase(field.name, forwardedFor) && --forwardedLeft > 0)
            continue;
        const auto same = [&field](std::string_view name) { return equalsIgnoringCase(field.name, name); };
        if (std::any_of(droppedFields.begin(), droppedFields.end(), same))
            continue;
        append(out, field.name);
        append(out, ": ");
        append(out, field.value);
        append(out, "\r\n");
    }
    if (!body.empty()) {
        append(out, "Content-Length: ");
        out.append(QByteArray::number(qulonglong(body.size())));
        append(out, "\r\n");
    }
    append(out, "\r\n");
    append(out, body);
    return out;
}

QByteArray writeHandshake(std::string_view key, uint64_t privateId)
{
    QByteArray out;
    out.reserve(192);
    out.append("GET /").append(QByteArray::number(qulonglong(privateId)));
    out.append(" HTTP/1.1\r\nHost: gateway\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
    append(out, key);
    append(out, "\r\n\r\n");
    return out;
}

std::string writeRefusal(const Error &error, std::string_view requestId, bool headOnly)
{
    const ErrorInfo &info = errorInfo(error.code);
    const std::string body =
        "{\"error\":{\"reason\":" + quoted(info.reason) + ",\"message\":" + quoted(error.message()) + "}}";
    std::string out = "HTTP/1.1 " + std::to_string(info.httpStatus) + ' ';
    out += reasonPhrase(info.httpStatus);
    out +=
        "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " + std::to_string(body.size());
    out += info.httpStatus == 426 ? "\r\nConnection: close, Upgrade" : "\r\nConnection: close";
    out += "\r\nX-Request-Id: ";
    out += requestId;
    out += "\r\n";
    out += extraFields(info.httpStatus);
    if (info.httpStatus == 429 || info.httpStatus == 503) {
        const std::chrono::seconds wait = error.retryAfter.count() > 0 ? error.retryAfter : retryLater;
        out += "Retry-After: " + std::to_string(wait.count()) + "\r\n";
    }
    out += "\r\n";
    if (!headOnly)
        out += body;
    return out;
}

} // namespace mws
