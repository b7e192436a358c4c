#pragma once

#include "api/api_request.h"
#include "api/api_services.h"

#include <string>
#include <string_view>

namespace mws {

/// Where clients reach the gateway, e.g. `wss://push.example.com`: the gateway's public URL, else the
/// service's, else APP_DOMAIN, else what the request was sent to.
/// Errors: BadRequest if none of them says.
Result<std::string> socketOrigin(const Gateway &gateway, const ApiConfig &config, const ApiRequest &request);

/// `https://host/` as `wss://host`.
std::string webSocketOrigin(std::string_view url);

/// The URI that a client opens, e.g. `wss://push.example.com/v1/gateways/default/socket?token=…`.
std::string socketUri(std::string_view origin, const GatewayId &gateway, std::string_view token);

} // namespace mws
