#pragma once

#include "api/api_services.h"
#include "config/service_config.h"
#include "hub/node.h"
#include "identity/enginio_client.h"
#include "identity/jwt_key_loader.h"
#include "limit/address_table.h"
#include "net/net_config.h"

#include <memory>
#include <string>

namespace mws {

/// What a worker goes by, and can be given anew while it runs.
struct WorkerSettings
{
    NetConfig net;
    SocketConfig sockets;
    ApiConfig api;
};

/// This life of this program among others, for people: 8 letters and digits. Thread: any.
const std::string &nodeName();

// The configuration as the layers want it.

/// `tls`: of new connections; null: plain.
WorkerSettings workerSettings(const ServiceConfig &config, std::shared_ptr<const TlsContext> tls);
AddressLimits addressLimits(const LimitsConfig &config);
EnginioOptions enginioOptions(const IdentityConfig &config);
JwtKeyOptions jwtKeyOptions(const IdentityConfig &config);

} // namespace mws
