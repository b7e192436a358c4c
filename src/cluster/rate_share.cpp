#include "cluster/rate_share.h"

#include <algorithm>
#include <utility>

namespace mws {

namespace {

using std::chrono::microseconds;

/// `more` was asked for before, or after.
void add(GatewayUse &use, const GatewayUse &more)
{
    use.serial = more.serial;
    use.gateway = more.gateway;
    for (size_t i = 0; i < gatewayRates; ++i) {
        GatewayUse::OfRate &to = use.rates[i];
        const GatewayUse::OfRate &from = more.rates[i];
        if (from.perSecond == 0)
            continue;
        to.since = to.perSecond == 0 ? from.since : std::min(to.since, from.since);
        to.perSecond = from.perSecond;
        to.taken += from.taken;
    }
}

bool isEmpty(const GatewayUse &use)
{
    return std::all_of(use.rates.begin(), use.rates.end(),
                       [](const GatewayUse::OfRate &rate) { return rate.perSecond == 0; });
}

} // namespace

RateShare::RateShare(GatewayRates &rates, RateStore &store, const Clock &clock)
    : m_rates(rates), m_store(store), m_clock(clock)
{}

void RateShare::tick()
{
    for (const GatewayUse &use : m_rates.collect())
        add(m_due[use.serial].use, use);
    for (auto &[serial, due] : m_due)
        if (!due.asking)
            ask(due);
}

void RateShare::ask(Due &due)
{
    due.asking = true;
    GatewayUse told = std::exchange(due.use, {});
    const RateReport report = reportOf(told);
    const GatewayId gateway = told.gateway;
    m_store.report(gateway, report, [this, told = std::move(told)](const std::optional<RateDebts> &debts) {
        answered(told, debts);
    });
}

void RateShare::answered(const GatewayUse &told, const std::optional<RateDebts> &debts)
{
    const auto found = m_due.find(told.serial);
    Due &due = found->second; // stays while it asks
    due.asking = false;
    if (!debts) {
        // Told again, and counted twice if only the answer was lost: the limit holds.
        add(due.use, told);
        return;
    }
    for (size_t i = 0; i < gatewayRates; ++i)
        if (told.rates[i].perSecond != 0)
            m_rates.owe(told.serial, GatewayRate(i), (*debts)[i], due.use.rates[i].taken);
    if (isEmpty(due.use))
        m_due.erase(found);
}

RateReport RateShare::reportOf(const GatewayUse &use) const
{
    RateReport report;
    for (size_t i = 0; i < gatewayRates; ++i) {
        const GatewayUse::OfRate &from = use.rates[i];
        if (from.perSecond == 0)
            continue;
        const auto age = std::chrono::duration_cast<microseconds>(m_clock.now() - from.since);
        report.rates[i] = {from.perSecond, from.taken, age};
        if (age > latest)
            report.rates[i] = {from.perSecond,
                               std::min(from.taken, from.perSecond * uint64_t(latest.count())), latest};
    }
    return report;
}

} // namespace mws
