#pragma once

#include "identity/identity_checker.h"
#include "mws/base/executor.h"

namespace mws {

class EnginioClient;

/// Mode `eds`: checks access tokens with the gateway's Enginio server. One for each worker, all with the same
/// client. Thread: the worker's.
class EnginioIdentityChecker final : public IdentityChecker
{
public:
    /// `worker` is the thread that asks, `network` the one that `client` lives on. All three outlive this;
    /// and `worker` outlives `client`, whose destructor still answers.
    EnginioIdentityChecker(EnginioClient &client, Executor &worker, Executor &network);

    void check(const std::shared_ptr<const Gateway> &gateway, const std::string &accessToken,
               Answer answer) override;

private:
    EnginioClient &m_client;
    Executor &m_worker;
    Executor &m_network;
};

} // namespace mws
