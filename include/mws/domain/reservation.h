#pragma once

#include "mws/base/clock.h"
#include "mws/domain/gateway.h"
#include "mws/domain/identifiers.h"

#include <optional>
#include <string>
#include <vector>

namespace mws {

/// A socket that a client may open: what an issued URI stands for, and the claims of its token.
struct Reservation
{
    SocketId socketId;
    std::vector<Tag> tags;
    std::string user; ///< empty: none
    std::optional<ClientMessages> clientMessages;
    bool reuse = false;
    std::string tokenId; ///< `jti`: the one-time number
    WallTime issuedAt;   ///< whole seconds
    WallTime expiresAt;  ///< whole seconds
};

/// Which reservations, or their sockets, are meant; those that match every member that is given.
struct ReservationFilter
{
    std::optional<Tag> tag;
    std::optional<std::string> user;
    std::optional<WallTime> issuedBefore; ///< `iat`
};

} // namespace mws
