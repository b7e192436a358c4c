#pragma once

#include "mws/base/error.h"
#include "protocol/request_parser.h"

#include <QByteArray>
#include <string>
#include <string_view>

namespace mws {

/// The request as QHttpServer is to see it: origin-form, HTTP/1.1, one Host, a Content-Length that is true,
/// and no field that speaks of the connection (RFC 9110 §7.6.1) or that it would act upon.
QByteArray writeRequest(const RequestHead &head, std::string_view body);

/// A handshake that QWebSocketServer accepts, with `privateId` as its resource, by which its QWebSocket is
/// known.
QByteArray writeHandshake(std::string_view key, uint64_t privateId);

/// The answer to a request that is refused before any handler sees it; it ends the connection. `headOnly`:
/// the request was HEAD, whose answer has no content (RFC 9110 §9.3.2).
std::string writeRefusal(const Error &error, std::string_view requestId, bool headOnly = false);

} // namespace mws
