#include "api/access.h"

#include "protocol/request_parser.h"

namespace mws {

namespace {

Unexpected unauthenticated(std::string detail = {})
{
    return Unexpected(ErrorCode::AuthenticationNeeded, std::move(detail));
}

Result<void> checkSecurityToken(const Gateway &gateway, const std::string &bearer, WallTime now)
{
    if (gateway.securityTokens.empty())
        return unauthenticated(
            "This call needs the security token, and none is configured: set SECURITY_TOKEN");
    if (bearer.empty() || !gateway.isSecurityToken(bearer, now))
        return unauthenticated();
    return {};
}

/// Whether `bearer` is the operator's, who may make a security token of any gateway anyway.
bool isOperator(const ApiConfig &config, const std::string &bearer)
{
    return !bearer.empty() && !config.operatorToken.empty() && config.operatorToken.matches(bearer);
}

} // namespace

std::string bearerToken(const ApiRequest &request)
{
    constexpr std::string_view scheme = "bearer ";
    const std::string value = request.header("authorization");
    if (value.size() <= scheme.size() ||
        !equalsIgnoringCase(std::string_view(value).substr(0, scheme.size()), scheme))
        return {};
    const size_t start = value.find_first_not_of(' ', scheme.size());
    return start == value.npos ? std::string() : value.substr(start);
}

Result<void> Access::gatewaysKnown() const
{
    if (!m_services.hub.knowsGateways())
        return Unexpected(temporarilyUnavailable("The gateways of the cluster are not known yet"));
    return {};
}

Result<Access::GatewayPointer> Access::gateway(const ApiRequest &request) const
{
    if (const auto known = gatewaysKnown(); !known)
        return Unexpected(known.error());
    const auto table = m_services.admin.table();
    auto gateway = table->find(request.gatewayId.empty() ? table->defaultId : request.gatewayId);
    if (!gateway || gateway == table->console)
        return Unexpected(ErrorCode::NotFound, "No such gateway");
    return gateway;
}

Result<Access::GatewayPointer> Access::administered(const ApiRequest &request) const
{
    auto found = gateway(request);
    if (!found)
        return found;
    if (const auto checked = administrator(**found, bearerToken(request)); !checked)
        return Unexpected(checked.error());
    return found;
}

Result<void> Access::administrator(const Gateway &gateway, const std::string &bearer) const
{
    Result<void> checked = checkSecurityToken(gateway, bearer, m_services.clock.wall());
    if (!checked && isOperator(m_services.config, bearer))
        return {};
    return checked;
}

Result<void> Access::operatorToken(const ApiRequest &request) const
{
    if (m_services.config.operatorToken.empty())
        return unauthenticated(
            "This call needs the operator's token, and none is configured: set OPERATOR_TOKEN");
    if (!isOperator(m_services.config, bearerToken(request)))
        return unauthenticated();
    return {};
}

std::optional<Result<void>> Access::decide(const Gateway &gateway, const std::string &bearer) const
{
    Result<void> checked = administrator(gateway, bearer);
    if (checked || gateway.settings.accessControl == AccessControl::Custom)
        return checked;
    if (bearer.empty()) // `*` stands for every user of the identity provider, not for nobody
        return unauthenticated();
    return std::nullopt;
}

bool Access::clientMayPublish(const Gateway &gateway, const ClientSender &sender)
{
    if (sender.granted || gateway.settings.accessControl == AccessControl::None)
        return true;
    if (gateway.settings.accessControl == AccessControl::Custom)
        return false;
    return gateway.settings.permissions.allows(Permission::Write, sender.identity);
}

std::optional<Result<void>> Access::permittedAtOnce(const Gateway &gateway, const ApiRequest &request) const
{
    if (gateway.settings.accessControl == AccessControl::None)
        return Result<void>();
    return decide(gateway, bearerToken(request));
}

void Access::whenPermitted(const GatewayPointer &gateway, Permission permission, const ApiRequest &request,
                           Respond respond, Permitted go) const
{
    if (gateway->settings.accessControl == AccessControl::None)
        return go(request.body, nullptr, respond);
    const std::string bearer = bearerToken(request);
    const std::optional<Result<void>> decision = decide(*gateway, bearer);
    if (!decision)
        return askIdentity(gateway, permission, bearer, request.body, std::move(respond), std::move(go));
    if (!*decision)
        return respond(errorAnswer(decision->error()));
    go(request.body, nullptr, respond);
}

void Access::askIdentity(const GatewayPointer &gateway, Permission permission, const std::string &accessToken,
                         std::string_view body, Respond respond, Permitted go) const
{
    m_services.identity.check(gateway, accessToken,
                              [gateway, permission, body = std::string(body), respond = std::move(respond),
                               go = std::move(go)](Result<Identity> identity) {
                                  if (!identity)
                                      respond(errorAnswer(identity.error()));
                                  else if (!gateway->settings.permissions.allows(permission, *identity))
                                      respond(errorAnswer({ErrorCode::AccessDenied, {}, {}}));
                                  else
                                      go(body, &*identity, respond);
                              });
}

} // namespace mws
