#pragma once

#include "mws/base/clock.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// One HTTP request, whole and vetted, as the handlers see it: they know no HTTP server. All views live as
/// long as the call of the handler, not longer.
struct ApiRequest
{
    std::string_view method;    ///< e.g. `GET`; a HEAD request is handed on as `GET`
    std::string_view path;      ///< as on the wire, e.g. `/v1/messages`
    std::string_view query;     ///< after `?`, as on the wire
    std::string_view body;      ///< whole and bounded
    std::string_view remote;    ///< the client's address
    std::string_view gatewayId; ///< of the path; empty: the default gateway
    std::string_view id;        ///< the last id in the path, if the route has one
    /// A header field's value by its name in lower case; empty if there is none.
    std::function<std::string_view(std::string_view)> header;
};

/// The value of `key` in a query string, percent-decoded; `+` is a space. Nothing if it is absent. The first
/// one counts.
std::optional<std::string> queryValue(std::string_view query, std::string_view key);

} // namespace mws
