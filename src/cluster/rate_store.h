#pragma once

#include "limit/gateway_rates.h"
#include "mws/domain/identifiers.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace mws {

/// What one node took of a gateway's rates, by GatewayRate.
struct RateReport
{
    struct OfRate
    {
        uint64_t perSecond = 0;           ///< 0: nothing is said of this rate
        uint64_t taken = 0;               ///< may be 0: it only asks
        std::chrono::microseconds age{0}; ///< since the first of it was taken
    };
    std::array<OfRate, gatewayRates> rates;
};

/// By GatewayRate: how long it takes until what all nodes took has come in again. 0 for rates that the report
/// does not name.
using RateDebts = std::array<std::chrono::microseconds, gatewayRates>;

/// Where the nodes of a cluster add up what they took: Redis, or in tests a fake. Each rate of a gateway is a
/// token bucket there that refuses nothing. Thread: one. Handlers come from the event loop, never from within
/// a call, once.
class RateStore
{
public:
    virtual ~RateStore() = default;

    /// Enters a report. Nothing if the store does not answer: then it was entered, or it was not, or it still
    /// will be.
    virtual void report(const GatewayId &gateway, const RateReport &report,
                        std::function<void(std::optional<RateDebts>)> done) = 0;
};

} // namespace mws
