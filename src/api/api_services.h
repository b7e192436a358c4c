#pragma once

#include "config/gateway_admin.h"
#include "hub/hub.h"
#include "identity/identity_checker.h"
#include "limit/address_table.h"
#include "limit/gateway_rates.h"
#include "mws/base/clock.h"
#include "mws/base/metrics.h"
#include "mws/base/secret.h"
#include "token/idempotency_table.h"
#include "token/reservation_table.h"

#include <chrono>
#include <functional>
#include <string>

namespace mws {

/// What the whole service tells its API.
struct ApiConfig
{
    std::string publicUrl; ///< where clients reach the service, e.g. `https://push.example.com`; may be empty
    std::string appDomain; ///< APP_DOMAIN: a host; URIs are then wss
    bool tls = false;      ///< this port speaks TLS: URIs are wss unless one of the others says something
    bool trustForwarded = false; ///< believe X-Forwarded-Host, X-Forwarded-Proto and X-Forwarded-For
    SecretDigest operatorToken;  ///< empty: the operator's calls answer 401
    size_t jsonDepth = 64;
    bool console = true;                    ///< its pages and calls are there
    std::string version = {};               ///< of the program
    std::string node = {};                  ///< an id of this life of the node
    std::chrono::milliseconds tokenGrace{}; ///< life of a security token that was rotated out
};

/// What the handlers of one worker work with. Everything outlives them.
struct ApiServices
{
    Hub &hub;
    GatewayAdmin &admin;
    ReservationTable &reservations;
    IdempotencyTable &idempotency;
    IdentityChecker &identity;
    const Clock &clock;
    AddressTable &addresses;
    GatewayRates &rates;
    WorkerMetrics &metrics; ///< of this worker
    ApiConfig config;
    /// For GET /health/ready: why not; empty: it is.
    std::function<std::string_view()> notReady = [] { return std::string_view(); };
    std::function<std::string()> metricsPage = {}; ///< for GET /metrics; empty: that is elsewhere
};

} // namespace mws
