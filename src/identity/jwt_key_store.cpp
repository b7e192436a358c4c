#include "identity/jwt_key_store.h"

namespace mws {

bool sameKeySources(const Gateway &a, const Gateway &b)
{
    const JwtProvider &one = a.settings.identityProvider.jwt;
    const JwtProvider &other = b.settings.identityProvider.jwt;
    return a.serial == b.serial && a.jwtSecret == b.jwtSecret && one.publicKeyFile == other.publicKeyFile &&
           one.jwks == other.jwks;
}

JwtKeyStore::Snapshot JwtKeyStore::find(const Gateway &gateway) const
{
    Snapshot found;
    {
        const std::lock_guard lock(m_mutex);
        const auto it = m_snapshots.find(gateway.id);
        if (it != m_snapshots.end())
            found = it->second;
    }
    const bool current =
        found && (found->gateway.get() == &gateway || sameKeySources(*found->gateway, gateway));
    if (!current)
        return nullptr;
    if (!found->used.load(std::memory_order_relaxed))
        found->used.store(true, std::memory_order_relaxed);
    return found;
}

void JwtKeyStore::put(Snapshot snapshot)
{
    const std::lock_guard lock(m_mutex);
    m_snapshots.insert_or_assign(snapshot->gateway->id, std::move(snapshot));
}

void JwtKeyStore::erase(const GatewayId &id)
{
    const std::lock_guard lock(m_mutex);
    m_snapshots.erase(id);
}

} // namespace mws
