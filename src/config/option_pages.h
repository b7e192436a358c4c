#pragma once

#include "config/service_config.h"

#include <string>
#include <vector>

namespace mws {

/// The options as --help lists them.
std::string optionsHelp();
/// docs/configuration.md
std::string optionsMarkdown();
/// config/gateway.toml: every key with its default, commented out.
std::string optionsToml();
/// --print-config: a line for each row, in columns.
std::string provenanceText(const std::vector<Provenance> &rows);

} // namespace mws
