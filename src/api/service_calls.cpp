#include "api/service_calls.h"

namespace mws {

ApiAnswer liveAnswer()
{
    return {200, "{\"status\":\"live\"}", {}};
}

ApiAnswer readyAnswer(std::string_view notReady)
{
    if (notReady.empty())
        return {200, "{\"status\":\"ready\"}", {}};
    return errorAnswer({ErrorCode::Unavailable, "Not ready: " + std::string(notReady), {}});
}

ApiAnswer metricsAnswer(std::string page)
{
    return {200, std::move(page), {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}};
}

void ServiceCalls::name(const ApiRequest &, Respond respond)
{
    respond({200, "{\"name\":\"MWS\"}", {}});
}

void ServiceCalls::live(const ApiRequest &, Respond respond)
{
    respond(liveAnswer());
}

void ServiceCalls::ready(const ApiRequest &, Respond respond)
{
    respond(readyAnswer(m_services.notReady()));
}

void ServiceCalls::metrics(const ApiRequest &request, Respond respond)
{
    if (!m_services.config.operatorToken.empty())
        if (const auto operatorCalls = m_access.operatorToken(request); !operatorCalls)
            return respond(errorAnswer(operatorCalls.error()));
    respond(metricsAnswer(m_services.metricsPage()));
}

void ServiceCalls::needUpgrade(const ApiRequest &, Respond respond)
{
    respond(errorAnswer(
        {ErrorCode::UpgradeRequired, "This address is opened by a WebSocket client, not by GET", {}}));
}

} // namespace mws
