#include "identity/jwt_identity_checker.h"

#include "identity/jwt_key_loader.h"
#include "identity/jwt_verifier.h"

namespace mws {

namespace {

/// What is known of the token with the keys of now.
Result<Identity> verdictNow(const JwtKeyStore &store, const Gateway &gateway, const std::string &accessToken,
                            WallTime now)
{
    const JwtKeyStore::Snapshot snapshot = store.find(gateway);
    if (!snapshot || snapshot->keys.empty())
        return Unexpected(ErrorCode::Unavailable, "The keys that verify access tokens are not known yet");
    return verifyJwt(accessToken, gateway.settings.identityProvider.jwt, snapshot->keys, now).identity;
}

} // namespace

JwtIdentityChecker::JwtIdentityChecker(JwtKeyLoader &loader, const Clock &clock, Executor &worker,
                                       Executor &network)
    : m_loader(loader), m_clock(clock), m_worker(worker), m_network(network)
{}

void JwtIdentityChecker::check(const std::shared_ptr<const Gateway> &gateway, const std::string &accessToken,
                               Answer answer)
{
    const JwtKeyStore::Snapshot snapshot = m_loader.store().find(*gateway);
    static const JwtKeys none;
    const JwtVerdict verdict = verifyJwt(accessToken, gateway->settings.identityProvider.jwt,
                                         snapshot ? snapshot->keys : none, m_clock.wall());
    if (!verdict.keyMissing)
        return answer(verdict.identity);
    if (snapshot && m_clock.now() < snapshot->nextLoad) // the loader would not look either
        return answer(verdictNow(m_loader.store(), *gateway, accessToken, m_clock.wall()));
    m_network.post([&loader = m_loader, &clock = m_clock, &worker = m_worker, gateway, accessToken,
                    version = snapshot ? snapshot->version : 0, answer = std::move(answer)] {
        loader.refresh(gateway, version, [&loader, &clock, &worker, gateway, accessToken, answer] {
            const auto result = verdictNow(loader.store(), *gateway, accessToken, clock.wall());
            worker.post([answer, result] { answer(result); });
        });
    });
}

} // namespace mws
