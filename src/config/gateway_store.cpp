#include "config/gateway_store.h"

#include "config/loader.h"
#include "config/redis_config.h"
#include "mws/base/random.h"

#include <algorithm>

namespace mws {

namespace {

constexpr size_t securityTokenLength = 40;
constexpr size_t gatewayIdLength = 16;
constexpr size_t signingKeyBytes = 32;

std::string randomGatewayId()
{
    std::string id;
    while (id.size() < gatewayIdLength) {
        id += randomAlphanumeric(gatewayIdLength);
        std::erase_if(id, [](char c) { return c >= 'A' && c <= 'Z'; });
    }
    return id.substr(0, gatewayIdLength);
}

bool holds(const std::vector<SecurityToken> &tokens, const SecretDigest &digest)
{
    return std::any_of(tokens.begin(), tokens.end(),
                       [&digest](const SecurityToken &token) { return token.digest == digest; });
}

bool isAboutEvents(const SettingsConflict &conflict)
{
    return conflict.json.starts_with("events.");
}

std::string consequenceOf(const SettingsConflict &conflict)
{
    if (conflict.json == "accessControl")
        return " knows no access token";
    return isAboutEvents(conflict) ? " sends no events" : " opens no anonymous sockets";
}

Unexpected notFound()
{
    return Unexpected(ErrorCode::NotFound, "No gateway has this id");
}

bool namesRedis(const RedisConfig &config)
{
    const auto settings = redisSettings(config);
    return settings && settings->isOn();
}

/// A gateway made anew under an old id shares no key with the one before.
bool isSameIncarnation(const Gateway &one, const Gateway &other)
{
    return std::any_of(one.signingKeys.begin(), one.signingKeys.end(), [&other](const SigningKey &key) {
        return std::any_of(other.signingKeys.begin(), other.signingKeys.end(),
                           [&key](const SigningKey &known) { return known.bytes == key.bytes; });
    });
}

} // namespace

GatewayStore::GatewayStore(const ServiceConfig &config, const Clock &clock)
    : m_clock(clock),
      m_stateDir(config.server.stateDir),
      m_tokenGrace(config.server.tokenGrace),
      m_defaultId(config.gateway.id),
      m_hasConsole(config.server.console && !config.server.operatorToken.empty()),
      m_isShared(namesRedis(config.redis))
{
    m_configured.emplace(config.gateway.id, config.gateway);
    for (const GatewayConfig &gateway : config.gateways)
        m_configured.emplace(gateway.id, gateway);
}

Result<std::unique_ptr<GatewayStore>> GatewayStore::open(const ServiceConfig &config, const Clock &clock)
{
    std::unique_ptr<GatewayStore> store(new GatewayStore(config, clock));
    if (auto loaded = store->load(); !loaded)
        return Unexpected(loaded.error());
    return store;
}

Result<void> GatewayStore::load()
{
    if (const auto upgraded = upgradeGatewayState(m_stateDir); !upgraded)
        m_warnings.push_back(upgraded.error().detail);
    auto stored = readGatewayState(m_stateDir);
    if (!stored)
        return Unexpected(stored.error());
    m_stored = *std::move(stored);
    makeMissingKeys();
    m_own = m_isShared ? m_stored : StoredGateways();
    auto table = tableOf(m_stored, gatewayStatePath(m_stateDir).string(), {}, m_warnings);
    if (!table)
        return Unexpected(table.error());
    m_table = *std::move(table);
    return {};
}

Result<std::shared_ptr<GatewayTable>> GatewayStore::tableOf(const StoredGateways &stored,
                                                            const std::string &source,
                                                            const std::set<GatewayId> &unchanged,
                                                            std::vector<std::string> &warnings)
{
    auto table = std::make_shared<GatewayTable>();
    table->defaultId = m_defaultId;
    for (const auto &[id, gateway] : stored) {
        const auto current = m_table ? m_table->find(id) : nullptr;
        if (unchanged.contains(id)) {
            if (current)
                table->gateways.emplace(id, current);
            continue;
        }
        if (!isConfigured(id) && !gateway.created) {
            warnings.push_back("what is stored of gateway " + id +
                               " is not used: it is not configured any more");
            continue;
        }
        auto built = build(id, gateway, OnConflict::CloseAnonymousSockets);
        if (!built)
            return Unexpected(ErrorCode::Internal, source + ": gateway " + id + ": " +
                                                       built.error().property + ": " + built.error().detail);
        if (const auto conflict = conflictOf(id, gateway))
            warnings.push_back("gateway " + id + consequenceOf(*conflict) +
                               ": what is stored of it does not fit what is configured");
        if (!current || (!isConfigured(id) && !isSameIncarnation(*current, *built)))
            built->serial = ++m_lastSerial;
        table->gateways.emplace(id, std::make_shared<const Gateway>(*std::move(built)));
    }
    if (const auto base = table->find(m_defaultId); base && m_hasConsole)
        table->console = makeConsoleGateway(*base);
    return table;
}

/// Also makes sure that every configured gateway is in `stored`.
std::set<GatewayId> GatewayStore::addMissingKeys(const std::map<GatewayId, GatewayConfig> &configured,
                                                 StoredGateways &stored)
{
    std::set<GatewayId> made;
    for (const auto &[id, config] : configured) {
        StoredGateway &gateway = stored[id];
        if (config.signingKey || !gateway.signingKeys.empty())
            continue;
        gateway.signingKeys.push_back({randomBytes(signingKeyBytes), std::nullopt});
        made.insert(id);
    }
    return made;
}

void GatewayStore::makeMissingKeys()
{
    if (addMissingKeys(m_configured, m_stored).empty() || m_isShared) // a cluster's nodes agree on them first
        return;
    if (const auto written = writeGatewayState(m_stateDir, m_stored); !written)
        m_warnings.push_back(written.error().detail +
                             "; signing keys live in memory only, so that issued URIs die "
                             "with a restart, and changes of gateways answer 503");
}

std::vector<SecurityToken> GatewayStore::configuredTokens(const GatewayId &id) const
{
    const auto it = m_configured.find(id);
    if (it == m_configured.end())
        return {};
    std::vector<SecurityToken> tokens = it->second.furtherSecurityTokens;
    if (!it->second.securityToken.empty())
        tokens.insert(tokens.begin(), {it->second.securityToken, std::nullopt});
    return tokens;
}

GatewayConfig GatewayStore::baseOf(const GatewayId &id) const
{
    if (const auto it = m_configured.find(id); it != m_configured.end())
        return it->second;
    GatewayConfig config;
    config.id = id;
    return config;
}

std::vector<SecurityToken> GatewayStore::tokensOf(const GatewayId &id, const StoredGateway &stored) const
{
    std::vector<SecurityToken> tokens = stored.securityTokens;
    for (const SecurityToken &token : configuredTokens(id))
        if (!holds(tokens, token.digest)) // one that was rotated out is stored, with its end
            tokens.push_back(token);
    return tokens;
}

std::optional<SettingsConflict> GatewayStore::conflictOf(const GatewayId &id,
                                                         const StoredGateway &stored) const
{
    GatewayConfig config = baseOf(id);
    return applyPatch(config, stored.configuration) ? gatewayConflict(config) : std::nullopt;
}

Result<Gateway> GatewayStore::build(const GatewayId &id, const StoredGateway &stored,
                                    OnConflict onConflict) const
{
    GatewayConfig config = baseOf(id);
    if (auto applied = applyPatch(config, stored.configuration); !applied)
        return Unexpected(applied.error());
    if (const auto conflict = gatewayConflict(config)) {
        if (onConflict == OnConflict::Refuse)
            return Unexpected(ErrorCode::InvalidData, conflict->text, std::string(conflict->json));
        if (isAboutEvents(*conflict))
            config.settings.events.url.clear();
        if (gatewayConflict(config))
            config.settings.anonymousSockets = {};
    }
    Gateway gateway;
    gateway.id = id;
    gateway.settings = std::move(config.settings);
    gateway.jwtSecret = std::move(config.jwtSecret);
    for (const SecurityToken &token : tokensOf(id, stored))
        if (!token.validUntil || m_clock.wall() < *token.validUntil)
            gateway.securityTokens.push_back(token);
    gateway.signingKeys = config.signingKey ? std::vector{*config.signingKey} : stored.signingKeys;
    if (const auto current = m_table ? m_table->find(id) : nullptr)
        gateway.serial = current->serial;
    return gateway;
}

Result<void> GatewayStore::commit(GatewayChange &change)
{
    m_thread.check();
    if (change.isNone)
        return {};
    StoredGateways next = m_stored;
    auto table = std::make_shared<GatewayTable>(*m_table);
    if (change.stored) {
        next[change.id] = *change.stored;
        if (change.gateway->serial == 0) {
            Gateway made = *change.gateway;
            made.serial = m_lastSerial + 1;
            change.gateway = std::make_shared<const Gateway>(std::move(made));
        }
        table->gateways.insert_or_assign(change.id, change.gateway);
    } else {
        next.erase(change.id);
        table->gateways.erase(change.id);
    }
    if (auto written = writeGatewayState(m_stateDir, next); !written)
        return Unexpected(written.error());
    m_lastSerial = std::max(m_lastSerial, change.gateway->serial);
    m_stored = std::move(next);
    m_table = std::move(table);
    return {};
}

Result<GatewayChange> GatewayStore::planConfiguration(const GatewayId &id, std::string_view json) const
{
    m_thread.check();
    const auto current = m_table->find(id);
    if (!current)
        return notFound();
    const auto change = parseConfiguration(json, IdKey::Refused);
    if (!change)
        return Unexpected(change.error());
    const StoredGateway &before = m_stored.at(id);
    StoredGateway stored = before;
    stored.configuration = changed(std::move(stored.configuration), *change);
    if (stored.configuration == before.configuration)
        return GatewayChange{.id = id, .stored = std::move(stored), .gateway = current, .isNone = true};
    auto gateway = build(id, stored);
    if (!gateway)
        return Unexpected(gateway.error());
    return GatewayChange{.id = id,
                         .stored = std::move(stored),
                         .gateway = std::make_shared<const Gateway>(*std::move(gateway))};
}

Result<GatewayChange> GatewayStore::planCreation(std::string_view json) const
{
    m_thread.check();
    const auto change = parseConfiguration(json.empty() ? "{}" : json, IdKey::Allowed);
    if (!change)
        return Unexpected(change.error());
    const GatewayId id = change->id.empty() ? randomGatewayId() : change->id;
    if (m_table->find(id))
        return Unexpected(ErrorCode::Conflict, "A gateway of this id exists");

    const std::string securityToken = randomAlphanumeric(securityTokenLength);
    StoredGateway stored;
    stored.created = true;
    stored.configuration = changed({}, *change);
    stored.securityTokens.push_back({SecretDigest(securityToken), std::nullopt});
    stored.signingKeys.push_back({randomBytes(signingKeyBytes), std::nullopt});
    auto gateway = build(id, stored);
    if (!gateway)
        return Unexpected(gateway.error());
    return GatewayChange{.id = id,
                         .stored = std::move(stored),
                         .gateway = std::make_shared<const Gateway>(*std::move(gateway)),
                         .securityToken = securityToken};
}

Result<GatewayChange> GatewayStore::planRemoval(const GatewayId &id) const
{
    m_thread.check();
    const auto gateway = m_table->find(id);
    if (!gateway)
        return notFound();
    if (isConfigured(id))
        return Unexpected(ErrorCode::AccessDenied, "This gateway comes from the configuration file or the "
                                                   "environment; take it out there");
    return GatewayChange{.id = id, .stored = std::nullopt, .gateway = gateway};
}

Result<GatewayChange> GatewayStore::planRotation(const GatewayId &id) const
{
    m_thread.check();
    if (!m_table->find(id))
        return notFound();
    const WallTime now = m_clock.wall();
    const auto validUntil = std::chrono::time_point_cast<std::chrono::seconds>(now + m_tokenGrace);
    const std::string securityToken = randomAlphanumeric(securityTokenLength);
    const std::vector<SecurityToken> configured = configuredTokens(id);

    StoredGateway stored = m_stored.at(id);
    std::vector<SecurityToken> tokens{{SecretDigest(securityToken), std::nullopt}};
    for (SecurityToken token : tokensOf(id, stored)) {
        token.validUntil = std::min<WallTime>(token.validUntil.value_or(validUntil), validUntil);
        const bool named = holds(configured, token.digest);
        if (named || now < *token.validUntil) // one that is still configured must stay known as expired
            tokens.push_back(token);
    }
    stored.securityTokens = std::move(tokens);
    auto gateway = build(id, stored);
    if (!gateway)
        return Unexpected(gateway.error());
    return GatewayChange{.id = id,
                         .stored = std::move(stored),
                         .gateway = std::make_shared<const Gateway>(*std::move(gateway)),
                         .securityToken = securityToken,
                         .previousValidUntil = validUntil};
}

Result<std::shared_ptr<const Gateway>> GatewayStore::configure(const GatewayId &id, std::string_view json)
{
    auto change = planConfiguration(id, json);
    const Result<void> done = change ? commit(*change) : Unexpected(change.error());
    if (!done)
        return Unexpected(done.error());
    return change->gateway;
}

Result<GatewayAdmin::Created> GatewayStore::create(std::string_view json)
{
    auto change = planCreation(json);
    const Result<void> done = change ? commit(*change) : Unexpected(change.error());
    if (!done)
        return Unexpected(done.error());
    return GatewayAdmin::Created{change->gateway, change->securityToken};
}

Result<std::shared_ptr<const Gateway>> GatewayStore::remove(const GatewayId &id)
{
    auto change = planRemoval(id);
    const Result<void> done = change ? commit(*change) : Unexpected(change.error());
    if (!done)
        return Unexpected(done.error());
    return change->gateway;
}

Result<GatewayAdmin::Rotated> GatewayStore::rotateSecurityToken(const GatewayId &id)
{
    auto change = planRotation(id);
    const Result<void> done = change ? commit(*change) : Unexpected(change.error());
    if (!done)
        return Unexpected(done.error());
    return GatewayAdmin::Rotated{change->securityToken, change->previousValidUntil};
}

} // namespace mws
