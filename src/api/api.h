#pragma once

#include "api/access.h"
#include "api/access_entry.h"
#include "api/console_calls.h"
#include "api/gateway_calls.h"
#include "api/message_calls.h"
#include "api/route_table.h"
#include "api/service_calls.h"
#include "api/socket_calls.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// One path and method of the API.
struct ApiRoute
{
    std::string_view method;
    std::string pattern; ///< ids stand in braces, e.g. `/v1/gateways/{gateway}/sockets/{id}`
    std::function<void(const ApiRequest &, Respond)> handler;
    std::string label = {}; ///< in metrics and log: `pattern`, of the short form the long one
    std::shared_ptr<StatusCounters> answers = {};
    Caller caller =
        Caller::Anyone; ///< as route_table.h has it; what the handler checks, for who reads about it
};

/// The whole REST API of one worker, whatever the HTTP server: the table of routes, and what all answers have
/// in common.
/// Thread: the worker's.
class Api
{
public:
    explicit Api(ApiServices services);
    Api(const Api &) = delete;
    Api &operator=(const Api &) = delete;

    /// The busiest first.
    const std::vector<ApiRoute> &routes() const { return m_routes; }

    /// Answers a request whose route is known already. `request` names the ids of its path.
    void call(const ApiRoute &route, ApiRequest request, Respond respond) const;

    /// Answers a POST that sends messages, if that can be done without asking anybody. Nothing: it is no such
    /// call, or must be given to handle(); nothing was done then. Precondition: not answersLater().
    std::optional<ApiAnswer> answerAtOnce(ApiRequest request) const;

    /// On a node of a cluster the broker is asked about each message.
    bool answersLater() const { return m_services.hub.isClustered(); }
    /// As handle(), for a POST that sends messages. False: it is no such call, and nothing was done.
    bool answerLater(ApiRequest request, Respond respond) const;

    ClientPublisher &clientPublisher() { return m_messages; }

    /// In force from the next request on.
    void setConfig(const ApiConfig &config);

    /// Finds the route by path and method, and answers: also OPTIONS, 404 and 405.
    void handle(ApiRequest request, Respond respond) const;

private:
    struct DirectCall
    {
        std::string_view path; ///< behind the gateway's
        std::function<std::optional<ApiAnswer>(const ApiRequest &)> atOnce;
        std::function<void(const ApiRequest &, Respond)> later;
        std::string label = {}; ///< as ApiRoute's
        std::shared_ptr<StatusCounters> answers = {};
    };
    /// As what a request is counted and logged.
    struct Kind
    {
        std::string_view label; ///< outlives the request
        StatusCounters &answers;
    };
    /// Null: `request` is none of them. Else its gateway is filled in.
    const DirectCall *findDirect(ApiRequest &request) const;
    void addRoutes();
    void addCounters();
    void addConsole();
    void addDirect(std::string_view path,
                   std::optional<ApiAnswer> (MessageCalls::*atOnce)(const ApiRequest &),
                   void (MessageCalls::*later)(const ApiRequest &, Respond));
    void addBase(std::string_view method, std::string_view path,
                 std::function<void(const ApiRequest &, Respond)> handler);
    ApiAnswer preflightOrMissing(const ApiRequest &request, std::string_view allowed) const;
    /// The request's own id, or one that is made.
    static std::string requestIdOf(const ApiRequest &request);
    /// The fields that every answer carries.
    std::vector<ApiAnswer::Header> commonHeaders(const ApiRequest &request, std::string requestId) const;
    std::shared_ptr<const AccessEntry> beginEntry(const ApiRequest &request, std::string_view label) const;
    /// `respond` with them, counted and logged.
    Respond finished(const ApiRequest &request, Kind kind, Respond respond) const;

    ApiServices m_services;
    Access m_access;
    MessageCalls m_messages;
    SocketCalls m_sockets;
    GatewayCalls m_gateways;
    ServiceCalls m_service;
    ConsoleCalls m_console;
    std::vector<ApiRoute> m_routes;
    std::vector<DirectCall> m_direct;
    std::shared_ptr<StatusCounters> m_unknown;    ///< no such path, or not with this method
    std::shared_ptr<StatusCounters> m_preflights; ///< of CORS
};

} // namespace mws
