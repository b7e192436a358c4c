#pragma once

#include "identity/identity_checker.h"

namespace mws {

/// Asks the checker of the gateway's access control mode. Thread: the worker's.
class IdentityByMode final : public IdentityChecker
{
public:
    IdentityByMode(IdentityChecker &enginio, IdentityChecker &jwt) : m_enginio(enginio), m_jwt(jwt) {}

    void check(const std::shared_ptr<const Gateway> &gateway, const std::string &accessToken,
               Answer answer) override
    {
        const bool isJwt = gateway->settings.accessControl == AccessControl::Jwt;
        (isJwt ? m_jwt : m_enginio).check(gateway, accessToken, std::move(answer));
    }

private:
    IdentityChecker &m_enginio;
    IdentityChecker &m_jwt;
};

} // namespace mws
