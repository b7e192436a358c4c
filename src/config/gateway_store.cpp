#include "config/gateway_store.h"

#include "config/loader.h"
#include "config/option_value.h"
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

} // namespace

GatewayStore::GatewayStore(const ServiceConfig &config, const Clock &clock)
    : m_clock(clock),
      m_stateDir(config.server.stateDir),
      m_tokenGrace(config.server.tokenGrace),
      m_defaultId(config.gateway.id)
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
    auto stored = readGatewayState(m_stateDir);
    if (!stored)
        return Unexpected(stored.error());
    m_stored = *std::move(stored);
    makeMissingKeys();

    GatewayTable table;
    table.defaultId = m_defaultId;
    for (const auto &[id, gateway] : m_stored) {
        if (!isConfigured(id) && !gateway.created) {
            m_warnings.push_back("what is stored of gateway " + id +
                                 " is not used: it is not configured any more");
            continue;
        }
        auto built = build(id, gateway, OnConflict::CloseAnonymousSockets);
        if (!built)
            return Unexpected(ErrorCode::Internal, gatewayStatePath(m_stateDir).string() + ": gateway " + id +
                                                       ": " + built.error().property + ": " +
                                                       built.error().detail);
        if (const auto conflict = conflictOf(id, gateway))
            m_warnings.push_back("gateway " + id + consequenceOf(*conflict) +
                                 ": what is stored of it does not fit what is configured");
        built->serial = ++m_lastSerial;
        table.gateways.emplace(id, std::make_shared<const Gateway>(*std::move(built)));
    }
    m_table = std::make_shared<const GatewayTable>(std::move(table));
    return {};
}

