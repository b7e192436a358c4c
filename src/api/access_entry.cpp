#include "api/access_entry.h"

#include "mws/base/access_log.h"

#include <chrono>

namespace mws {

std::shared_ptr<const AccessEntry> AccessEntry::begin(const ApiRequest &request, std::string_view route,
                                                      const IpAddress &client, const Clock &clock)
{
    if (!accessLogOn())
        return nullptr;
    return std::shared_ptr<const AccessEntry>(new AccessEntry(request, route, client, clock));
}

AccessEntry::AccessEntry(const ApiRequest &request, std::string_view route, const IpAddress &client,
                         const Clock &clock)
    : m_clock(clock),
      m_begun(clock.now()),
      m_method(request.method),
      m_route(route),
      m_gateway(request.gatewayId),
      m_id(request.id),
      m_requestId(request.requestId),
      m_client(client)
{}

void AccessEntry::end(const ApiAnswer &answer) const
{
    if (answer.status < 400 && !accessLogsAll())
        return;
    logAccess("request answered",
              {{"method", m_method},
               {"route", m_route},
               {"status", answer.status},
               {"bytes", answer.body.size()},
               {"seconds", std::chrono::duration<double>(m_clock.now() - m_begun).count()},
               {"remote", m_client.text()},
               {"request", m_requestId},
               {"gateway", m_gateway},
               {"id", m_id}});
}

} // namespace mws
