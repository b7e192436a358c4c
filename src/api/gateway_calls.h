#pragma once

#include "api/access.h"

namespace mws {

/// A gateway's own configuration, and the operator's calls about all gateways.
/// Thread: the worker's.
class GatewayCalls
{
public:
    GatewayCalls(const ApiServices &services, const Access &access) : m_services(services), m_access(access)
    {}

    void showConfiguration(const ApiRequest &request, Respond respond); ///< GET configuration
    void configure(const ApiRequest &request, Respond respond);         ///< PUT configuration
    void list(const ApiRequest &request, Respond respond);              ///< GET /v1/gateways
    void create(const ApiRequest &request, Respond respond);            ///< POST /v1/gateways
    void show(const ApiRequest &request, Respond respond);              ///< GET /v1/gateways/{id}
    void remove(const ApiRequest &request, Respond respond);            ///< DELETE /v1/gateways/{id}
    void rotateToken(const ApiRequest &request, Respond respond); ///< POST /v1/gateways/{id}/security_token

private:
    using Operation = std::function<void(const Access::GatewayPointer &gateway, const Respond &respond)>;
    /// Goes on with the gateway of the path if the bearer is the operator.
    void operate(const ApiRequest &request, const Respond &respond, const Operation &go);
    void appendSummary(std::string &out, const Gateway &gateway) const;

    const ApiServices &m_services;
    const Access &m_access;
};

} // namespace mws
