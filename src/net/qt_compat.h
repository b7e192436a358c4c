#pragma once

#include <QHttpServer>
#include <QHttpServerRequest>
#include <QHttpServerResponder>
#include <QTcpServer>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
#include <QHttpHeaders>
#endif

/// What differs between the HTTP servers of Qt 6.4 and Qt 6.8, behind one face.
namespace mws::qt_compat {

#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
using ResponderArgument = QHttpServerResponder &;
#else
using ResponderArgument = QHttpServerResponder &&;
#endif

/// Requests that one FeedSocket serves: Qt 6.8 connects readyRead once more with each asynchronous answer.
inline constexpr int requestsPerConnection = QT_VERSION < QT_VERSION_CHECK(6, 5, 0) ? 1 << 30 : 64;

/// Calls `handler(const QHttpServerRequest &, std::shared_ptr<QHttpServerResponder>)` for what no route
/// takes.
template <typename Handler>
void setMissingHandler(QHttpServer &server, Handler handler)
{
    const auto missing = [handler](const QHttpServerRequest &request, ResponderArgument responder) {
        handler(request, std::make_shared<QHttpServerResponder>(std::move(responder)));
    };
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    server.setMissingHandler(&server, missing);
#else
    server.setMissingHandler(missing);
#endif
}

/// Makes `server` answer what comes in at `listener`, which outlives it and listens already.
inline void bind(QHttpServer &server, QTcpServer &listener)
{
    QObject *owner = listener.parent();
    server.bind(&listener); // makes itself the parent, and would delete it
    listener.setParent(owner);
}

/// Writes a whole answer, with Content-Length unless the status forbids one.
inline void writeAnswer(QHttpServerResponder &responder, int status, const std::string &body,
                        std::span<const std::pair<std::string, std::string>> headers)
{
    const auto code = QHttpServerResponder::StatusCode(status);
    const auto bytes = [](const std::string &text) {
        return QByteArray::fromRawData(text.data(), qsizetype(text.size()));
    };
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    QHttpHeaders fields;
    for (const auto &[name, value] : headers)
        fields.append(QLatin1StringView(bytes(name)), QLatin1StringView(bytes(value)));
    responder.write(QByteArray::fromStdString(body), fields, code); // adds Content-Length
#else
    responder.writeStatusLine(code);
    for (const auto &[name, value] : headers)
        responder.writeHeader(bytes(name), bytes(value));
    if (status != 204 && status != 304)
        responder.writeHeader("Content-Length", QByteArray::number(qsizetype(body.size())));
    responder.writeBody(bytes(body));
#endif
}

} // namespace mws::qt_compat
