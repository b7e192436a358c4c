#include "config/gateway_store.h"
#include "config/option_value.h"

#include <algorithm>

namespace mws {

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
