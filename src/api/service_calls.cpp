#include "api/service_calls.h"

namespace mws {

void ServiceCalls::name(const ApiRequest &, Respond respond)
{
    respond({200, "{\"name\":\"MWS\"}", {}});
}

void ServiceCalls::live(const ApiRequest &, Respond respond)
{
    respond({200, "{\"status\":\"live\"}", {}});
}

void ServiceCalls::ready(const ApiRequest &, Respond respond)
{
    if (!m_services.ready())
        return respond(errorAnswer({ErrorCode::Unavailable, "Not ready", {}}));
    respond({200, "{\"status\":\"ready\"}", {}});
}

void ServiceCalls::metrics(const ApiRequest &request, Respond respond)
{
    if (!m_services.config.operatorToken.empty())
        if (const auto operatorCalls = m_access.operatorToken(request); !operatorCalls)
            return respond(errorAnswer(operatorCalls.error()));
    respond({200, m_services.metricsPage(), {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}});
}

void ServiceCalls::needUpgrade(const ApiRequest &, Respond respond)
{
    ApiAnswer answer = errorAnswer(
        {ErrorCode::UpgradeRequired, "This address is opened by a WebSocket client, not by GET", {}});
    answer.headers.emplace_back("Upgrade", "websocket");
    respond(std::move(answer));
}

} // namespace mws
