#include "mws/domain/gateway.h"

#include <algorithm>
#include <array>

namespace mws {

namespace {

constexpr std::array<std::string_view, 5> clientMessagesNames{"ignore", "echo", "relay", "publish",
                                                              "webhook"};
constexpr std::array<std::string_view, 4> eventTypeNames{"connected", "disconnected", "message", "connect"};

} // namespace

std::string_view nameOf(ClientMessages policy)
{
    return clientMessagesNames[size_t(policy)];
}

std::optional<ClientMessages> clientMessagesNamed(std::string_view name)
{
    for (size_t policy = 0; policy < clientMessagesNames.size(); ++policy)
        if (clientMessagesNames[policy] == name)
            return ClientMessages(policy);
    return std::nullopt;
}

bool mayNarrow(ClientMessages ofGateway, ClientMessages own)
{
    return own == ofGateway || own == ClientMessages::Ignore ||
           (own == ClientMessages::Echo && ofGateway != ClientMessages::Ignore);
}

std::string_view nameOf(EventType type)
{
    return eventTypeNames[size_t(type)];
}

bool EventSettings::wants(EventType type) const
{
    return !url.empty() && std::find(types.begin(), types.end(), nameOf(type)) != types.end();
}

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
