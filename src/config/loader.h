#pragma once

#include "config/environment.h"
#include "config/service_config.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// What the file and the environment say, and all that is wrong with it.
struct LoadedConfig
{
    ServiceConfig config;
    std::vector<std::string>
        errors; ///< one line each, `FILE:LINE: KEY: …` or `VARIABLE: …`; no secret in them
};

/// A configuration file that has been read.
struct ConfigText
{
    std::string name; ///< as errors and --print-config show it
    std::string text;
};

/// Defaults, then the file, then the environment. What PUT configuration stored comes on top of it in
/// GatewayStore. With errors, the configuration is not to be used.
LoadedConfig loadConfig(const std::optional<ConfigText> &file, const Environment &environment);

/// The same, with the file at `path`; one that cannot be read is an error.
LoadedConfig loadConfigFile(const std::optional<std::filesystem::path> &path, const Environment &environment);

/// What does not fit together within a gateway's settings: the JSON path of the value that is at fault, and
/// why.
struct SettingsConflict
{
    std::string_view json;
    std::string text;
};
std::optional<SettingsConflict> settingsConflict(const GatewaySettings &settings);
/// The same, and what else the gateway lacks: mode `jwt` needs something that verifies.
std::optional<SettingsConflict> gatewayConflict(const GatewayConfig &gateway);

} // namespace mws
