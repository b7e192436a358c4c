#pragma once

#include "cluster/rate_store.h"
#include "limit/gateway_rates.h"
#include "mws/base/clock.h"

#include <chrono>
#include <unordered_map>

namespace mws {

/// Keeps the nodes of a cluster to the rates of a gateway together: tells the store what this node took, and
/// the node what all of them owe.
///
/// Nobody waits for it: each node decides with what it knows, which is at most `interval` and the time of the
/// store's answers old where the gateway is used (D). So within any time all nodes let pass at most what the
/// rate allows, and for each node that is used the burst and D's worth of the rate:
/// `rate × time + nodes × (burst + rate × D)`, where the burst is at least the largest batch. What is beyond
/// the rate is owed by all of them. A node that the store does not answer keeps to the rate by itself.
///
/// Costs nothing for a gateway that nobody uses here, or that has no rates. Thread: the broker's.
class RateShare
{
public:
    static constexpr std::chrono::milliseconds interval{250}; ///< of tick()
    /// What could not be told for longer than this counts as this long's worth of the rate, so that nodes
    /// that were on their own for a while do not have to pay for all of it.
    static constexpr std::chrono::seconds latest{2};

    /// All outlive this; `store` calls no handler after this has gone.
    RateShare(GatewayRates &rates, RateStore &store, const Clock &clock);

    void tick();

private:
    /// What is to be told of one gateway.
    struct Due
    {
        GatewayUse use;
        bool asking = false;
    };
    void ask(Due &due);
    void answered(const GatewayUse &told, const std::optional<RateDebts> &debts);
    RateReport reportOf(const GatewayUse &use) const;

    GatewayRates &m_rates;
    RateStore &m_store;
    const Clock &m_clock;
    std::unordered_map<uint32_t, Due> m_due; ///< by serial; what is to be told or was told without an answer
};

} // namespace mws
