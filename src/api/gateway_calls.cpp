#include "api/gateway_calls.h"

#include "api/query.h"
#include "json/json_reader.h"

namespace mws {

void GatewayCalls::showConfiguration(const ApiRequest &request, Respond respond)
{
    const auto gateway = m_access.administered(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    respond({200, m_services.admin.configurationJson(**gateway), {}});
}

void GatewayCalls::configure(const ApiRequest &request, Respond respond)
{
    const auto gateway = m_access.administered(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    m_services.admin.configure((*gateway)->id, std::string(request.body),
                               [this, respond = std::move(respond)](Result<Access::GatewayPointer> changed) {
                                   if (!changed)
                                       return respond(errorAnswer(changed.error()));
                                   respond({200, m_services.admin.configurationJson(**changed), {}});
                               });
}

/// `"id":…,"name":…,"sockets":…`
void GatewayCalls::appendSummary(std::string &out, const Gateway &gateway) const
{
    out.append("\"id\":");
    appendJsonString(out, gateway.id);
    out.append(",\"name\":");
    appendJsonString(out, gateway.settings.name);
    out.append(",\"sockets\":").append(std::to_string(m_services.hub.count(gateway)));
}

void GatewayCalls::list(const ApiRequest &request, Respond respond)
{
    if (const auto permitted = m_access.operatorToken(request); !permitted)
        return respond(errorAnswer(permitted.error()));
    if (const auto known = m_access.gatewaysKnown(); !known)
        return respond(errorAnswer(known.error()));
    const auto table = m_services.admin.table();
    std::string body = "{\"results\":[";
    for (const auto &[id, gateway] : table->gateways) {
        body.append(body.back() == '[' ? "{" : ",{");
        appendSummary(body, *gateway);
        body.push_back('}');
    }
    body.append("]}");
    respond({200, std::move(body), {}});
}

void GatewayCalls::create(const ApiRequest &request, Respond respond)
{
    if (const auto permitted = m_access.operatorToken(request); !permitted)
        return respond(errorAnswer(permitted.error()));
    const auto answer = [this, respond = std::move(respond)](Result<GatewayAdmin::Created> created) {
        if (!created)
            return respond(errorAnswer(created.error()));
        std::string body = "{\"id\":";
        appendJsonString(body, created->gateway->id);
        body.append(",\"securityToken\":");
        appendJsonString(body, created->securityToken);
        body.append(",\"configuration\":").append(m_services.admin.configurationJson(*created->gateway));
        body.push_back('}');
        respond(secretAnswer(201, std::move(body)));
    };
    m_services.admin.create(std::string(request.body), answer);
}

void GatewayCalls::operate(const ApiRequest &request, const Respond &respond, const Operation &go)
{
    if (const auto permitted = m_access.operatorToken(request); !permitted)
        return respond(errorAnswer(permitted.error()));
    const auto gateway = m_access.gateway(request);
    if (!gateway)
        return respond(errorAnswer(gateway.error()));
    go(*gateway, respond);
}

void GatewayCalls::show(const ApiRequest &request, Respond respond)
{
    operate(request, respond, [this](const Access::GatewayPointer &gateway, const Respond &answer) {
        std::string body = "{";
        appendSummary(body, *gateway);
        body.append(",\"configuration\":").append(m_services.admin.configurationJson(*gateway));
        body.push_back('}');
        answer({200, std::move(body), {}});
    });
}

void GatewayCalls::remove(const ApiRequest &request, Respond respond)
{
    const auto closeSockets = [this](const Access::GatewayPointer &gateway, const Respond &answer) {
        m_services.reservations.forget(gateway->id);
        m_services.idempotency.forget(gateway->id);
        m_services.hub.close(gateway, SocketFilter{}, CloseCode::GoingAway, "the gateway was deleted",
                             [answer](size_t) {
                                 answer({200, "{}", {}});
                             });
    };
    operate(request, respond,
            [this, closeSockets](const Access::GatewayPointer &gateway, const Respond &answer) {
                m_services.admin.remove(gateway->id,
                                        [answer, closeSockets](Result<Access::GatewayPointer> removed) {
                                            if (!removed)
                                                return answer(errorAnswer(removed.error()));
                                            closeSockets(*removed, answer);
                                        });
            });
}

void GatewayCalls::rotateToken(const ApiRequest &request, Respond respond)
{
    operate(request, respond, [this](const Access::GatewayPointer &gateway, const Respond &answer) {
        m_services.admin.rotateSecurityToken(gateway->id, [answer](Result<GatewayAdmin::Rotated> rotated) {
            if (!rotated)
                return answer(errorAnswer(rotated.error()));
            std::string body = "{\"securityToken\":";
            appendJsonString(body, rotated->securityToken);
            body.append(",\"previousValidUntil\":\"")
                .append(isoTime(rotated->previousValidUntil))
                .append("\"}");
            answer(secretAnswer(201, std::move(body)));
        });
    });
}

} // namespace mws
