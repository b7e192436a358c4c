#pragma once

#include "identity/jwt_keys.h"
#include "mws/base/clock.h"
#include "mws/domain/gateway.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace mws {

/// The keys of a gateway as of one load. Immutable, but for its mark of use; shared by all threads.
struct JwtKeySnapshot
{
    std::shared_ptr<const Gateway> gateway; ///< whose sources they are from
    JwtKeys keys;
    uint64_t version = 0;                  ///< grows with each load
    SteadyTime nextLoad{};                 ///< no load begins before
    mutable std::atomic<bool> used{false}; ///< since the load
};

/// True if the keys of both come from the same sources, and the gateways are the same incarnation.
bool sameKeySources(const Gateway &a, const Gateway &b);

/// The keys in force, for all workers. Thread: any.
class JwtKeyStore
{
public:
    using Snapshot = std::shared_ptr<const JwtKeySnapshot>;

    /// Null if nothing was loaded yet from where the gateway says now. Marks it as used.
    Snapshot find(const Gateway &gateway) const;
    void put(Snapshot snapshot);
    void erase(const GatewayId &id);

private:
    mutable std::mutex m_mutex;
    std::map<GatewayId, Snapshot, std::less<>> m_snapshots; ///< under m_mutex
};

} // namespace mws
