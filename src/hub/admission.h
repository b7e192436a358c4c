#pragma once

#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "mws/domain/reservation.h"
#include "protocol/handshake.h"
#include "token/reservation_table.h"

#include <memory>
#include <string>
#include <string_view>

namespace mws {

/// Whom a handshake is for, after everything but the limits on sockets was checked.
struct Admitted
{
    std::shared_ptr<const Gateway> gateway;
    Reservation reservation; ///< for an anonymous socket one that nobody issued: its tokenId is empty
    std::string subprotocol;
};

/// The gateway that a request for a WebSocket names: `/v1/gateways/{id}/socket`, `/v1/socket` or `/` (the
/// gateway of the token, else the default one). Errors: NotFound.
Result<std::shared_ptr<const Gateway>> gatewayOfTarget(const GatewayTable &table, std::string_view path,
                                                       std::string_view token);

/// The value of the one `token` parameter; empty if there is none. Errors: InvalidToken if it is there twice.
Result<std::string> tokenOfQuery(std::string_view query);

/// Checks what CONTRACT.md "WebSocket" asks of a handshake: gateway, origin, token, subprotocol. Does not
/// claim the token. Errors: NotFound, OriginDenied, InvalidToken.
Result<Admitted> checkAdmission(const GatewayTable &table, const RequestHead &head,
                                const HandshakeRequest &handshake, WallTime now);

} // namespace mws
