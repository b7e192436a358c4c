#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "mws/domain/reservation.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// What is written behind, so that it survives a restart. See TokenJournal.
/// Thread: called from any worker, under a stripe's mutex: must only enqueue.
class ReservationObserver
{
public:
    virtual ~ReservationObserver() = default;
    virtual void reserved(const GatewayId &gateway, const Reservation &reservation) = 0;
    /// The token id is spent or revoked and stays so until it expires.
    virtual void ended(const GatewayId &gateway, const std::string &tokenId, WallTime expiresAt) = 0;
    virtual void forgotten(const GatewayId &gateway) = 0; ///< the gateway was deleted
};

/// Which reservations are open and which tokens are spent or revoked, on this node; decided in one place
/// under striped mutexes, so that a token opens one socket whatever workers it arrives at. Thread: any.
class ReservationTable
{
public:
    ReservationTable(const Clock &clock, ReservationObserver *observer);
    ~ReservationTable();

    /// Remembers an issued reservation. Errors: Unavailable over `Limits::reservations` of the gateway.
    Result<void> add(const Gateway &gateway, const Reservation &reservation);

    /// Claims the token of a verified reservation for one socket: true for exactly one caller until it is
    /// given back. Works for tokens that this table did not issue, too (minted by a backend). A reservation
    /// with `reuse` can be claimed again after release(), until it expires. Errors: InvalidToken if spent,
    /// revoked or in use.
    Result<void> claim(const Gateway &gateway, const Reservation &reservation);
    /// The two halves of claim(), for a socket that takes a while to open: hold() as claim(), but the
    /// reservation can still be revoked; then, when the socket can be found and closed by its id, confirm():
    /// false if it was revoked in between. release() instead of it gives a `reuse` token back and spends
    /// others.
    Result<void> hold(const Gateway &gateway, const Reservation &reservation);
    bool confirm(const Gateway &gateway, const Reservation &reservation);
    /// The socket of a `reuse` reservation has gone: its URI opens again. Nothing for single-use ones.
    void release(const Gateway &gateway, const Reservation &reservation);

    /// Revokes the open or held reservation of that socket id; false if there is none (also if it is spent).
    bool revoke(const Gateway &gateway, const SocketId &id);
    using Filter = ReservationFilter;
    /// Revokes all open reservations that match every given member; how many.
    size_t revoke(const Gateway &gateway, const Filter &filter);
    /// All of a deleted gateway.
    void forget(const GatewayId &gateway);

    size_t open(const GatewayId &gateway) const;
    /// Drops what has expired; call about once a second.
    void expire();

    /// Puts back what was stored; no observer is told.
    void restore(const GatewayId &gateway, const Reservation &reservation);
    void restoreEnded(const GatewayId &gateway, const std::string &tokenId, WallTime expiresAt);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace mws
