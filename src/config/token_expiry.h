#pragma once

#include "config/service_config.h"

#include <string>
#include <vector>

namespace mws {

/// Says in the log when a configured security token is about to end, and when it has. Tokens that were
/// rotated out end without a word: that is meant. Thread: one at a time.
class TokenExpiryWatch
{
public:
    explicit TokenExpiryWatch(const ServiceConfig &config);

    /// A warning, once for each, for tokens that end within seven days and for those that have ended. Call
    /// about once a minute.
    void check(WallTime now);

private:
    struct Watched
    {
        GatewayId gateway;
        std::string name; ///< `security_tokens[1]`: never the token
        WallTime validUntil;
        bool announced = false;
        bool ended = false;
    };
    std::vector<Watched> m_tokens;
};

} // namespace mws
