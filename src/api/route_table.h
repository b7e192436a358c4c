#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mws {

/// Whom a call is for: the token that must be in `Authorization: Bearer …`. What passes a call also passes
/// those above it in this list, up to Anyone, but for a socket's own token.
enum class Caller {
    Anyone,             ///< no token is looked at
    SocketToken,        ///< that of an issued URI, in the query; a plain GET needs none
    OperatorTokenIfSet, ///< the operator's, where one is configured
    Reader,             ///< as the gateway's access control says, with the permission `read`
    Writer,             ///< the same with `write`
    SecurityToken,      ///< the gateway's, or the operator's
    OperatorToken,
};

/// Which paths a call has.
enum class RouteForm {
    Whole,    ///< `path` is all of it
    OfGateway ///< `path` is behind `/v1/` for the default gateway, and behind `/v1/gateways/{gateway}/`
};

/// A call of the API and whom it is for, as docs/paths.md has it.
struct RouteInfo
{
    std::string_view method;
    std::string_view path;
    RouteForm form;
    Caller caller;
    std::string_view purpose; ///< a few words for the documentation
};

/// Every call that Api can have, whatever the configuration leaves out.
std::span<const RouteInfo> routeTable();

/// The row of a route of Api; null: there is none, which is a fault.
const RouteInfo *findRoute(std::string_view method, std::string_view pattern);

/// docs/paths.md, without its first line.
std::string routesPage();

} // namespace mws
