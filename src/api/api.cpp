#include "api/api.h"

#include "protocol/http_text.h"

#include "api/cors.h"
#include "api/rate_guard.h"
#include "mws/base/access_log.h"

#include <algorithm>

namespace mws {

namespace {

std::string_view takeSegment(std::string_view &path)
{
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    return segment;
}

/// Fills in the ids if `path` is of that pattern. What cannot be an id is no path that is known.
bool matchPath(std::string_view pattern, std::string_view path, ApiRequest &ids)
{
    if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/'))
        return false;
    while (!pattern.empty()) {
        const std::string_view expected = takeSegment(pattern);
        const std::string_view actual = takeSegment(path);
        if (expected == "{gateway}" && isGatewayId(actual))
            ids.gatewayId = actual;
        else if (expected == "{id}" && isGatewayId(actual)) // plain characters; the call looks closer
            ids.id = actual;
        else if (expected == "{file}") // the call knows which there are
            ids.id = actual;
        else if (expected != actual || expected.starts_with('{'))
            return false;
    }
    return path.empty();
}

constexpr std::string_view unknownLabel = "unknown";
constexpr std::string_view preflightLabel = "preflight";
constexpr std::string_view basePath = "/v1/";
constexpr std::string_view gatewayPath = "/v1/gateways/";

/// What follows the gateway in a path of one of addBase()'s, and the gateway's id, if the path has one.
std::string_view takeBase(std::string_view path, std::string_view &gatewayId)
{
    if (!path.starts_with(gatewayPath))
        return path.starts_with(basePath) ? path.substr(basePath.size()) : std::string_view();
    path.remove_prefix(gatewayPath.size());
    gatewayId = takeSegment(path);
    return isGatewayId(gatewayId) ? path : std::string_view();
}

/// As what a call of a gateway is counted: by the default gateway's short path it is the same call. `path` is
/// behind it.
std::string gatewayLabel(std::string_view path)
{
    return std::string(gatewayPath).append("{gateway}/").append(path);
}

} // namespace

Api::Api(ApiServices services)
    : m_services(std::move(services)),
      m_access(m_services),
      m_messages(m_services, m_access),
      m_sockets(m_services, m_access),
      m_gateways(m_services, m_access),
      m_service(m_services, m_access),
      m_console(m_services, m_access, m_sockets)
{
    addDirect("messages", &MessageCalls::postAtOnce, &MessageCalls::post);
    addDirect("messages:batch", &MessageCalls::postBatchAtOnce, &MessageCalls::postBatch);
    addDirect("webhook_receivers/enginio", &MessageCalls::postEnginioAtOnce, &MessageCalls::postEnginio);
    addRoutes();
    addCounters();
}

void Api::addCounters()
{
    WorkerMetrics &metrics = m_services.metrics;
    for (ApiRoute &route : m_routes) {
        route.label = route.pattern;
        if (const RouteInfo *info = findRoute(route.method, route.pattern)) {
            route.caller = info->caller;
            if (info->form == RouteForm::OfGateway)
                route.label = gatewayLabel(info->path);
        }
        route.answers = metrics.route(std::string(route.method), route.label);
    }
    for (DirectCall &call : m_direct) {
        call.label = gatewayLabel(call.path);
        call.answers = metrics.route("POST", call.label);
    }
    m_unknown = metrics.route("any", std::string(unknownLabel));
    m_preflights = metrics.route("OPTIONS", std::string(preflightLabel));
}

void Api::addDirect(std::string_view path,
                    std::optional<ApiAnswer> (MessageCalls::*atOnce)(const ApiRequest &),
                    void (MessageCalls::*later)(const ApiRequest &, Respond))
{
    m_direct.push_back({path,
                        [this, atOnce](const ApiRequest &request) { return (m_messages.*atOnce)(request); },
                        [this, later](const ApiRequest &request, Respond respond) {
                            (m_messages.*later)(request, std::move(respond));
                        }});
}

void Api::addBase(std::string_view method, std::string_view path,
                  std::function<void(const ApiRequest &, Respond)> handler)
{
    m_routes.push_back({method, std::string(basePath).append(path), handler});
    m_routes.push_back(
        {method, std::string(gatewayPath).append("{gateway}/").append(path), std::move(handler)});
}

void Api::setConfig(const ApiConfig &config)
{
    m_services.config = config;
    m_messages.setJsonDepth(config.jsonDepth);
    m_sockets.setJsonDepth(config.jsonDepth);
}

void Api::addRoutes()
{
    const auto to = [](auto &calls, auto call) {
        return [&calls, call](const ApiRequest &request, Respond respond) {
            (calls.*call)(request, std::move(respond));
        };
    };
    addBase("POST", "messages", to(m_messages, &MessageCalls::post));
    addBase("GET", "websocket_uri", to(m_sockets, &SocketCalls::issueUri));
    addBase("POST", "sockets", to(m_sockets, &SocketCalls::create));
    addBase("POST", "messages:batch", to(m_messages, &MessageCalls::postBatch));
    addBase("POST", "webhook_receivers/enginio", to(m_messages, &MessageCalls::postEnginio));
    addBase("GET", "sockets", to(m_sockets, &SocketCalls::list));
    addBase("DELETE", "sockets", to(m_sockets, &SocketCalls::closeMany));
    addBase("GET", "sockets/{id}", to(m_sockets, &SocketCalls::show));
    addBase("DELETE", "sockets/{id}", to(m_sockets, &SocketCalls::close));
    addBase("PATCH", "sockets/{id}", to(m_sockets, &SocketCalls::changeTags));
    addBase("GET", "configuration", to(m_gateways, &GatewayCalls::showConfiguration));
    addBase("PUT", "configuration", to(m_gateways, &GatewayCalls::configure));
    m_routes.push_back({"GET", "/v1/gateways", to(m_gateways, &GatewayCalls::list)});
    m_routes.push_back({"POST", "/v1/gateways", to(m_gateways, &GatewayCalls::create)});
    m_routes.push_back({"GET", "/v1/gateways/{gateway}", to(m_gateways, &GatewayCalls::show)});
    m_routes.push_back({"DELETE", "/v1/gateways/{gateway}", to(m_gateways, &GatewayCalls::remove)});
    m_routes.push_back(
        {"POST", "/v1/gateways/{gateway}/security_token", to(m_gateways, &GatewayCalls::rotateToken)});
    addBase("GET", "socket", to(m_service, &ServiceCalls::needUpgrade));
    m_routes.push_back({"GET", "/", to(m_service, &ServiceCalls::name)});
    m_routes.push_back({"GET", "/health/live", to(m_service, &ServiceCalls::live)});
    m_routes.push_back({"GET", "/health/ready", to(m_service, &ServiceCalls::ready)});
    if (m_services.metricsPage)
        m_routes.push_back({"GET", "/metrics", to(m_service, &ServiceCalls::metrics)});
    if (m_services.config.console)
        addConsole();
}

void Api::addConsole()
{
    const auto to = [this](auto call) {
        return [this, call](const ApiRequest &request, Respond respond) {
            (m_console.*call)(request, std::move(respond));
        };
    };
    m_routes.push_back({"GET", "/console", to(&ConsoleCalls::page)});
    m_routes.push_back({"GET", "/console/{file}", to(&ConsoleCalls::file)});
    m_routes.push_back({"GET", "/v1/console", to(&ConsoleCalls::overview)});
    m_routes.push_back({"POST", "/v1/console/socket", to(&ConsoleCalls::issueSocket)});
}

std::string Api::requestIdOf(const ApiRequest &request)
{
    std::string given = request.header("x-request-id");
    return isRequestId(given) ? std::move(given) : makeRequestId();
}

std::vector<ApiAnswer::Header> Api::commonHeaders(const ApiRequest &request, std::string requestId) const
{
    const auto table = m_services.admin.table();
    auto gateway = table->find(request.gatewayId.empty() ? table->defaultId : request.gatewayId);
    if (!gateway) // the path names none, or none that is known: then the default one's rule holds
        gateway = table->find(table->defaultId);
    const std::vector<std::string> any;
    auto common = corsHeaders(gateway ? gateway->settings.allowedOrigins : any, request);
    common.emplace_back("X-Request-Id", std::move(requestId));
    return common;
}

std::shared_ptr<const AccessEntry> Api::beginEntry(const ApiRequest &request, std::string_view label) const
{
    if (!accessLogOn())
        return nullptr;
    return AccessEntry::begin(request, label, RateGuard(m_services).client(request), m_services.clock);
}

Respond Api::finished(const ApiRequest &request, Kind kind, Respond respond) const
{
    return [common = commonHeaders(request, std::string(request.requestId)), &answers = kind.answers,
            entry = beginEntry(request, kind.label), respond = std::move(respond)](ApiAnswer answer) mutable {
        completeAnswer(answer, std::move(common)); // it is called once
        answers.add(answer.status);
        if (entry)
            entry->end(answer);
        respond(std::move(answer));
    };
}

const Api::DirectCall *Api::findDirect(ApiRequest &request) const
{
    const std::string_view call = takeBase(request.path, request.gatewayId);
    const auto found = std::find_if(m_direct.begin(), m_direct.end(),
                                    [call](const DirectCall &direct) { return direct.path == call; });
    return found == m_direct.end() ? nullptr : &*found;
}

std::optional<ApiAnswer> Api::answerAtOnce(ApiRequest request) const
{
    const DirectCall *call = findDirect(request);
    if (!call)
        return std::nullopt;
    std::string requestId = requestIdOf(request);
    request.requestId = requestId;
    const auto entry = beginEntry(request, call->label);
    std::optional<ApiAnswer> answer = call->atOnce(request);
    if (!answer)
        return answer;
    completeAnswer(*answer, commonHeaders(request, std::move(requestId)));
    call->answers->add(answer->status);
    if (entry)
        entry->end(*answer);
    return answer;
}

bool Api::answerLater(ApiRequest request, Respond respond) const
{
    const DirectCall *call = findDirect(request);
    if (!call)
        return false;
    const std::string requestId = requestIdOf(request);
    request.requestId = requestId;
    call->later(request, finished(request, {call->label, *call->answers}, std::move(respond)));
    return true;
}

void Api::call(const ApiRoute &route, ApiRequest request, Respond respond) const
{
    const std::string requestId = requestIdOf(request);
    request.requestId = requestId;
    route.handler(request, finished(request, {route.label, *route.answers}, std::move(respond)));
}

void Api::handle(ApiRequest request, Respond respond) const
{
    const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
    std::string allowed;
    for (const ApiRoute &route : m_routes) {
        ApiRequest ids = {};
        if (!matchPath(route.pattern, request.path, ids))
            continue;
        request.gatewayId = ids.gatewayId;
        request.id = ids.id;
        if (route.method == method)
            return call(route, std::move(request), std::move(respond));
        allowed.append(allowed.empty() ? "" : ", ")
            .append(route.method == "GET" ? "GET, HEAD" : route.method);
    }
    const std::string requestId = requestIdOf(request);
    request.requestId = requestId;
    const Kind kind =
        request.method == "OPTIONS" ? Kind{preflightLabel, *m_preflights} : Kind{unknownLabel, *m_unknown};
    finished(request, kind, std::move(respond))(preflightOrMissing(request, allowed));
}

ApiAnswer Api::preflightOrMissing(const ApiRequest &request, std::string_view allowed) const
{
    if (request.method == "OPTIONS")
        return {204, {}, {}};
    if (allowed.empty())
        return errorAnswer({ErrorCode::NotFound, {}, {}});
    ApiAnswer answer = errorAnswer({ErrorCode::MethodNotAllowed, {}, {}});
    answer.headers.emplace_back("Allow", std::string(allowed) + ", OPTIONS");
    return answer;
}

} // namespace mws
