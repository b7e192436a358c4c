#include "mws/domain/gateway.h"

#include <algorithm>
#include <array>
#include <limits>

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

std::shared_ptr<const Gateway> makeConsoleGateway(const Gateway &base)
{
    constexpr uint64_t mostSockets = 100; // each is a page that an operator has open
    if (base.signingKeys.empty())
        return nullptr;
    Gateway console;
    console.id = consoleGatewayId;
    console.serial = std::numeric_limits<uint32_t>::max(); // others count from 1
    console.settings.accessControl = AccessControl::Custom;
    console.settings.allowedOrigins = {"*"}; // who has one of its URIs has shown the operator's token
    console.settings.limits.sockets = mostSockets;
    console.settings.limits.slowReaders = SlowReaders::DropOldest;
    console.settings.limits.reservation = std::chrono::seconds(60);
    // The key is random, so that one digest of it, under a name, tells nothing of it.
    console.signingKeys.push_back(
        {SecretDigest("mws console\n" + base.signingKeys.front().bytes).hex(), std::nullopt});
    return std::make_shared<const Gateway>(std::move(console));
}

std::shared_ptr<const Gateway> GatewayTable::find(std::string_view id) const
{
    const auto it = gateways.find(id);
    if (it != gateways.end())
        return it->second;
    return id == consoleGatewayId ? console : nullptr;
}

} // namespace mws
