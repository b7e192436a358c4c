#include "api/cors.h"

#include <algorithm>

namespace mws {

namespace {

constexpr const char *methods = "GET, POST, PUT, PATCH, DELETE, OPTIONS";

bool matches(std::string_view pattern, std::string_view origin)
{
    if (pattern == "*" || pattern == origin)
        return true;
    const size_t star = pattern.find("//*.");
    if (star == pattern.npos)
        return false;
    const std::string_view scheme = pattern.substr(0, star + 2);
    const std::string_view domain = pattern.substr(star + 3); // with its leading dot
    if (!origin.starts_with(scheme) || !origin.ends_with(domain) ||
        origin.size() <= scheme.size() + domain.size())
        return false;
    const std::string_view below =
        origin.substr(scheme.size(), origin.size() - scheme.size() - domain.size());
    return below.find_first_of("/@:?#") == below.npos;
}

} // namespace

bool originAllowed(const std::vector<std::string> &allowed, std::string_view origin)
{
    return allowed.empty() ||
           std::any_of(allowed.begin(), allowed.end(),
                       [origin](const std::string &pattern) { return matches(pattern, origin); });
}

std::vector<ApiAnswer::Header> corsHeaders(const std::vector<std::string> &allowed, const ApiRequest &request)
{
    std::vector<ApiAnswer::Header> headers{{"Vary", "Origin"}};
    std::string origin = request.header("origin");
    if (origin.empty() || !originAllowed(allowed, origin))
        return headers;
    headers.emplace_back("Access-Control-Allow-Origin", std::move(origin));
    headers.emplace_back("Access-Control-Allow-Methods", methods);
    if (std::string asked = request.header("access-control-request-headers"); !asked.empty())
        headers.emplace_back("Access-Control-Allow-Headers", std::move(asked));
    return headers;
}

} // namespace mws
