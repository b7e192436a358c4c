#include "config/config_checks.h"

#include "limit/public_address.h"
#include "mws/domain/origin.h"

#include <QHostAddress>
#include <QString>
#include <QUrl>
#include <algorithm>

namespace mws {

namespace {

bool isPublic(const std::string &address)
{
    return !QHostAddress(QString::fromStdString(address)).isLoopback();
}

/// An error that names `option` and, where it was set, the place.
std::string problem(std::string_view option, const SourceMap &sources, const std::string &text)
{
    const auto source = sources.find(std::string(option));
    return (source == sources.end() ? "" : source->second + ": ") + std::string(option) + ": " + text;
}

void checkTls(const TlsSettings &tls, const SourceMap &sources, std::vector<std::string> &errors)
{
    if (tls.isOn() && tls.key.empty())
        errors.push_back(problem("tls.key", sources, "needed, as tls.certificate is set"));
    if (!tls.isOn() && !tls.key.empty())
        errors.push_back(problem("tls.key", sources, "needs tls.certificate, which is not set"));
    const bool asked = tls.clientCertificates != ClientCertificates::None;
    if (asked && !tls.isOn())
        errors.push_back(
            problem("tls.client_certificates", sources, "needs tls.certificate, which is not set"));
    if (asked && tls.clientCa.empty())
        errors.push_back(problem("tls.client_ca", sources, "needed, as tls.client_certificates is not none"));
    if (!asked && !tls.clientCa.empty())
        errors.push_back(problem("tls.client_ca", sources,
                                 "of no use, as tls.client_certificates is none: set optional or required"));
}

void checkRedis(const RedisConfig &redis, const SourceMap &sources, std::vector<std::string> &errors)
{
    if (const auto settings = redisSettings(redis); !settings)
        errors.push_back(problem("redis." + settings.error().property, sources, settings.error().detail));
}

void checkGateway(const GatewayConfig &gateway, const std::string &prefix, const SourceMap &sources,
                  std::vector<std::string> &errors)
{
    const auto conflict = gatewayConflict(gateway);
    if (!conflict)
        return;
    const Option *option = findJsonOption(conflict->json);
    const std::string name = prefix + '.' + std::string(option->key);
    const auto source = sources.find(name);
    errors.push_back((source == sources.end() ? "" : source->second + ": ") + name + ": " + conflict->text);
}

bool isPlainKeyUrl(const std::string &jwks)
{
    const QUrl url(QString::fromStdString(jwks));
    return jwks.starts_with("http://") && url.host() != QLatin1String("localhost") &&
           !QHostAddress(url.host()).isLoopback();
}

/// Whether the URL names an address that is not public; what a name leads to is seen when it is used.
bool namesPrivateAddress(const std::string &url)
{
    const QString host = QUrl(QString::fromStdString(url)).host();
    const auto address = IpAddress::parse(host.toStdString());
    return host == QLatin1String("localhost") || (address && !isPublicAddress(*address));
}

std::optional<SettingsConflict> eventConflict(const EventSettings &events)
{
    if (events.url.empty())
        return std::nullopt;
    if (events.secrets.empty())
        return SettingsConflict{"events.secrets", "needed to sign events, as there is an event URL"};
    if (!events.allowPrivate && namesPrivateAddress(events.url))
        return SettingsConflict{"events.url",
                                "its address is not public; only the operator can allow that, with "
                                "events_allow_private in file or environment"};
    return std::nullopt;
}

/// A pattern such as `https://*.com`: a whole top-level domain.
bool isVeryWide(const std::string &origin)
{
    const auto parts = parseOriginPattern(origin);
    return parts && parts->below && parts->host != "localhost" && parts->host.find('.') == std::string::npos;
}

/// Behind a proxy all connections are the proxy's.
void checkForwarded(const ServiceConfig &config, const SourceMap &sources, std::vector<std::string> &errors)
{
    const auto refuse = [&](const std::string &name) {
        const auto source = sources.find(name);
        errors.push_back(
            (source == sources.end() ? "" : source->second + ": ") + name +
            ": makes no sense with server.trust_forwarded, where all connections are the proxy's; "
            "limit requests_per_second instead");
    };
    if (config.server.trustForwarded && config.limits.connections != 0)
        refuse("limits.connections_per_address");
    if (config.server.trustForwarded && config.limits.connectionsPerSecond != 0)
        refuse("limits.connections_per_second");
}

void checkOpsPort(const ServerConfig &server, const SourceMap &sources, std::vector<std::string> &errors)
{
    if (server.opsPort != 0 && server.opsPort == server.port)
        errors.push_back(problem("server.ops_port", sources, "is the same as server.port"));
}

void warnOfRedis(const RedisConfig &redis, const SourceMap &sources, std::vector<std::string> &warnings)
{
    if (redis.url.empty() && redis.host.empty()) {
        for (const auto &[option, place] : sources)
            if (option.starts_with("redis."))
                warnings.push_back(place + ": " + option +
                                   " is of no use without redis.url or redis.host: the node works alone");
        return;
    }
    const auto settings = redisSettings(redis);
    if (settings && settings->tls && !settings->verifyCertificate)
        warnings.push_back("Redis's certificate is not checked: anyone on the way can read and change "
                           "everything (redis.verify_certificate)");
}

void warnOfGateway(const ServiceConfig &config, const GatewayConfig &gateway, bool isDefault,
                   std::vector<std::string> &warnings)
{
    const std::string who = "gateway " + gateway.id;
    if (gateway.securityToken.empty() && gateway.furtherSecurityTokens.empty())
        warnings.push_back(who + " has no security token: the calls that need it answer 401; set " +
                           (isDefault ? "SECURITY_TOKEN" : "security_token"));
    if (gateway.settings.accessControl == AccessControl::None && isPublic(config.server.address))
        warnings.push_back(
            who + " is in mode none on a public address: anyone may fetch URIs and post messages; set " +
            (isDefault ? "ACCESS_CONTROL" : "access_control"));
    if (gateway.settings.accessControl == AccessControl::Eds &&
        gateway.settings.identityProvider.edsUri.empty())
        warnings.push_back(who +
                           " is in mode eds without an Enginio server: access tokens are answered 503; set " +
                           (isDefault ? "EDS_URI" : "eds_uri"));
    if (isPlainKeyUrl(gateway.settings.identityProvider.jwt.jwks))
        warnings.push_back(
            who + " fetches keys of access tokens without TLS: whoever is on the way can name his own; "
                  "use https (jwt_jwks)");
    if (isPlainKeyUrl(gateway.settings.events.url))
        warnings.push_back(who +
                           " sends events without TLS: whoever is on the way can read them (events_url)");
    if (std::any_of(gateway.settings.allowedOrigins.begin(), gateway.settings.allowedOrigins.end(),
                    isVeryWide))
        warnings.push_back(who + " allows the origins of a whole top-level domain (allowed_origins)");
}

} // namespace

std::string furtherGatewayName(size_t index)
{
    return "gateways[" + std::to_string(index) + ']';
}

std::optional<SettingsConflict> settingsConflict(const GatewaySettings &settings)
{
    const Limits &limits = settings.limits;
    const AnonymousSockets &anonymous = settings.anonymousSockets;
    if (anonymous.enabled && settings.accessControl != AccessControl::None)
        return SettingsConflict{"anonymousSockets.enabled",
                                "sockets without a token are only for access control none"};
    if (anonymous.tags.size() > limits.tagsPerSocket)
        return SettingsConflict{"anonymousSockets.tags", "more than the " +
                                                             std::to_string(limits.tagsPerSocket) +
                                                             " tags that a socket may have"};
    size_t bytes = 0;
    for (const Tag &tag : anonymous.tags) {
        bytes += tag.size();
        if (tag.size() > limits.tagLength)
            return SettingsConflict{"anonymousSockets.tags", "a tag is longer than the " +
                                                                 std::to_string(limits.tagLength) +
                                                                 " bytes that a tag may have"};
    }
    if (bytes > limits.tagBytes)
        return SettingsConflict{"anonymousSockets.tags", "longer together than the " +
                                                             std::to_string(limits.tagBytes) +
                                                             " bytes of tag_bytes"};
    return std::nullopt;
}

std::optional<SettingsConflict> gatewayConflict(const GatewayConfig &gateway)
{
    if (const auto conflict = eventConflict(gateway.settings.events))
        return conflict;
    const JwtProvider &jwt = gateway.settings.identityProvider.jwt;
    const bool hasKey = !gateway.jwtSecret.empty() || !jwt.publicKeyFile.empty() || !jwt.jwks.empty();
    if (gateway.settings.accessControl == AccessControl::Jwt && !hasKey)
        return SettingsConflict{"accessControl",
                                "mode jwt needs a key that verifies access tokens: jwt_secret, "
                                "jwt_public_key or jwt_jwks (identityProvider.jwksUri)"};
    return settingsConflict(gateway.settings);
}

void checkTogether(const ServiceConfig &config, const SourceMap &sources, std::vector<std::string> &errors)
{
    checkTls(config.tls, sources, errors);
    checkForwarded(config, sources, errors);
    checkOpsPort(config.server, sources, errors);
    checkRedis(config.redis, sources, errors);
    checkGateway(config.gateway, "gateway", sources, errors);
    std::map<GatewayId, std::string> names{{config.gateway.id, "gateway"}};
    for (size_t i = 0; i < config.gateways.size(); ++i) {
        const std::string prefix = furtherGatewayName(i);
        checkGateway(config.gateways[i], prefix, sources, errors);
        if (config.gateways[i].id.empty())
            continue;
        const auto [it, fresh] = names.emplace(config.gateways[i].id, prefix);
        if (!fresh)
            errors.push_back(sources.at(prefix + ".id") + ": " + prefix + ".id: " + it->second +
                             " has this id too");
    }
}

void addWarnings(ServiceConfig &config, const SourceMap &sources)
{
    std::vector<std::string> &warnings = config.warnings;
    if (sources.empty())
        warnings.push_back(
            "nothing is configured: listening on 127.0.0.1:8080, with the gateway default in mode none");
    warnOfRedis(config.redis, sources, warnings);
    warnOfGateway(config, config.gateway, true, warnings);
    for (const GatewayConfig &gateway : config.gateways)
        warnOfGateway(config, gateway, false, warnings);
}

} // namespace mws
