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

} // namespace mws
