#pragma once

#include "config/service_config.h"
#include "mws/base/result.h"

#include <QJsonValue>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// Settings that were changed while the service ran, by their path in the JSON configuration, e.g.
/// `limits.sockets`.
using GatewayPatch = std::map<std::string, QJsonValue>;

/// What a body of PUT configuration or POST /v1/gateways asks for. The values are not checked yet.
struct ConfigurationChange
{
    std::string id;                   ///< only with IdKey::Allowed; empty: not given
    GatewayPatch values;              ///< to be set
    std::vector<std::string> cleared; ///< paths that are null: back to file and environment
};

enum class IdKey { Refused, Allowed };

/// The whole configuration as compact JSON, keys in CONTRACT.md's order; nothing secret is in it.
std::string configurationJson(const GatewaySettings &settings);

/// Reads a body. Errors: InvalidData with the property (`limits.sokets`) for what is not JSON, not an object,
/// nested too deep, or not a key of the configuration.
Result<ConfigurationChange> parseConfiguration(std::string_view json, IdKey idKey);

/// Lays the patch over the gateway's settings. Errors: InvalidData with the property for a value that is not
/// allowed; the gateway is then to be thrown away.
Result<void> applyPatch(GatewayConfig &gateway, const GatewayPatch &patch);

/// `patch` with the change made: cleared paths are gone, values replaced.
GatewayPatch changed(GatewayPatch patch, const ConfigurationChange &change);

} // namespace mws
