#pragma once

#include "cluster/rate_store.h"
#include "mws/base/clock.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace mws::test {

/// The rates that all nodes of a simulated cluster add to: of each the moment at which it is full again.
class FakeRateServer
{
public:
    explicit FakeRateServer(const Clock &clock) : m_clock(clock) {}

    RateDebts report(const GatewayId &gateway, const RateReport &report)
    {
        RateDebts debts{};
        const SteadyTime now = m_clock.now();
        for (size_t i = 0; i < gatewayRates; ++i) {
            const RateReport::OfRate &rate = report.rates[i];
            if (rate.perSecond == 0)
                continue;
            const std::chrono::nanoseconds cost(rate.taken * 1000000000 / rate.perSecond);
            SteadyTime &full = m_full[{gateway, i}];
            full = std::max(full, now - rate.age) + cost;
            debts[i] = std::chrono::ceil<std::chrono::microseconds>(
                std::max(full - now, std::chrono::nanoseconds(0)));
        }
        return debts;
    }
    void forget() { m_full.clear(); }

private:
    const Clock &m_clock;
    std::map<std::pair<GatewayId, size_t>, SteadyTime> m_full;
};

/// One node's way to the server. Reports and answers wait until they are let through, in their order.
class FakeRateStore final : public RateStore
{
public:
    struct Told
    {
        GatewayId gateway;
        RateReport report;
        std::function<void(std::optional<RateDebts>)> done;
        std::optional<RateDebts> debts; ///< once it was performed
    };

    explicit FakeRateStore(FakeRateServer &server) : m_server(server) {}

    void report(const GatewayId &gateway, const RateReport &report,
                std::function<void(std::optional<RateDebts>)> done) override
    {
        told.push_back({gateway, report, std::move(done), {}});
    }
    /// The server enters the first that waits.
    void perform()
    {
        Told &next = told.front();
        next.debts = m_server.report(next.gateway, next.report);
    }
    /// The node gets the first one's answer, or none if it was not performed, or if that is `lost`.
    void answer(bool lost = false)
    {
        Told next = std::move(told.front());
        told.pop_front();
        next.done(lost ? std::nullopt : next.debts);
    }
    void settle()
    {
        while (!told.empty()) {
            perform();
            answer();
        }
    }

    std::deque<Told> told;

private:
    FakeRateServer &m_server;
};

} // namespace mws::test
