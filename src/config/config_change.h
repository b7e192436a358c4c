#pragma once

#include "config/service_config.h"

#include <string>
#include <vector>

namespace mws {

/// What a configuration that was read anew would change.
struct ConfigChange
{
    /// What is to be in force: as it was read, but where that needs a restart as it was.
    ServiceConfig config;
    /// What changes, e.g. `http.body_bytes`, `gateways.players.name`, `gateways.players (new)`.
    std::vector<std::string> changed;
    /// An option that has another value now, and keeps the old one until a restart.
    struct Pending
    {
        std::string option;
        std::string inForce; ///< as it would stand in the file; of a secret `(set)` or `(not set)`
        std::string wanted;  ///< likewise
        friend bool operator==(const Pending &, const Pending &) = default;
    };
    std::vector<Pending> needsRestart;
};

/// `read` has no errors; neither is changed. Whether TLS is on does not change without a restart.
ConfigChange planChange(ServiceConfig inForce, ServiceConfig read);

} // namespace mws
