#pragma once

#include "redis/redis.h"

#include <utility>
#include <vector>

namespace mws::test {

/// Holds what it is asked until the test answers.
class HeldRedis final : public Redis
{
public:
    void command(RedisCall call, RedisHandler handler) override
    {
        calls.push_back(std::move(call));
        handlers.push_back(std::move(handler));
    }
    void run(const RedisScript &, size_t, RedisCall call, RedisHandler handler) override
    {
        command(std::move(call), std::move(handler));
    }
    void unblock(const std::string &, uint32_t, std::function<void(bool)> done) override
    {
        unblocks.push_back(std::move(done));
    }
    RedisState state() const override { return up ? RedisState::Up : RedisState::Down; }
    bool isUp(const std::string &) const override { return true; }
    std::optional<bool> isCluster() const override { return false; }

    bool up = true;
    std::vector<RedisCall> calls;
    std::vector<RedisHandler> handlers;
    std::vector<std::function<void(bool)>> unblocks;
};

} // namespace mws::test
