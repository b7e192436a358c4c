#include "api/cors.h"

#include "mws/domain/origin.h"

namespace mws {

namespace {

constexpr const char *methods = "GET, POST, PUT, PATCH, DELETE, OPTIONS";

/// Two Origin fields come here as one with a comma: no browser sends that, and `*` must not repeat it.
bool isOne(std::string_view origin)
{
    return !origin.empty() && origin.find_first_of(", \t") == std::string_view::npos;
}

} // namespace

std::vector<ApiAnswer::Header> corsHeaders(const std::vector<std::string> &allowed, const ApiRequest &request)
{
    constexpr size_t most = 5; // with the id that follows
    std::vector<ApiAnswer::Header> headers;
    headers.reserve(most);
    headers.emplace_back("Vary", "Origin");
    std::string origin = request.header("origin");
    if (!isOne(origin) || !originAllowed(allowed, origin))
        return headers;
    headers.emplace_back("Access-Control-Allow-Origin", std::move(origin));
    headers.emplace_back("Access-Control-Allow-Methods", methods);
    if (std::string asked = request.header("access-control-request-headers"); !asked.empty())
        headers.emplace_back("Access-Control-Allow-Headers", std::move(asked));
    return headers;
}

} // namespace mws
