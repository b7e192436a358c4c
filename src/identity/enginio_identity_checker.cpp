#include "identity/enginio_identity_checker.h"

#include "identity/enginio_client.h"

#include <algorithm>

namespace mws {

namespace {

/// Whether it may stand in a header field at all (RFC 9110 §11.4 is narrower, providers are not).
bool isSendable(std::string_view accessToken)
{
    return !accessToken.empty() && accessToken.size() <= maxAccessTokenBytes &&
           std::all_of(accessToken.begin(), accessToken.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

} // namespace

EnginioIdentityChecker::EnginioIdentityChecker(EnginioClient &client, Executor &worker, Executor &network)
    : m_client(client), m_worker(worker), m_network(network)
{}

void EnginioIdentityChecker::check(const std::shared_ptr<const Gateway> &gateway,
                                   const std::string &accessToken, Answer answer)
{
    const IdentityProvider &provider = gateway->settings.identityProvider;
    if (provider.edsUri.empty())
        return answer(Unexpected(ErrorCode::Unavailable, "The gateway has no identity provider"));
    if (!isSendable(accessToken))
        return answer(Unexpected(ErrorCode::AuthenticationNeeded));
    const IdentityCache::Key key = IdentityCache::keyOf(*gateway, accessToken);
    if (auto known = m_client.cache().find(key))
        return answer(std::move(*known));
    m_network.post([&client = m_client, &worker = m_worker, provider, key, accessToken,
                    answer = std::move(answer)]() mutable {
        client.ask(provider, key, accessToken,
                   [&worker, answer = std::move(answer)](const Result<Identity> &result) {
                       worker.post([answer, result] { answer(result); });
                   });
    });
}

} // namespace mws
