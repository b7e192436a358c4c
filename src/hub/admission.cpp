#include "hub/admission.h"

#include "mws/domain/origin.h"
#include "token/token_codec.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace mws {

namespace {

constexpr std::string_view gatewaysPrefix = "/v1/gateways/";
constexpr std::string_view socketSuffix = "/socket";

/// RFC 6455 §4.2.2: the first offered one that the gateway allows, or none.
std::string chooseSubprotocol(const GatewaySettings &settings, const std::vector<std::string_view> &offered)
{
    for (const std::string_view name : offered) {
        const auto &allowed = settings.subprotocols;
        if (!allowed || std::find(allowed->begin(), allowed->end(), name) != allowed->end())
            return std::string(name);
    }
    return {};
}

std::optional<Reservation> anonymousReservation(const Gateway &gateway, WallTime now)
{
    const GatewaySettings &settings = gateway.settings;
    if (settings.accessControl != AccessControl::None || !settings.anonymousSockets.enabled)
        return std::nullopt;
    Reservation reservation;
    reservation.socketId = SocketId::random();
    reservation.tags = settings.anonymousSockets.tags;
    reservation.issuedAt = now;
    return reservation;
}

} // namespace

Result<std::shared_ptr<const Gateway>> gatewayOfTarget(const GatewayTable &table, std::string_view path,
                                                       std::string_view token)
{
    std::shared_ptr<const Gateway> gateway;
    if (path == "/") {
        const std::string named = token.empty() ? table.defaultId : claimedGateway(token);
        gateway = table.find(named.empty() ? table.defaultId : named);
    } else if (path == "/v1/socket") {
        gateway = table.find(table.defaultId);
    } else if (path.starts_with(gatewaysPrefix) && path.ends_with(socketSuffix) &&
               path.size() > gatewaysPrefix.size() + socketSuffix.size()) {
        path.remove_prefix(gatewaysPrefix.size());
        path.remove_suffix(socketSuffix.size());
        gateway = table.find(path);
    }
    if (!gateway)
        return Unexpected(ErrorCode::NotFound, "There is no such gateway or socket path");
    return gateway;
}

Result<std::string> tokenOfQuery(std::string_view query)
{
    std::string token;
    bool found = false;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (!pair.starts_with("token="))
            continue;
        if (std::exchange(found, true))
            return Unexpected(ErrorCode::InvalidToken, "There is more than one token");
        token = pair.substr(6);
    }
    return token;
}

Result<Admitted> checkAdmission(const GatewayTable &table, const RequestHead &head,
                                const HandshakeRequest &handshake, WallTime now)
{
    const Result<std::string> token = tokenOfQuery(head.query());
    if (!token)
        return Unexpected(token.error());
    const Result<std::shared_ptr<const Gateway>> gateway = gatewayOfTarget(table, head.path(), *token);
    if (!gateway)
        return Unexpected(gateway.error());
    const GatewaySettings &settings = (*gateway)->settings;
    // No Origin at all is no browser. An empty one is what no browser sends: it is on no list.
    const bool hasOrigin = !handshake.origin.empty() || head.fieldCount("Origin") > 0;
    if (hasOrigin && !originAllowed(settings.allowedOrigins, handshake.origin))
        return Unexpected(ErrorCode::OriginDenied);

    Admitted admitted{*gateway, {}, chooseSubprotocol(settings, handshake.subprotocols)};
    if (token->empty()) {
        const std::optional<Reservation> anonymous = anonymousReservation(**gateway, now);
        if (!anonymous)
            return Unexpected(ErrorCode::InvalidToken, "The address has no token");
        admitted.reservation = *anonymous;
        return admitted;
    }
    Result<Reservation> reservation = verifyToken(**gateway, *token, now);
    if (!reservation)
        return Unexpected(reservation.error());
    admitted.reservation = *std::move(reservation);
    return admitted;
}

} // namespace mws
