#pragma once

#include "api/api_answer.h"
#include "api/api_request.h"
#include "api/api_services.h"

namespace mws {

/// The calls about the service as a whole; they need no token.
/// Thread: the worker's.
class ServiceCalls
{
public:
    explicit ServiceCalls(const ApiServices &services) : m_services(services) {}

    void name(const ApiRequest &request, Respond respond);        ///< GET /
    void live(const ApiRequest &request, Respond respond);        ///< GET /health/live
    void ready(const ApiRequest &request, Respond respond);       ///< GET /health/ready
    void needUpgrade(const ApiRequest &request, Respond respond); ///< GET {base}/socket without a handshake

private:
    const ApiServices &m_services;
};

} // namespace mws
