#include "app/service_settings.h"

#include "app/version.h"
#include "mws/base/random.h"

namespace mws {

namespace {

NetConfig netConfig(const ServiceConfig &config, std::shared_ptr<const TlsContext> tls)
{
    NetConfig net;
    net.request = RequestLimits{config.http.headBytes, config.http.targetBytes, config.http.fields,
                                config.http.bodyBytes};
    net.headTimeout = config.http.headTimeout;
    net.bodyTimeout = config.http.bodyTimeout;
    net.bodyRate = config.http.bodyRate;
    net.heldBytes = config.http.heldBytes;
    net.idleTimeout = config.http.idleTimeout;
    net.handshakeTimeout = config.webSocket.handshakeTimeout;
    net.closeTimeout = config.webSocket.closeTimeout;
    net.messageTimeout = config.webSocket.messageTimeout;
    net.tlsTimeout = config.tls.handshakeTimeout;
    net.tls = std::move(tls);
    net.trustForwarded = config.server.trustForwarded;
    return net;
}

ApiConfig apiConfig(const ServiceConfig &config)
{
    ApiConfig api;
    api.publicUrl = config.server.publicUrl;
    api.appDomain = config.server.appDomain;
    api.tls = config.tls.isOn();
    api.trustForwarded = config.server.trustForwarded;
    api.operatorToken = config.server.operatorToken;
    api.jsonDepth = config.http.jsonDepth;
    api.console = config.server.console;
    api.version = version;
    api.node = nodeName();
    api.tokenGrace = config.server.tokenGrace;
    return api;
}

} // namespace

const std::string &nodeName()
{
    static const std::string name = randomAlphanumeric(8);
    return name;
}

WorkerSettings workerSettings(const ServiceConfig &config, std::shared_ptr<const TlsContext> tls)
{
    return {netConfig(config, std::move(tls)),
            SocketConfig{config.webSocket.pingInterval, config.webSocket.pongTimeout,
                         config.webSocket.slowReaderTimeout, config.server.workerQueueBytes},
            apiConfig(config)};
}

AddressLimits addressLimits(const LimitsConfig &config)
{
    AddressLimits limits;
    limits.connections = config.connections;
    limits.perSecond = {config.connectionsPerSecond, config.requestsPerSecond, config.reservationsPerSecond,
                        config.messagesPerSecond}; // in the order of AddressRate
    limits.burst = config.burst;
    for (const std::string &text : config.exempt)
        if (const auto network = Network::parse(text))
            limits.exempt.push_back(*network);
    return limits;
}

EnginioOptions enginioOptions(const IdentityConfig &config)
{
    EnginioOptions options;
    options.cacheLife = std::chrono::duration_cast<std::chrono::seconds>(config.cache);
    options.bounds.deadline = config.timeout;
    return options;
}

JwtKeyOptions jwtKeyOptions(const IdentityConfig &config)
{
    JwtKeyOptions options;
    options.bounds.deadline = config.timeout;
    options.interval = config.keysInterval;
    options.life = config.keysLife;
    return options;
}

} // namespace mws
