#include "config/shared_gateway_state.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace mws {

namespace {

constexpr size_t removalsKept = 1000;

/// The order of what was written of one gateway. Two nodes on two sides of a failover may have made the same
/// version: then the texts decide, everywhere alike.
bool isNewer(const SharedGateway &one, const SharedGateway &other)
{
    return std::tie(one.version, one.json) > std::tie(other.version, other.json);
}

void forgetRemovals(SharedGatewayState &state)
{
    std::vector<uint64_t> removals;
    for (const auto &[id, gateway] : state.gateways)
        if (gateway.json.empty())
            removals.push_back(gateway.version);
    if (removals.size() <= removalsKept)
        return;
    const auto middle = removals.begin() + std::ptrdiff_t(removals.size() / 2);
    std::nth_element(removals.begin(), middle, removals.end());
    state.floor = std::max(state.floor, *middle);
}

void dropBelowFloor(SharedGatewayState &state)
{
    std::erase_if(state.gateways, [&state](const auto &entry) {
        return entry.second.json.empty() && entry.second.version <= state.floor;
    });
}

} // namespace

SharedGatewayState joined(const SharedGatewayState &redis, const SharedGatewayState &own)
{
    SharedGatewayState both = redis;
    both.fresh = redis.fresh && own.fresh;
    both.floor = std::max(redis.floor, own.floor);
    std::erase_if(both.gateways, [&own](const auto &entry) {
        return entry.second.version <= own.floor && !own.gateways.contains(entry.first);
    });
    for (const auto &[id, gateway] : own.gateways) {
        const auto it = both.gateways.find(id);
        if (it == both.gateways.end()) {
            const bool removed = gateway.version <= redis.floor && !redis.gateways.contains(id);
            if (!removed)
                both.gateways.emplace(id, gateway);
        } else if (isNewer(gateway, it->second)) {
            it->second = gateway;
        }
    }
    dropBelowFloor(both);
    const auto isAll = [&both](const SharedGatewayState &state) {
        return both.gateways == state.gateways && both.fresh == state.fresh && both.floor == state.floor;
    };
    if (isAll(redis))
        return both;
    both.version = std::max(redis.version, own.version) + 1;
    both.nonce.clear();
    if (isAll(own) && own.version >= redis.version) {
        both.version = own.version;
        both.nonce = own.nonce;
    }
    return both;
}

SharedGatewayState changed(const SharedGatewayState &state, const std::map<GatewayId, std::string> &gateways,
                           std::string nonce, bool keysOnly)
{
    SharedGatewayState next = state;
    ++next.version;
    next.nonce = std::move(nonce);
    next.fresh = state.fresh && keysOnly;
    for (const auto &[id, json] : gateways)
        next.gateways[id] = {next.version, json};
    forgetRemovals(next);
    dropBelowFloor(next);
    return next;
}

} // namespace mws