/// Also makes sure that every configured gateway is in m_stored.
void GatewayStore::makeMissingKeys()
{
    bool made = false;
    for (const auto &[id, config] : m_configured) {
        StoredGateway &gateway = m_stored[id];
        if (config.signingKey || !gateway.signingKeys.empty())
            continue;
        gateway.signingKeys.push_back({randomBytes(signingKeyBytes), std::nullopt});
        made = true;
    }
    if (!made)
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

Result<std::shared_ptr<const Gateway>> GatewayStore::commit(StoredGateways next, Gateway gateway)
{
    if (auto written = writeGatewayState(m_stateDir, next); !written)
        return Unexpected(written.error());
    m_stored = std::move(next);
    auto table = std::make_shared<GatewayTable>(*m_table);
    auto shared = std::make_shared<const Gateway>(std::move(gateway));
    table->gateways.insert_or_assign(shared->id, shared);
    m_table = std::move(table);
    return shared;
}

Result<std::shared_ptr<const Gateway>> GatewayStore::configure(const GatewayId &id, std::string_view json)
{
    m_thread.check();
    const auto current = m_table->find(id);
    if (!current)
        return notFound();
    const auto change = parseConfiguration(json, IdKey::Refused);
    if (!change)
        return Unexpected(change.error());
    StoredGateways next = m_stored;
    next[id].configuration = changed(std::move(next[id].configuration), *change);
    if (next[id].configuration == m_stored[id].configuration)
        return current;
    auto gateway = build(id, next[id]);
    if (!gateway)
        return Unexpected(gateway.error());
    return commit(std::move(next), *std::move(gateway));
}

Result<GatewayAdmin::Created> GatewayStore::create(std::string_view json)
{
    m_thread.check();
    const auto change = parseConfiguration(json.empty() ? "{}" : json, IdKey::Allowed);
    if (!change)
        return Unexpected(change.error());
    const GatewayId id = change->id.empty() ? randomGatewayId() : change->id;
    if (m_table->find(id))
        return Unexpected(ErrorCode::Conflict, "A gateway of this id exists");

    const std::string securityToken = randomAlphanumeric(securityTokenLength);
    StoredGateways next = m_stored;
    StoredGateway &stored = next[id] = StoredGateway{};
    stored.created = true;
    stored.configuration = changed({}, *change);
    stored.securityTokens.push_back({SecretDigest(securityToken), std::nullopt});
    stored.signingKeys.push_back({randomBytes(signingKeyBytes), std::nullopt});
    auto gateway = build(id, stored);
    if (!gateway)
        return Unexpected(gateway.error());
    gateway->serial = ++m_lastSerial;
    auto committed = commit(std::move(next), *std::move(gateway));
    if (!committed)
        return Unexpected(committed.error());
    return GatewayAdmin::Created{*committed, securityToken};
}

Result<std::shared_ptr<const Gateway>> GatewayStore::remove(const GatewayId &id)
{
    m_thread.check();
    const auto gateway = m_table->find(id);
    if (!gateway)
        return notFound();
    if (isConfigured(id))
        return Unexpected(ErrorCode::AccessDenied, "This gateway comes from the configuration file or the "
                                                   "environment; take it out there");
    StoredGateways next = m_stored;
    next.erase(id);
    if (auto written = writeGatewayState(m_stateDir, next); !written)
        return Unexpected(written.error());
    m_stored = std::move(next);
    auto table = std::make_shared<GatewayTable>(*m_table);
    table->gateways.erase(id);
    m_table = std::move(table);
    return gateway;
}

Result<GatewayAdmin::Rotated> GatewayStore::rotateSecurityToken(const GatewayId &id)
{
    m_thread.check();
    if (!m_table->find(id))
        return notFound();
    const WallTime now = m_clock.wall();
    const auto validUntil = std::chrono::time_point_cast<std::chrono::seconds>(now + m_tokenGrace);
    const std::string securityToken = randomAlphanumeric(securityTokenLength);
    const std::vector<SecurityToken> configured = configuredTokens(id);

    StoredGateways next = m_stored;
    std::vector<SecurityToken> tokens{{SecretDigest(securityToken), std::nullopt}};
    for (SecurityToken token : tokensOf(id, m_stored[id])) {
        token.validUntil = std::min<WallTime>(token.validUntil.value_or(validUntil), validUntil);
        const bool named = holds(configured, token.digest);
        if (named || now < *token.validUntil) // one that is still configured must stay known as expired
            tokens.push_back(token);
    }
    next[id].securityTokens = std::move(tokens);
    auto gateway = build(id, next[id]);
    if (!gateway)
        return Unexpected(gateway.error());
    auto committed = commit(std::move(next), *std::move(gateway));
    if (!committed)
        return Unexpected(committed.error());
    return GatewayAdmin::Rotated{securityToken, validUntil};
}

std::vector<Provenance> provenanceWithStored(const ServiceConfig &config, const StoredGateways &stored)
{
    std::vector<Provenance> rows = config.provenance;
    ServiceConfig unused;
    const auto overlay = [&](GatewayConfig gateway, const std::string &prefix) {
        const GatewayPatch &patch = stored.at(gateway.id).configuration;
        if (!applyPatch(gateway, patch))
            return;
        for (const Option &option : gatewayOptions()) {
            const std::string name = prefix + '.' + std::string(option.key);
            const auto row = std::find_if(rows.begin(), rows.end(),
                                          [&name](const Provenance &known) { return known.option == name; });
            const bool isStored = patch.contains(std::string(option.json));
            Provenance shown{name, shownValue(option, option.slot(unused, gateway)),
                             isStored ? "stored" : "default"};
            if (row == rows.end())
                rows.push_back(std::move(shown));
            else if (isStored)
                *row = std::move(shown);
        }
    };
    std::map<GatewayId, std::pair<GatewayConfig, std::string>> gateways;
    for (const auto &[id, gateway] : stored)
        if (gateway.created)
            gateways[id].first.id = id;
    for (const GatewayConfig &gateway : config.gateways)
        gateways[gateway.id].first = gateway;
    for (auto &[id, gateway] : gateways)
        gateway.second = "gateways." + id;
    gateways[config.gateway.id] = {config.gateway, "gateway"};
    for (const auto &[id, gateway] : gateways)
        if (stored.contains(id))
            overlay(gateway.first, gateway.second);
    return rows;
}

} // namespace mws
