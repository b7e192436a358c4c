#pragma once

#include "cluster/node_id.h"
#include "cluster/token_ledger.h"
#include "mws/base/clock.h"
#include "redis/redis.h"

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

namespace mws {

/// The ledger in Redis: one script for each operation, see redis_token_scripts.h. Of a revocation by filter
/// one for each thousand open reservations, so that Redis is not held up.
///
/// Thread: one, with an event loop.
class RedisTokenLedger final : public TokenLedger
{
public:
    /// `prefix` of all keys, e.g. `mws`; `node`: this one, whose lease the registry renews. `redis` and
    /// `clock` outlive this.
    RedisTokenLedger(Redis &redis, std::string prefix, NodeId node, const Clock &clock);
    ~RedisTokenLedger() override;

    void reserve(const GatewayId &gateway, const Reservation &reservation, uint64_t limit,
                 Done done) override;
    void claim(const GatewayId &gateway, const Reservation &reservation, Done done) override;
    void giveBack(const GatewayId &gateway, const Reservation &reservation) override;
    void revoke(const GatewayId &gateway, const SocketId &id,
                std::function<void(Result<bool>)> done) override;
    void revoke(const GatewayId &gateway, const ReservationFilter &filter,
                std::function<void(Result<size_t>)> done) override;
    void forget(const GatewayId &gateway) override;

    /// Gives back what could not be given back when it was to be. Call it several times a second.
    void tick();

    /// For tests: tokens with `reuse` that are held here, or still to be given back.
    size_t held() const { return m_held.size() + m_owed.size(); }

private:
    /// A token with `reuse` that was claimed here.
    struct Held
    {
        GatewayId gateway;
        std::string tokenId;
        uint64_t number = 0; ///< of the claim, so that what is given back late takes no later one away
        WallTime expiresAt;
    };
    struct Sweep;

    std::string key(const GatewayId &gateway, std::string_view name) const;
    std::string tokenKey(const GatewayId &gateway, const std::string &tokenId) const;
    void spend(const GatewayId &gateway, const Reservation &reservation, Done done);
    void hold(const GatewayId &gateway, const Reservation &reservation, Done done);
    void release(Held held);
    void sweep(const std::shared_ptr<Sweep> &sweep);

    Redis &m_redis;
    const std::string m_prefix;
    const NodeId m_node;
    const Clock &m_clock;
    uint64_t m_lastClaim = 0;
    std::unordered_map<std::string, Held> m_held; ///< by gateway and token id
    std::deque<Held> m_owed;                      ///< to be given back when Redis can be reached
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); ///< for handlers that come when this has gone
};

} // namespace mws
