#pragma once

#include "cluster/gateway_state_store.h"
#include "config/shared_gateway_state.h"
#include "mws/base/result.h"

#include <cstddef>
#include <string>

namespace mws {

/// What is taken from the store, and written there.
struct SharedGatewayLimits
{
    size_t gateways = 10000;
    size_t gatewayBytes = 1 << 20;
    size_t bytes = 32 << 20; ///< of all gateways
};

/// The name of the field that tells format, epoch, version, nonce, floor and freshness.
inline constexpr char headField[] = "head";

std::string headOf(const SharedGatewayState &state);
/// `g:ID`
std::string fieldOf(const GatewayId &gateway);
std::string textOf(const SharedGateway &gateway);
GatewayFields fieldsOf(const SharedGatewayState &state);

/// Errors: Internal with what is wrong, also for what another version of the gateway wrote and for what is
/// over the limits. No field's text is in it.
Result<SharedGatewayState> parseGatewayFields(const GatewayFields &fields, const SharedGatewayLimits &limits);

/// Errors: Unavailable for more gateways than may be, PayloadTooLarge.
Result<void> checkLimits(const SharedGatewayState &state, const SharedGatewayLimits &limits);

} // namespace mws
