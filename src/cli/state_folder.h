#pragma once

#include "cli/failure.h"
#include "mws/base/error.h"

#include <filesystem>
#include <optional>

namespace mws::cli {

/// The state folder that a gateway of this configuration file (empty: MWS_CONFIG) and environment has.
/// Nothing: the configuration has mistakes, and failConfiguration() has said them.
std::optional<std::filesystem::path> stateFolder(const std::string &configFile, Context &context);

/// What backup and restore say of an error.
Failure failureOf(const Error &error);

} // namespace mws::cli
