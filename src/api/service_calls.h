#pragma once

#include "api/access.h"
#include "api/api_answer.h"
#include "api/api_request.h"
#include "api/api_services.h"

namespace mws {

// What is answered on the port of its own as well (ops_lane.h).
ApiAnswer liveAnswer();
/// `notReady`: why not; empty: it is.
ApiAnswer readyAnswer(std::string_view notReady);
ApiAnswer metricsAnswer(std::string page);

/// The calls about the service as a whole; they need no token, but for metrics where the operator has one.
/// Thread: the worker's.
class ServiceCalls
{
public:
    ServiceCalls(const ApiServices &services, const Access &access) : m_services(services), m_access(access)
    {}

    void name(const ApiRequest &request, Respond respond);        ///< GET /
    void live(const ApiRequest &request, Respond respond);        ///< GET /health/live
    void ready(const ApiRequest &request, Respond respond);       ///< GET /health/ready
    void metrics(const ApiRequest &request, Respond respond);     ///< GET /metrics
    void needUpgrade(const ApiRequest &request, Respond respond); ///< GET {base}/socket without a handshake

private:
    const ApiServices &m_services;
    const Access &m_access;
};

} // namespace mws
