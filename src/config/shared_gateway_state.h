#pragma once

#include "mws/domain/identifiers.h"

#include <cstdint>
#include <map>
#include <string>

namespace mws {

/// One gateway, as all nodes of a cluster keep it.
struct SharedGateway
{
    uint64_t version = 0; ///< of the state, by which it was changed last
    std::string json;     ///< see storedGatewayJson(); empty: it was removed
    friend bool operator==(const SharedGateway &, const SharedGateway &) = default;
};

/// What all nodes of a cluster keep of their gateways, as of one version. Every change makes a new version.
struct SharedGatewayState
{
    std::string epoch;    ///< random, of the whole history; empty: of none yet
    std::string nonce;    ///< random, of this version
    uint64_t version = 0; ///< no gateway's is higher
    uint64_t floor = 0;   ///< gateways removed by this version or an earlier one are not listed any more
    bool fresh = true;    ///< nothing but signing keys is in it, which nodes make by themselves
    std::map<GatewayId, SharedGateway> gateways;
};

/// What two nodes of one history know together: of each gateway the newer version, so that it does not matter
/// who joins what, and in which order. Has the epoch, version and nonce of `redis` if that knows all, those
/// of `own` if only that does; else a new version, without a nonce.
SharedGatewayState joined(const SharedGatewayState &redis, const SharedGatewayState &own);

/// The next version, in which the named gateways have that JSON (empty: are removed). `keysOnly`: the change
/// is one that nodes make by themselves. Forgets the oldest removals where there are very many.
SharedGatewayState changed(const SharedGatewayState &state, const std::map<GatewayId, std::string> &gateways,
                           std::string nonce, bool keysOnly);

} // namespace mws
