#pragma once

#include "mws/base/result.h"
#include "protocol/request_parser.h"

#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// What a valid WebSocket handshake asks for. The views point into the request's bytes.
struct HandshakeRequest
{
    std::string_view key;                       ///< Sec-WebSocket-Key: base64 of 16 bytes
    std::vector<std::string_view> subprotocols; ///< as offered, in order
    std::string_view origin;                    ///< empty: none was sent
};

/// Checks an upgrade request against RFC 6455 §4.2.1: GET, HTTP/1.1, no body, one Host, one Sec-WebSocket-Key
/// of 16 bytes, Sec-WebSocket-Version 13, at most one Origin, subprotocols that are tokens and differ.
/// Errors: BadHandshake; UpgradeRequired for another version (the answer then names 13); MethodNotAllowed.
Result<HandshakeRequest> checkHandshake(const RequestHead &head);

} // namespace mws
