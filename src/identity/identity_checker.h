#pragma once

#include "mws/base/result.h"
#include "mws/domain/gateway.h"

#include <functional>
#include <string>

namespace mws {

/// Says who the bearer of an access token is.
class IdentityChecker
{
public:
    using Answer = std::function<void(Result<Identity>)>;
    virtual ~IdentityChecker() = default;
    /// Calls `answer` exactly once, at once or later, on the thread that asked.
    /// Errors: AuthenticationNeeded if the provider does not know the token; Unavailable if the provider is
    /// slow, away or answers nonsense, or none is configured.
    virtual void check(const std::shared_ptr<const Gateway> &gateway, const std::string &accessToken,
                       Answer answer) = 0;
};

} // namespace mws
