#include "api/route_table.h"

#include <array>

namespace mws {

namespace {

constexpr std::string_view shortBase = "/v1/";
constexpr std::string_view longBase = "/v1/gateways/{gateway}/";

constexpr std::array table{
    RouteInfo{"GET", "/", RouteForm::Whole, Caller::SocketToken, "who answers; or a socket's handshake"},
    RouteInfo{"GET", "socket", RouteForm::OfGateway, Caller::SocketToken, "a socket's handshake"},
    RouteInfo{"GET", "websocket_uri", RouteForm::OfGateway, Caller::Reader, "issue a URI for a socket"},
    RouteInfo{"POST", "messages", RouteForm::OfGateway, Caller::Writer, "send a message"},
    RouteInfo{"POST", "messages:batch", RouteForm::OfGateway, Caller::Writer, "send many messages"},
    RouteInfo{"POST", "webhook_receivers/enginio", RouteForm::OfGateway, Caller::SecurityToken,
              "receive a webhook of Enginio"},
    RouteInfo{"POST", "sockets", RouteForm::OfGateway, Caller::SecurityToken, "reserve a socket"},
    RouteInfo{"GET", "sockets", RouteForm::OfGateway, Caller::SecurityToken, "list open sockets"},
    RouteInfo{"DELETE", "sockets", RouteForm::OfGateway, Caller::SecurityToken,
              "close sockets by tag, user or time"},
    RouteInfo{"GET", "sockets/{id}", RouteForm::OfGateway, Caller::SecurityToken, "show a socket"},
    RouteInfo{"DELETE", "sockets/{id}", RouteForm::OfGateway, Caller::SecurityToken, "close a socket"},
    RouteInfo{"PATCH", "sockets/{id}", RouteForm::OfGateway, Caller::SecurityToken, "change its tags"},
    RouteInfo{"GET", "configuration", RouteForm::OfGateway, Caller::SecurityToken, "show the configuration"},
    RouteInfo{"PUT", "configuration", RouteForm::OfGateway, Caller::SecurityToken, "change it"},
    RouteInfo{"GET", "/v1/gateways", RouteForm::Whole, Caller::OperatorToken, "list gateways"},
    RouteInfo{"POST", "/v1/gateways", RouteForm::Whole, Caller::OperatorToken, "make a gateway"},
    RouteInfo{"GET", "/v1/gateways/{gateway}", RouteForm::Whole, Caller::OperatorToken, "show a gateway"},
    RouteInfo{"DELETE", "/v1/gateways/{gateway}", RouteForm::Whole, Caller::OperatorToken, "remove it"},
    RouteInfo{"POST", "/v1/gateways/{gateway}/security_token", RouteForm::Whole, Caller::OperatorToken,
              "make it a new security token"},
    RouteInfo{"GET", "/console", RouteForm::Whole, Caller::Anyone, "the console, a page for the operator"},
    RouteInfo{"GET", "/console/{file}", RouteForm::Whole, Caller::Anyone, "a file of that page"},
    RouteInfo{"GET", "/v1/console", RouteForm::Whole, Caller::OperatorToken, "what that page needs to know"},
    RouteInfo{"POST", "/v1/console/socket", RouteForm::Whole, Caller::OperatorToken,
              "issue a URI for a socket with statistics"},
    RouteInfo{"GET", "/health/live", RouteForm::Whole, Caller::Anyone, "whether the process runs"},
    RouteInfo{"GET", "/health/ready", RouteForm::Whole, Caller::Anyone, "whether it takes requests"},
    RouteInfo{"GET", "/metrics", RouteForm::Whole, Caller::OperatorTokenIfSet, "metrics for Prometheus"},
};

std::string_view textOf(Caller caller)
{
    switch (caller) {
    case Caller::Anyone:
        return "–";
    case Caller::SocketToken:
        return "socket's, for a handshake";
    case Caller::OperatorTokenIfSet:
        return "operator, if one is set";
    case Caller::Reader:
        return "read";
    case Caller::Writer:
        return "write";
    case Caller::SecurityToken:
        return "security";
    case Caller::OperatorToken:
        return "operator";
    }
    return {};
}

void appendRow(std::string &page, const RouteInfo &route, std::string_view base)
{
    page.append("| ").append(route.method).append(" | `").append(base).append(route.path).append("` | ");
    page.append(textOf(route.caller)).append(" | ").append(route.purpose).append(" |\n");
}

} // namespace

std::span<const RouteInfo> routeTable()
{
    return table;
}

const RouteInfo *findRoute(std::string_view method, std::string_view pattern)
{
    for (const RouteInfo &route : table) {
        if (route.method != method)
            continue;
        const bool same = route.form == RouteForm::Whole
                              ? route.path == pattern
                              : pattern == std::string(shortBase).append(route.path) ||
                                    pattern == std::string(longBase).append(route.path);
        if (same)
            return &route;
    }
    return nullptr;
}

std::string routesPage()
{
    std::string page = R"(
# Paths

Every path, and the token that it needs in `Authorization: Bearer …`. A test calls each of them without a token, with a wrong one and
with each right one. [openapi.yaml](openapi.yaml) describes each call in full.

| token | who has it |
| --- | --- |
| – | no token is needed, and none is looked at |
| read | by the gateway's access control: `none`: no token is needed; `eds`, `jwt`: an access token of a user with the permission `read`; `custom`: nobody. The security token passes always |
| write | the same with the permission `write` |
| security | the gateway's security token (`SECURITY_TOKEN`); the operator's token passes as well |
| operator | the operator's token (`OPERATOR_TOKEN`); where none is set, these calls answer 401 |
| operator, if one is set | the same, but without a token where none is set |
| socket's, for a handshake | the token of an issued URI, in the query; none where the gateway has anonymous sockets. A plain GET needs none |

HEAD goes wherever GET does. OPTIONS of any path is a CORS preflight and needs no token.

| method | path | token | what it does |
| --- | --- | --- | --- |
)";
    for (const RouteInfo &route : table)
        appendRow(page, route, route.form == RouteForm::Whole ? "" : longBase);
    page += R"(
The same for the default gateway:

| method | path | token | what it does |
| --- | --- | --- | --- |
)";
    for (const RouteInfo &route : table)
        if (route.form == RouteForm::OfGateway)
            appendRow(page, route, shortBase);
    page += R"(
With `server.ops_port` set, `/metrics` is only on that port and needs no token there; `/health/live` and `/health/ready` are on both.
)";
    return page;
}

} // namespace mws
