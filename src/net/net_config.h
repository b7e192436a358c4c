#pragma once

#include "limit/address_table.h"
#include "mws/base/clock.h"
#include "mws/base/metrics.h"
#include "protocol/request_parser.h"

#include <chrono>
#include <memory>

namespace mws {

class TlsContext;

/// Limits and deadlines of connections; CONTRACT.md "Limits" has the defaults.
struct NetConfig
{
    RequestLimits request;
    std::chrono::milliseconds headTimeout{10000}; ///< from a request's first byte to the end of its head
    std::chrono::milliseconds bodyTimeout{10000}; ///< without a byte of the body
    uint32_t bodyRate = 500;    ///< least bytes of a body per second, after its first 10 s; 0: any
    size_t heldBytes = 1 << 27; ///< of bodies and messages that are not whole, on one worker
    std::chrono::milliseconds idleTimeout{75000}; ///< between requests, and for an answer that is not read
    std::chrono::milliseconds handshakeTimeout{10000};
    std::chrono::milliseconds closeTimeout{5000};     ///< from our Close to the peer's
    std::chrono::milliseconds messageTimeout{120000}; ///< from a message's first byte to its last
    std::chrono::milliseconds tlsTimeout{10000};      ///< from accept() to the end of TLS's handshake
    std::shared_ptr<const TlsContext> tls;            ///< of new connections; null: they are plain
    bool trustForwarded = false;                      ///< the last address of X-Forwarded-For is the client's
};

/// What a ConnectionServer works with and others do, too. All of it outlives it.
struct NetShared
{
    const Clock &clock;
    AddressTable &addresses;
    WorkerMetrics &metrics; ///< of this worker
};

} // namespace mws
