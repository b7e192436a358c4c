#pragma once

#include "config/redis_config.h"
#include "mws/base/access_log.h"
#include "mws/base/log.h"
#include "mws/base/secret.h"
#include "mws/domain/gateway.h"
#include "tls/tls_settings.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// [server]
struct ServerConfig
{
    std::string address = "127.0.0.1";    ///< numeric IPv4 or IPv6; `::` means all addresses, IPv4 included
    uint16_t port = 8080;                 ///< 0: the system picks one
    uint32_t workers = 0;                 ///< 0: one for each core
    std::string opsAddress = "127.0.0.1"; ///< numeric, as `address`
    uint16_t opsPort = 0;                 ///< of metrics and health; 0: they are on `port` only
    std::filesystem::path stateDir = "./state";
    std::string publicUrl;                 ///< http(s) URL without a slash at its end; empty: none
    std::string appDomain;                 ///< host, perhaps with a port; URIs are then wss; empty: none
    bool directLane = true;                ///< POST messages without Qt's HTTP server
    bool console = true;                   ///< the pages at /console are there
    bool watchConfig = true;               ///< a change of a file is put in force without SIGHUP
    bool trustForwarded = false;           ///< X-Forwarded-Host and -Proto are honoured
    SecretDigest operatorToken;            ///< empty: the operator's calls answer 401
    uint64_t workerQueueBytes = 256 << 20; ///< memory that all queues of one worker may hold
    std::chrono::milliseconds drain{20000};
    std::chrono::milliseconds drainDelay{0}; ///< from SIGTERM to the drain: not ready, and all else goes on
    std::chrono::milliseconds tokenGrace{24 * 3600 * 1000}; ///< life of a security token that was rotated out
    friend bool operator==(const ServerConfig &, const ServerConfig &) = default;
};

/// [http]
struct HttpConfig
{
    size_t headBytes = 16384;
    size_t targetBytes = 8192;
    size_t fields = 100;
    size_t bodyBytes = 1 << 20;
    std::chrono::milliseconds headTimeout{10000}; ///< from the first byte to the whole head
    std::chrono::milliseconds bodyTimeout{10000}; ///< without a byte of the body
    uint32_t bodyRate = 500;                      ///< bytes per second after the first 10 s; 0: any
    size_t heldBytes = 1 << 27;                   ///< on one worker, of what has not arrived whole
    std::chrono::milliseconds idleTimeout{75000}; ///< between two requests
    uint32_t jsonDepth = 64;
    friend bool operator==(const HttpConfig &, const HttpConfig &) = default;
};

/// [websocket]
struct WebSocketConfig
{
    std::chrono::milliseconds handshakeTimeout{10000};
    std::chrono::milliseconds pingInterval{45000};
    std::chrono::milliseconds pongTimeout{25000};
    std::chrono::milliseconds closeTimeout{5000};
    std::chrono::milliseconds messageTimeout{120000}; ///< from a message's first byte to its last
    std::chrono::milliseconds slowReaderTimeout{
        30000}; ///< for a socket that takes nothing of what waits for it
    friend bool operator==(const WebSocketConfig &, const WebSocketConfig &) = default;
};

/// [identity]
struct IdentityConfig
{
    std::chrono::milliseconds timeout{2000};
    std::chrono::milliseconds cache{30000};        ///< how long a good answer is believed
    std::chrono::milliseconds keysInterval{60000}; ///< between two loads of a gateway's keys
    std::chrono::milliseconds keysLife{600000};    ///< of keys from a URL
    friend bool operator==(const IdentityConfig &, const IdentityConfig &) = default;
};

/// [limits]: what one client address may do; 0: no limit.
struct LimitsConfig
{
    uint64_t connections = 0; ///< open at a time
    uint64_t connectionsPerSecond = 0;
    uint64_t requestsPerSecond = 0;
    uint64_t reservationsPerSecond = 0;
    uint64_t messagesPerSecond = 0;
    std::chrono::seconds burst{1};   ///< of these rates: so long's worth may come at once
    std::vector<std::string> exempt; ///< addresses and networks that are not limited
    friend bool operator==(const LimitsConfig &, const LimitsConfig &) = default;
};

/// [cluster]: what this node shares with others, where there is a [redis].
struct ClusterConfig
{
    std::string prefix = "mws";                  ///< of all keys in Redis
    uint64_t streamEntries = 10000;              ///< messages that are kept for each gateway
    std::chrono::milliseconds streamAge{120000}; ///< and for how long
    uint32_t waitReplicas = 0;                   ///< replicas that must have a message
    friend bool operator==(const ClusterConfig &, const ClusterConfig &) = default;
};

/// Auto is text, on a terminal and elsewhere: JSON only when asked.
enum class LogFormat { Auto, Text, Json };

/// [log]
struct LogConfig
{
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Auto;
    AccessLog access = AccessLog::Off;
    friend bool operator==(const LogConfig &, const LogConfig &) = default;
};

/// [metrics]
struct MetricsConfig
{
    uint32_t gateways = 100; ///< that have a label of their own
    friend bool operator==(const MetricsConfig &, const MetricsConfig &) = default;
};

/// [gateway], or one of [[gateways]], before what is stored is laid over it; see GatewayStore.
struct GatewayConfig
{
    GatewayId id = "default";
    GatewaySettings settings; ///< allowedOrigins is {"*"} unless configured
    SecretDigest securityToken;
    std::vector<SecurityToken> furtherSecurityTokens; ///< some until a time
    std::string jwtSecret;                            ///< empty: none
    std::optional<SigningKey> signingKey;             ///< absent: GatewayStore makes one and keeps it

    GatewayConfig() { settings.allowedOrigins = {"*"}; }
};

/// A row of --print-config.
struct Provenance
{
    std::string option; ///< e.g. `server.port`, `gateways.players.name`
    std::string value;  ///< as it would stand in the file; a secret is `(set)` or `(not set)`
    std::string source; ///< `default`, `FILE:LINE`, the name of a variable, or `stored`
    friend bool operator==(const Provenance &, const Provenance &) = default;
};

/// Everything that the file and the environment say, checked. See config/loader.h.
struct ServiceConfig
{
    ServerConfig server;
    HttpConfig http;
    TlsSettings tls;
    WebSocketConfig webSocket;
    LimitsConfig limits;
    RedisConfig redis; ///< checked: redisSettings() of it has no error
    ClusterConfig cluster;
    IdentityConfig identity;
    LogConfig log;
    MetricsConfig metrics;
    GatewayConfig gateway;               ///< the default gateway
    std::vector<GatewayConfig> gateways; ///< the others
    std::vector<Provenance> provenance;
    std::vector<std::string> warnings; ///< for the log at start; no secret, and no value, in them
};

} // namespace mws
