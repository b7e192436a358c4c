#include "config/gateway_store.h"

#include <algorithm>
#include <utility>

// How the gateways of a cluster's node follow what all nodes keep.

namespace mws {

namespace {

bool isEmpty(const StoredGateway &gateway)
{
    return !gateway.created && gateway.configuration.empty() && gateway.securityTokens.empty() &&
           gateway.signingKeys.empty();
}

bool hasOnlyKeys(const StoredGateway &gateway)
{
    return !gateway.created && gateway.configuration.empty() && gateway.securityTokens.empty();
}

} // namespace

SharedGatewayState GatewayStore::ownState() const
{
    SharedGatewayState state = readSharedMark(m_stateDir);
    if (!state.epoch.empty()) {
        for (auto &[id, gateway] : state.gateways)
            if (const auto it = m_own.find(id); it != m_own.end())
                gateway.json = storedGatewayJson(it->second);
        return state;
    }
    state.version = 1;
    for (const auto &[id, gateway] : m_own) {
        if (!isEmpty(gateway))
            state.gateways[id] = {1, storedGatewayJson(gateway)};
        state.fresh = state.fresh && hasOnlyKeys(gateway);
    }
    return state;
}

std::set<GatewayId> GatewayStore::unchangedIn(const SharedGatewayState &state) const
{
    std::set<GatewayId> unchanged;
    if (!m_shared)
        return unchanged;
    for (const auto &[id, gateway] : state.gateways)
        if (const auto it = m_shared->gateways.find(id);
            it != m_shared->gateways.end() && it->second.json == gateway.json)
            unchanged.insert(id);
    for (const auto &[id, config] : m_configured)
        if (!state.gateways.contains(id) && !m_shared->gateways.contains(id))
            unchanged.insert(id);
    return unchanged;
}

/// Configured gateways of which nothing is stored are in it, too.
Result<StoredGateways> GatewayStore::readShared(const SharedGatewayState &state,
                                                const std::set<GatewayId> &unchanged) const
{
    StoredGateways stored;
    for (const auto &[id, config] : m_configured)
        stored[id];
    for (const auto &[id, shared] : state.gateways) {
        if (shared.json.empty())
            continue;
        if (unchanged.contains(id)) {
            stored[id] = m_stored.at(id);
            continue;
        }
        auto gateway = parseStoredGateway(id, shared.json, "Redis");
        if (!gateway)
            return Unexpected(gateway.error());
        stored[id] = *std::move(gateway);
    }
    return stored;
}

/// Of configured gateways without a signing_key: this node's own key becomes that of all.
std::map<GatewayId, std::string> GatewayStore::keysMissingIn(const StoredGateways &stored) const
{
    std::map<GatewayId, std::string> missing;
    for (const auto &[id, config] : m_configured) {
        StoredGateway gateway = stored.at(id);
        if (config.signingKey || !gateway.signingKeys.empty())
            continue;
        gateway.signingKeys = m_own.at(id).signingKeys;
        missing.emplace(id, storedGatewayJson(gateway));
    }
    return missing;
}

Result<GatewayStore::Adopted> GatewayStore::adopt(std::shared_ptr<const SharedGatewayState> state)
{
    m_thread.check();
    const std::set<GatewayId> unchanged = unchangedIn(*state);
    auto stored = readShared(*state, unchanged);
    if (!stored)
        return Unexpected(stored.error());
    Adopted adopted;
    adopted.missingKeys = keysMissingIn(*stored);
    if (!adopted.missingKeys.empty())
        return adopted;
    auto table = tableOf(*stored, "Redis", unchanged, adopted.warnings);
    if (!table)
        return Unexpected(table.error());
    for (const auto &[id, gateway] : m_table->gateways)
        if (const auto now = (*table)->find(id); !now || now->serial != gateway->serial)
            adopted.removed.push_back(gateway);
    keepFileAside(*state, adopted.warnings);
    m_stored = *std::move(stored);
    m_table = *std::move(table);
    m_shared = std::move(state);
    writeCopy(adopted.warnings);
    return adopted;
}

/// Where the cluster has another history, and the file something that an operator stored.
void GatewayStore::keepFileAside(const SharedGatewayState &state, std::vector<std::string> &warnings) const
{
    const SharedGatewayState own = m_shared ? *m_shared : ownState();
    const bool isInIt = own.epoch == state.epoch ||
                        std::all_of(own.gateways.begin(), own.gateways.end(), [&state](const auto &entry) {
                            const auto it = state.gateways.find(entry.first);
                            return it != state.gateways.end() && it->second.json == entry.second.json;
                        });
    if (own.fresh || isInIt)
        return;
    const std::filesystem::path path = gatewayStatePath(m_stateDir);
    std::filesystem::path aside = path;
    aside += ".replaced";
    std::error_code error;
    std::filesystem::rename(path, aside, error);
    warnings.push_back("the cluster has other gateways than " + path.string() + ": " +
                       (error ? "it cannot be kept: " + error.message() : "it is kept as " + aside.string()));
}

void GatewayStore::writeCopy(std::vector<std::string> &warnings)
{
    const Result<void> written = writeGatewayState(m_stateDir, m_stored, m_shared.get());
    if (!written && std::exchange(m_isCopyWritable, false))
        warnings.push_back(written.error().detail + "; only Redis has the gateways");
    if (written)
        m_isCopyWritable = true;
}

} // namespace mws
