#include "config/gateway_store.h"

#include <utility>

// How the gateways follow a configuration that was read anew.

namespace mws {

Result<GatewayStore::Reconfigured> GatewayStore::planReload(const ServiceConfig &config)
{
    m_thread.check();
    Reconfigured plan;
    plan.defaultId = config.gateway.id;
    plan.tokenGrace = config.server.tokenGrace;
    plan.hasConsole = config.server.console && !config.server.operatorToken.empty();
    plan.configured.emplace(config.gateway.id, config.gateway);
    for (const GatewayConfig &gateway : config.gateways)
        plan.configured.emplace(gateway.id, gateway);
    plan.stored = m_stored;
    const std::set<GatewayId> made = addMissingKeys(plan.configured, plan.stored);
    plan.makesKeys = !made.empty();
    if (m_shared)
        for (const GatewayId &id : made)
            plan.missingKeys.emplace(id, storedGatewayJson(plan.stored.at(id)));

    // The table is built by what is in force: that is swapped for as long as it takes.
    std::swap(m_configured, plan.configured);
    std::swap(m_defaultId, plan.defaultId);
    std::swap(m_hasConsole, plan.hasConsole);
    auto table = tableOf(plan.stored, gatewayStatePath(m_stateDir).string(), {}, plan.warnings);
    std::swap(m_hasConsole, plan.hasConsole);
    std::swap(m_defaultId, plan.defaultId);
    std::swap(m_configured, plan.configured);
    if (!table)
        return Unexpected(table.error());
    for (const auto &[id, gateway] : m_table->gateways)
        if (const auto now = (*table)->find(id); !now || now->serial != gateway->serial)
            plan.removed.push_back(gateway);
    plan.table = *std::move(table);
    return plan;
}

std::vector<std::string> GatewayStore::commit(Reconfigured plan)
{
    m_thread.check();
    m_configured = std::move(plan.configured);
    m_defaultId = std::move(plan.defaultId);
    m_tokenGrace = plan.tokenGrace;
    m_hasConsole = plan.hasConsole;
    m_stored = std::move(plan.stored);
    m_table = std::move(plan.table);
    if (m_isShared) {
        for (const auto &[id, config] : m_configured) // what this node would bring along
            if (StoredGateway &own = m_own[id]; own.signingKeys.empty())
                own.signingKeys = m_stored.at(id).signingKeys;
    } else if (plan.makesKeys) {
        if (const auto written = writeGatewayState(m_stateDir, m_stored); !written)
            plan.warnings.push_back(written.error().detail +
                                    "; the signing keys of new gateways live in memory only");
    }
    return std::move(plan.warnings);
}

} // namespace mws
