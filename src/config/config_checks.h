#pragma once

#include "config/loader.h"

#include <map>
#include <string>
#include <vector>

namespace mws {

/// Where options were set, by name (`server.port`, `gateways[0].name`); what is not in it has its default.
using SourceMap = std::map<std::string, std::string>;

/// `gateways[2]`
std::string furtherGatewayName(size_t index);

/// Adds an error for each pair of values that do not fit together.
void checkTogether(const ServiceConfig &config, const SourceMap &sources, std::vector<std::string> &errors);

/// Adds to `config.warnings` what is allowed but may not be meant.
void addWarnings(ServiceConfig &config, const SourceMap &sources);

} // namespace mws
