#include "api/socket_uri.h"

#include <algorithm>

namespace mws {

namespace {

bool isHost(std::string_view text)
{
    constexpr std::string_view others = ".-_:[]%~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               others.find(c) != others.npos;
    });
}

/// The first of a list that proxies have appended to.
std::string firstOf(const std::string &list)
{
    const std::string first = list.substr(0, list.find(','));
    const size_t start = first.find_first_not_of(" \t");
    return start == first.npos ? std::string()
                               : first.substr(start, first.find_last_not_of(" \t") - start + 1);
}

} // namespace

std::string webSocketOrigin(std::string_view url)
{
    while (url.ends_with('/'))
        url.remove_suffix(1);
    if (url.starts_with("https://"))
        return "wss://" + std::string(url.substr(8));
    if (url.starts_with("http://"))
        return "ws://" + std::string(url.substr(7));
    return url.find("://") == url.npos ? "wss://" + std::string(url) : std::string(url);
}

Result<std::string> socketOrigin(const Gateway &gateway, const ApiConfig &config, const ApiRequest &request)
{
    if (!gateway.settings.publicUrl.empty())
        return webSocketOrigin(gateway.settings.publicUrl);
    if (!config.publicUrl.empty())
        return webSocketOrigin(config.publicUrl);
    if (!config.appDomain.empty())
        return "wss://" + config.appDomain;
    std::string host = request.header("host");
    bool secure = config.tls;
    if (config.trustForwarded) {
        if (const std::string forwarded = firstOf(request.header("x-forwarded-host")); isHost(forwarded))
            host = forwarded;
        if (const std::string scheme = firstOf(request.header("x-forwarded-proto")); !scheme.empty())
            secure = scheme == "https";
    }
    if (!isHost(host))
        return Unexpected(ErrorCode::BadRequest, "The request needs a Host for the socket's URI");
    return (secure ? "wss://" : "ws://") + host;
}

std::string socketUri(std::string_view origin, const GatewayId &gateway, std::string_view token)
{
    std::string uri(origin);
    uri.append("/v1/gateways/").append(gateway).append("/socket?token=").append(token);
    return uri;
}

} // namespace mws
