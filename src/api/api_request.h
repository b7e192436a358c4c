#pragma once

#include "limit/ip_address.h"

#include <functional>
#include <string>
#include <string_view>

namespace mws {

/// One HTTP request, whole and vetted, as the handlers see it: they know no HTTP server. All views live as
/// long as the call of the handler, not longer.
struct ApiRequest
{
    std::string_view method;    ///< e.g. `GET`
    std::string_view path;      ///< as on the wire, e.g. `/v1/messages`
    std::string_view query;     ///< after `?`, as on the wire
    std::string_view body;      ///< whole and bounded
    IpAddress peer;             ///< who is connected: the client, or a proxy
    std::string_view gatewayId; ///< of the path; empty: the path is that of the default gateway
    std::string_view id;        ///< of the socket in the path, or a file's name, if the route has one
    std::string_view requestId; ///< as it is answered and logged; Api fills it in
    /// A header field's value by its name, without regard to case; empty if there is none.
    std::function<std::string(std::string_view)> header;
};

} // namespace mws
