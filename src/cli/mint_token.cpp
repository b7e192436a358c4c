#include "api/socket_uri.h"
#include "base/iso_time.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/minting.h"
#include "config/gateway_state.h"
#include "config/loader.h"
#include "mws/base/random.h"
#include "token/token_codec.h"

#include <QByteArray>
#include <algorithm>
#include <chrono>

namespace mws::cli {

namespace {

constexpr size_t longestKeyFile = 4096;
constexpr size_t shortestKey = 32;
constexpr int64_t longestLife = 86400; // s

struct Options
{
    std::string gateway;
    std::string configFile;
    std::string keyFile;
    std::string url;
    std::string user;
    std::string clientMessages;
    std::vector<std::string> tags;
    int64_t expires = 300;
    bool reuse = false;
    bool tokenOnly = false;
    bool json = false;
};

void declare(CLI::App &app, Options &options)
{
    app.add_option("gateway-id", options.gateway, "Which gateway; else the default one")
        ->type_name("GATEWAY");
    addList(app, "--tag", options.tags, "A tag of the socket; may be repeated")->type_name("TAG");
    app.add_option("--user", options.user, "Whose socket it is")->type_name("USER");
    app.add_option("--expires", options.expires, "How long the URI can be opened; 300 if not given")
        ->type_name("SECONDS")
        ->check(CLI::Range(int64_t(1), longestLife));
    app.add_flag("--reuse", options.reuse, "The URI opens again until it expires");
    app.add_option("--client-messages", options.clientMessages,
                   "ignore, echo, relay, publish or webhook; else the gateway's")
        ->type_name("POLICY");
    app.add_option("--key-file", options.keyFile,
                   "File (or -) with the signing key in base64; else the configuration's")
        ->type_name("FILE");
    app.add_option("--config", options.configFile, "Configuration file (TOML); else MWS_CONFIG")
        ->type_name("FILE");
    app.add_option("--url", options.url, "Where clients reach the gateway; else its public URL")
        ->type_name("URL");
    app.add_flag("--token-only", options.tokenOnly, "Print the token, not the URI");
    app.add_flag("--json", options.json, "Print {\"id\", \"uri\", \"token\", \"expiresAt\", \"tags\"}");
}

std::optional<Failure> readKey(const std::string &file, Gateway &gateway, Context &context)
{
    const auto read = readInput(file, longestKeyFile, context);
    if (const auto *failure = std::get_if<Failure>(&read))
        return Failure{failure->code, "--key-file: " + failure->text};
    const QByteArray text = QByteArray::fromStdString(std::get<std::string>(read)).trimmed();
    const auto key = QByteArray::fromBase64Encoding(text, QByteArray::AbortOnBase64DecodingErrors);
    if (!key || size_t((*key).size()) < shortestKey)
        return Failure{BadUsage, "--key-file: expected base64 of at least 32 bytes"};
    gateway.signingKeys = {{(*key).toStdString(), std::nullopt}};
    return std::nullopt;
}

/// The key that the gateway signs with, from the configuration or the state folder.
std::optional<Failure> findKey(const GatewayConfig &config, const StoredGateway *stored, Gateway &gateway)
{
    if (config.signingKey) {
        gateway.signingKeys = {*config.signingKey};
        return std::nullopt;
    }
    if (stored && !stored->signingKeys.empty()) {
        gateway.signingKeys = stored->signingKeys;
        return std::nullopt;
    }
    return Failure{BadUsage,
                   "the signing key of the gateway " + gateway.id +
                       " is not in the configuration (signing_key, MWS_GATEWAY_SIGNING_KEY), nor in the "
                       "state folder; --key-file names a file with it"};
}

const GatewayConfig *configured(const ServiceConfig &config, const std::string &id)
{
    if (id.empty() || id == config.gateway.id)
        return &config.gateway;
    const auto found = std::find_if(config.gateways.begin(), config.gateways.end(),
                                    [&](const GatewayConfig &gateway) { return gateway.id == id; });
    return found == config.gateways.end() ? nullptr : &*found;
}

std::optional<Failure> loadGateway(const Options &options, const ServiceConfig &config, Gateway &gateway,
                                   Context &context)
{
    auto loaded = signingGateway(config, options.gateway,
                                 options.keyFile.empty() ? KeySource::Configuration : KeySource::Given);
    if (auto *failure = std::get_if<Failure>(&loaded))
        return *failure;
    gateway = std::get<Gateway>(std::move(loaded));
    return options.keyFile.empty() ? std::nullopt : readKey(options.keyFile, gateway, context);
}

std::variant<Reservation, Failure> reservationOf(const Options &options)
{
    Reservation reservation = newReservation(std::chrono::seconds(options.expires));
    reservation.tags.assign(options.tags.begin(), options.tags.end());
    reservation.user = options.user;
    reservation.reuse = options.reuse;
    if (!options.clientMessages.empty()) {
        reservation.clientMessages = clientMessagesNamed(options.clientMessages);
        if (!reservation.clientMessages)
            return Failure{BadUsage, "--client-messages: expected ignore, echo, relay, publish or webhook"};
    }
    return reservation;
}

std::variant<std::string, Failure> originOf(const Options &options, const ServiceConfig &config,
                                            Gateway gateway)
{
    if (!options.url.empty())
        gateway.settings.publicUrl = options.url;
    const ApiConfig api{config.server.publicUrl, config.server.appDomain, config.tls.isOn(), false, {}};
    ApiRequest request;
    request.header = [&config](std::string_view) {
        return "127.0.0.1:" + std::to_string(config.server.port);
    };
    const auto origin = socketOrigin(gateway, api, request);
    if (!origin)
        return Failure{BadUsage, std::string(origin.error().message())};
    return *origin;
}

int print(const Options &options, const Gateway &gateway, const Reservation &reservation,
          const std::string &origin, Context &context)
{
    const Result<std::string> token = signToken(gateway, reservation);
    if (!token)
        return fail(context,
                    {BadUsage, token.error().property + ": " + std::string(token.error().message())});
    // What the gateway would say of it, such as of a tag that is too long, is better said now.
    if (const auto checked = verifyToken(gateway, *token, reservation.issuedAt); !checked)
        return fail(context, {BadUsage, "the gateway would refuse this token: " +
                                            std::string(checked.error().message())});
    const std::string uri = socketUri(origin, gateway.id, *token);
    if (options.json)
        context.terminal.line(JsonText()
                                  .add("id", reservation.socketId.view())
                                  .add("uri", uri)
                                  .add("token", *token)
                                  .add("expiresAt", isoTime(reservation.expiresAt))
                                  .add("tags", options.tags)
                                  .text());
    else
        context.terminal.line(options.tokenOnly ? *token : uri);
    return Good;
}

int run(const Options &options, Context &context)
{
    if (!options.gateway.empty() && !isGatewayId(options.gateway))
        return fail(context, {BadUsage, "GATEWAY: an id has 1 to 64 characters of A-Za-z0-9_-"});
    const std::string file = options.configFile.empty() ? context.variable("MWS_CONFIG") : options.configFile;
    const LoadedConfig loaded = loadConfigFile(
        file.empty() ? std::nullopt : std::optional<std::filesystem::path>(file), context.environment);
    if (!loaded.errors.empty())
        return failConfiguration(context, loaded.errors);
    Gateway gateway;
    if (const auto failure = loadGateway(options, loaded.config, gateway, context))
        return fail(context, *failure);
    const auto reservation = reservationOf(options);
    if (const auto *failure = std::get_if<Failure>(&reservation))
        return fail(context, *failure);
    const auto origin = originOf(options, loaded.config, gateway);
    if (const auto *failure = std::get_if<Failure>(&origin))
        return fail(context, *failure);
    return print(options, gateway, std::get<Reservation>(reservation), std::get<std::string>(origin),
                 context);
}

} // namespace

std::variant<Gateway, Failure> signingGateway(const ServiceConfig &config, const std::string &id,
                                              KeySource source)
{
    const auto stored = readGatewayState(config.server.stateDir);
    if (!stored)
        return Failure{BadUsage, stored.error().detail};
    const GatewayConfig *own = configured(config, id);
    GatewayConfig base = own ? *own : GatewayConfig();
    base.id = own ? own->id : id;
    const auto found = stored->find(base.id);
    const StoredGateway *kept = found == stored->end() ? nullptr : &found->second;
    if (!own && !kept && source == KeySource::Configuration)
        return Failure{BadUsage, "no gateway " + base.id + " in the configuration, nor in the state folder"};
    if (kept)
        if (const auto applied = applyPatch(base, kept->configuration); !applied)
            return Failure{BadUsage, std::string(applied.error().message())};
    Gateway gateway;
    gateway.id = base.id;
    gateway.settings = base.settings;
    if (source == KeySource::Configuration)
        if (const auto failure = findKey(base, kept, gateway))
            return *failure;
    return gateway;
}

Reservation newReservation(std::chrono::seconds life)
{
    Reservation reservation;
    reservation.socketId = *SocketId::parse(randomAlphanumeric(32));
    reservation.tokenId = randomAlphanumeric(22);
    reservation.issuedAt = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    reservation.expiresAt = reservation.issuedAt + life;
    return reservation;
}

Command mintTokenCommand()
{
    return {"mint-token",
            "Make a socket's URI without asking the gateway",
            "Signs a token with the gateway's signing key, which it takes from --key-file, from the "
            "configuration "
            "or from the state folder, and prints the URI. No gateway has to run. Such a URI opens one "
            "socket, and "
            "cannot be revoked before it is opened: keep --expires short.",
            {{"mws-gateway mint-token --config gateway.toml --tag user:42", "with the configuration's key"},
             {"mws-gateway mint-token games --key-file games.key --url https://push.example.com",
              "on another machine"},
             {"mws-gateway listen \"$(mws-gateway mint-token --tag players)\"", "make one and open it"}},
            declaredBy<Options>(declare, run)};
}

} // namespace mws::cli
