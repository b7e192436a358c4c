#pragma once

#include "mws/base/result.h"
#include "mws/domain/identifiers.h"
#include "mws/domain/reservation.h"

#include <cstdint>
#include <functional>

namespace mws {

/// Which reservations are open and which tokens are spent or revoked, for all nodes of a cluster; what one
/// ReservationTable is for one node. Claims and revocations of a token happen in one order.
/// Errors of all: Unavailable if the store does not answer, and then it may have been done.
/// Thread: the broker's. Handlers are called once, at once or later.
class TokenLedger
{
public:
    using Done = std::function<void(Result<void>)>;

    virtual ~TokenLedger() = default;

    /// Remembers an issued reservation until it expires. Errors: Unavailable if `limit` are open already;
    /// InvalidData if it is longer than any token.
    virtual void reserve(const GatewayId &gateway, const Reservation &reservation, uint64_t limit,
                         Done done) = 0;

    /// Spends the token of a verified reservation for one socket of this node, also one that was never
    /// reserved (minted by a backend). One with `reuse` is only held, until giveBack() or until this node's
    /// lease ends. This node itself sees to it that it claims no such token a second time before it has given
    /// it back. Errors: InvalidToken if it is spent or revoked, or another node holds it.
    virtual void claim(const GatewayId &gateway, const Reservation &reservation, Done done) = 0;
    /// The socket of a `reuse` reservation that was claimed here has gone, or did not open. Nothing for
    /// others. Done later if the store cannot be reached.
    virtual void giveBack(const GatewayId &gateway, const Reservation &reservation) = 0;

    /// Revokes the open reservation of that socket id: whether there was one. A single-use token that was
    /// claimed before is no open reservation any more; one with `reuse` is, until it expires.
    virtual void revoke(const GatewayId &gateway, const SocketId &id,
                        std::function<void(Result<bool>)> done) = 0;
    /// Revokes all open reservations that match every given member, at least those that were there when it
    /// was asked; how many. Cost: linear in those that are open.
    virtual void revoke(const GatewayId &gateway, const ReservationFilter &filter,
                        std::function<void(Result<size_t>)> done) = 0;
    /// Drops the open reservations of a gateway that was deleted.
    virtual void forget(const GatewayId &gateway) = 0;
};

} // namespace mws
