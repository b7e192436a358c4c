#include "mws/base/error.h"

#include <array>

namespace mws {

namespace {

constexpr std::array table{
    ErrorInfo{ErrorCode::BadRequest, 400, "BadRequest", "The request is not valid HTTP",
              "A line, a header field or a length that RFC 9112 does not allow, or plain HTTP on a TLS port",
              "Mend the request; the message names the field. The connection is closed"},
    ErrorInfo{ErrorCode::BadHandshake, 400, "BadHandshake", "The WebSocket handshake is not valid",
              "An upgrade without what RFC 6455 §4.2.1 asks for",
              "Use a WebSocket library; behind a proxy, have it hand on `Upgrade` and `Connection`"},
    ErrorInfo{ErrorCode::AuthenticationNeeded, 401, "AuthenticationNeeded", "Valid credentials are needed",
              "No `Authorization: Bearer …`, or a token that is not (or no longer) good for this call",
              "Send the token that the call needs; have the user log in again"},
    ErrorInfo{ErrorCode::InvalidToken, 401, "InvalidToken", "The token is missing, invalid, expired or spent",
              "The token in a socket's address is missing, malformed, expired, spent, revoked or in use",
              "Ask for a new URI: each opens one socket, once"},
    ErrorInfo{ErrorCode::AccessDenied, 403, "AccessDenied", "Access denied",
              "The user is known and lacks the permission; a gateway of the configuration file was to be "
              "deleted; or the backend refused the socket",
              "Do not repeat it; give the user the permission"},
    ErrorInfo{ErrorCode::OriginDenied, 403, "OriginDenied", "This origin is not allowed",
              "The page's `Origin` is not in the gateway's `allowedOrigins`",
              "Add the page's origin to the list"},
    ErrorInfo{ErrorCode::NotFound, 404, "NotFound", "Not found", "No such path, gateway, or open socket",
              "Check the address and the gateway's id; of a socket: it is closed"},
    ErrorInfo{ErrorCode::MethodNotAllowed, 405, "MethodNotAllowed", "This path does not take this method",
              "The path exists, for other methods", "Use a method that `Allow` lists"},
    ErrorInfo{ErrorCode::RequestTimeout, 408, "RequestTimeout", "The request did not arrive in time",
              "Head or body did not come within their deadlines",
              "Send again, without pauses; see `[http]` in the configuration"},
    ErrorInfo{ErrorCode::Conflict, 409, "Conflict", "It exists already", "A gateway with this id exists",
              "Choose another id, or leave `id` out"},
    ErrorInfo{ErrorCode::PayloadTooLarge, 413, "PayloadTooLarge", "The body is too large",
              "A body over the limit, or a message or configuration that does not fit into a cluster's entry",
              "Send less; the limit of bodies is `body_bytes`"},
    ErrorInfo{ErrorCode::UriTooLong, 414, "UriTooLong", "The request target is too long",
              "Path and query are longer than the limit", "Send a shorter query"},
    ErrorInfo{ErrorCode::UnsupportedEncoding, 415, "UnsupportedEncoding",
              "Only the identity content encoding is read", "`Content-Encoding` names gzip or another coding",
              "Send the body as it is"},
    ErrorInfo{ErrorCode::ExpectationFailed, 417, "ExpectationFailed", "Only Expect: 100-continue is known",
              "`Expect` asks for something else", "Leave `Expect` out"},
    ErrorInfo{ErrorCode::InvalidData, 422, "InvalidData", "The data is not valid",
              "Not JSON, or JSON of the wrong shape, or over a limit; `property` says where",
              "Mend what `property` names; the same again fails again"},
    ErrorInfo{ErrorCode::UpgradeRequired, 426, "UpgradeRequired", "Only WebSocket version 13 is spoken",
              "A socket's address was opened without an upgrade, or with another version",
              "Open it with a WebSocket library"},
    ErrorInfo{ErrorCode::TooManyRequests, 429, "TooManyRequests", "Too many requests",
              "A limit of rate, or of connections or sockets for one address, is reached",
              "Wait as long as `Retry-After` says, then send again"},
    ErrorInfo{ErrorCode::HeadTooLarge, 431, "HeadTooLarge", "The request head is too large",
              "Header fields too long or too many", "Send fewer or shorter ones, such as fewer cookies"},
    ErrorInfo{ErrorCode::Internal, 500, "Internal", "Internal error", "A fault of the gateway",
              "Send again later; report it with the answer's `X-Request-Id` and the log"},
    ErrorInfo{
        ErrorCode::NotImplemented, 501, "NotImplemented", "The transfer coding or the method is not known",
        "`Transfer-Encoding` names something other than chunked, or the method is longer than 32 characters",
        "Use the usual methods and codings"},
    ErrorInfo{ErrorCode::Unavailable, 503, "Unavailable", "Temporarily unavailable",
              "Something that it takes is away for the moment (identity provider, broker, state folder), a "
              "limit of sockets or reservations is reached, or the gateway is stopping",
              "Wait as long as `Retry-After` says, then send again"},
    ErrorInfo{ErrorCode::VersionNotSupported, 505, "VersionNotSupported",
              "Only HTTP/1.0 and HTTP/1.1 are spoken", "Another version of HTTP on the wire",
              "Use HTTP/1.1; let a proxy speak HTTP/2"},
};

constexpr bool rowsInOrder()
{
    for (size_t i = 0; i < table.size(); ++i)
        if (table[i].code != ErrorCode(i))
            return false;
    return table.size() == size_t(ErrorCode::VersionNotSupported) + 1;
}
static_assert(rowsInOrder(), "a row for each ErrorCode, in the enum's order");

} // namespace

const ErrorInfo &errorInfo(ErrorCode code)
{
    return table[size_t(code)];
}

std::span<const ErrorInfo> errorTable()
{
    return table;
}

} // namespace mws
