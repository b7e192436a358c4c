#pragma once

#include "api/api_answer.h"
#include "api/api_request.h"
#include "api/api_services.h"
#include "hub/client_publisher.h"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace mws {

/// Finds the gateway that a request is for and decides whether the bearer may make it (CONTRACT.md "Access
/// control of a gateway"): the one place where that is decided.
/// Thread: the worker's.
class Access
{
public:
    using GatewayPointer = std::shared_ptr<const Gateway>;
    /// Goes on with the request's body, and with the identity of the user, null where there is none.
    using Permitted =
        std::function<void(std::string_view body, const Identity *user, const Respond &respond)>;

    explicit Access(const ApiServices &services) : m_services(services) {}

    /// Errors: Unavailable as long as the cluster's gateways are not known.
    Result<void> gatewaysKnown() const;

    /// Errors: NotFound; Unavailable as gatewaysKnown().
    Result<GatewayPointer> gateway(const ApiRequest &request) const;

    /// The gateway, if the bearer has its security token, or the operator's.
    /// Errors: NotFound; AuthenticationNeeded.
    Result<GatewayPointer> administered(const ApiRequest &request) const;

    /// Errors: AuthenticationNeeded.
    Result<void> operatorToken(const ApiRequest &request) const;

    /// The decision where it needs nobody else: nothing in it means that an identity provider must be asked.
    /// Errors: AuthenticationNeeded.
    std::optional<Result<void>> permittedAtOnce(const Gateway &gateway, const ApiRequest &request) const;

    /// Calls `go` if the bearer may read or write, else answers. At once unless an identity provider must be
    /// asked; then with a copy of the body.
    void whenPermitted(const GatewayPointer &gateway, Permission permission, const ApiRequest &request,
                       Respond respond, Permitted go) const;

    /// Whether a socket may send messages under the policy `publish`: where anybody may post them, where its
    /// user has the write permission (or, without one, `*` has it), or where its reservation says so.
    static bool clientMayPublish(const Gateway &gateway, const ClientSender &sender);

private:
    /// Whether the bearer is the gateway's security token, or the operator's. Errors: AuthenticationNeeded.
    Result<void> administrator(const Gateway &gateway, const std::string &bearer) const;
    std::optional<Result<void>> decide(const Gateway &gateway, const std::string &bearer) const;
    void askIdentity(const GatewayPointer &gateway, Permission permission, const std::string &accessToken,
                     std::string_view body, Respond respond, Permitted go) const;

    const ApiServices &m_services;
};

/// The credentials of `Authorization: Bearer …` (RFC 6750 §2.1); empty if there are none.
std::string bearerToken(const ApiRequest &request);

} // namespace mws
