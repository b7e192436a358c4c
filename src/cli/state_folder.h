#pragma once

#include "cli/command.h"

#include <filesystem>
#include <optional>

namespace mws::cli {

/// The state folder that a gateway of this configuration file (empty: MWS_CONFIG) and environment has.
/// Nothing: the configuration has mistakes, which were printed.
std::optional<std::filesystem::path> stateFolder(const std::string &configFile, Context &context);

} // namespace mws::cli
