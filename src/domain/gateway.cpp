#include "mws/domain/gateway.h"

namespace mws {

bool Gateway::isSecurityToken(std::string_view candidate, WallTime now) const
{
    bool known = false;
    for (const SecurityToken &token : securityTokens) {
        const bool valid = !token.validUntil || now < *token.validUntil;
        known |= valid && token.digest.matches(candidate);
    }
    return known;
}

std::shared_ptr<const Gateway> GatewayTable::find(std::string_view id) const
{
    const auto it = gateways.find(id);
    return it == gateways.end() ? nullptr : it->second;
}

} // namespace mws
