#include "config/config_change.h"

#include "config/option_value.h"

#include <algorithm>

namespace mws {

namespace {

/// Of two slots of one option.
bool isSame(const Slot &one, const Slot &other)
{
    return std::visit([&other](auto *value) { return *value == *std::get<decltype(value)>(other); }, one);
}

void copyValue(const Slot &from, const Slot &to)
{
    std::visit([&to](auto *value) { *std::get<decltype(value)>(to) = *value; }, from);
}

GatewayConfig *find(std::vector<GatewayConfig> &gateways, const GatewayId &id)
{
    const auto it = std::find_if(gateways.begin(), gateways.end(),
                                 [&id](const GatewayConfig &gateway) { return gateway.id == id; });
    return it == gateways.end() ? nullptr : &*it;
}

class Planner
{
public:
    Planner(ServiceConfig inForce, ServiceConfig read) : m_inForce(std::move(inForce))
    {
        m_change.config = std::move(read);
    }

    ConfigChange plan()
    {
        m_switchesTls = m_inForce.tls.isOn() != config().tls.isOn();
        for (const Option &option : allOptions())
            compare(option);
        compareFurtherGateways();
        return std::move(m_change);
    }

private:
    ServiceConfig &config() { return m_change.config; }

    bool reloads(const Option &option) const
    {
        return option.reloads() && !(m_switchesTls && option.section == "tls");
    }

    void compare(const Option &option)
    {
        const Slot before = option.slot(m_inForce, m_inForce.gateway);
        const Slot after = option.slot(config(), config().gateway);
        if (isSame(before, after))
            return;
        if (reloads(option)) {
            m_change.changed.push_back(option.name());
            return;
        }
        m_change.needsRestart.push_back(
            {option.name(), shownValue(option, before), shownValue(option, after)});
        copyValue(before, after);
    }

    void compareFurtherGateways()
    {
        for (GatewayConfig &gateway : config().gateways) {
            const std::string name = "gateways." + gateway.id;
            GatewayConfig *before = find(m_inForce.gateways, gateway.id);
            if (!before) {
                m_change.changed.push_back(name + " (new)");
                continue;
            }
            for (const Option &option : gatewayOptions())
                if (!isSame(option.slot(m_inForce, *before), option.slot(config(), gateway)))
                    m_change.changed.push_back(name + '.' + std::string(option.key));
        }
        for (const GatewayConfig &gateway : m_inForce.gateways)
            if (!find(config().gateways, gateway.id))
                m_change.changed.push_back("gateways." + gateway.id + " (removed)");
    }

    ServiceConfig m_inForce;
    ConfigChange m_change;
    bool m_switchesTls = false;
};

} // namespace

ConfigChange planChange(ServiceConfig inForce, ServiceConfig read)
{
    return Planner(std::move(inForce), std::move(read)).plan();
}

} // namespace mws
