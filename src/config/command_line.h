#pragma once

#include "config/environment.h"
#include "config/service_config.h"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mws {

/// How the program is to end, and what it says before.
struct ProgramExit
{
    int code = 0;
    std::string out;   ///< for standard output
    std::string error; ///< for standard error
};

/// What the arguments ask for.
struct CommandLine
{
    enum class Action { Serve, PrintConfig, CheckConfig };
    Action action = Action::Serve;
    std::optional<std::filesystem::path> configFile; ///< --config, else MWS_CONFIG
};

/// What is wrong with a configuration, a line each; no secret in them.
struct ConfigFindings
{
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
};

/// Loads the configuration and the files that it names, as the start would.
ConfigFindings checkConfiguration(const std::optional<std::filesystem::path> &file,
                                  const Environment &environment);

/// Loads the configuration and does what was asked for: --print-config and --check-config end the program; so
/// do errors, with 2 and one line for each. Else the service is to run with this configuration.
std::variant<ServiceConfig, ProgramExit> configure(const CommandLine &commandLine,
                                                   const Environment &environment);

} // namespace mws
