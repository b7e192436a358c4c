#pragma once

#include "identity/identity_checker.h"
#include "mws/base/clock.h"
#include "mws/base/executor.h"

namespace mws {

class JwtKeyLoader;

/// Mode `jwt`: verifies access tokens here and now; only where a key is missing it waits for the loader. One
/// for each worker, all with the same loader. Thread: the worker's.
class JwtIdentityChecker final : public IdentityChecker
{
public:
    /// `worker` is the thread that asks, `network` the one that `loader` lives on. All outlive this; and
    /// `worker` outlives `loader`, whose destructor still answers.
    JwtIdentityChecker(JwtKeyLoader &loader, const Clock &clock, Executor &worker, Executor &network);

    /// Errors: AuthenticationNeeded for a token that does not verify; Unavailable where no key at all is
    /// known.
    void check(const std::shared_ptr<const Gateway> &gateway, const std::string &accessToken,
               Answer answer) override;

private:
    JwtKeyLoader &m_loader;
    const Clock &m_clock;
    Executor &m_worker;
    Executor &m_network;
};

} // namespace mws
