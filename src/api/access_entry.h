#pragma once

#include "api/api_answer.h"
#include "api/api_request.h"
#include "mws/base/clock.h"

#include <memory>
#include <string>
#include <string_view>

namespace mws {

/// A line of the access log, from a request's coming to its answer. It has no query, no header and nothing of
/// the path but what the route names, as a token may stand anywhere else.
/// Thread: the worker's.
class AccessEntry
{
public:
    /// Null while there is no access log. `route` outlives it; `client`: behind a proxy what that says.
    static std::shared_ptr<const AccessEntry> begin(const ApiRequest &request, std::string_view route,
                                                    const IpAddress &client, const Clock &clock);
    /// Writes it, if the log is to have it.
    void end(const ApiAnswer &answer) const;

private:
    AccessEntry(const ApiRequest &request, std::string_view route, const IpAddress &client,
                const Clock &clock);

    const Clock &m_clock;
    const SteadyTime m_begun;
    const std::string m_method;
    const std::string_view m_route;
    const std::string m_gateway;
    const std::string m_id;
    const std::string m_requestId;
    const IpAddress m_client;
};

} // namespace mws
