#pragma once

#include "redis/redis_reply.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

class RedisScript;

/// How a command ended.
struct RedisAnswer
{
    enum class Outcome {
        Answered, ///< `reply` is the server's; it may be an error, and then nothing was done (but see a
                  ///< script's)
        NotSent,  ///< no byte of it left, or the server sent it back: it has not been done, it is safe to
                  ///< repeat
        Unknown,  ///< it left and its answer did not come: it was done, or it was not, or it still will be
    };

    Outcome outcome = Outcome::NotSent;
    RedisReply reply;
    std::string detail;      ///< why there is no answer, for the log; no secret in it
    uint64_t connection = 0; ///< over which it was answered: no two connections have the same number

    bool answered() const { return outcome == Outcome::Answered; }
    /// Answered, and not with an error.
    bool good() const { return answered() && !reply.isError(); }

    static RedisAnswer of(RedisReply reply) { return {Outcome::Answered, std::move(reply), {}, 0}; }
    static RedisAnswer notSent(std::string why) { return {Outcome::NotSent, {}, std::move(why), 0}; }
    static RedisAnswer unknown(std::string why) { return {Outcome::Unknown, {}, std::move(why), 0}; }
};

/// Called exactly once for each command, from the event loop and never from within the call that gave the
/// command. May give further commands. Not called any more once the Redis object was destroyed; close() calls
/// all. Must not destroy that object.
using RedisHandler = std::function<void(RedisAnswer)>;

enum class RedisState {
    Connecting, ///< the first attempt is under way
    Up,         ///< takes commands; of a cluster: each slot's primary does
    Down,       ///< was up, or is refused; it tries again by itself
};

/// What becomes of a command that the server cannot be sent now.
enum class RedisWhenDown {
    Wait, ///< until its deadline
    Fail, ///< NotSent at once
};

/// A command and how it is to travel.
struct RedisCall
{
    std::vector<std::string> args = {}; ///< the command's name first; any bytes
    /// Decides which server of a cluster gets it. Empty: the one that has slot 0. All keys of a command must
    /// be in one slot: give them one hash tag `{…}`; a XREAD of several streams, too.
    std::string key = {};
    /// Commands of one lane and key keep their order. Lane 0 is for commands that are answered at once; each
    /// other number is a connection of its own (for each server that is asked on it), for commands that
    /// block.
    uint32_t lane = 0;
    /// How long the server holds the answer back on purpose (XREAD BLOCK, WAIT): comes on top of all
    /// timeouts.
    std::chrono::milliseconds blocks{0};
    /// From now to the handler's call; absent: the settings' reply timeout and `blocks`.
    std::optional<std::chrono::milliseconds> deadline = {};
    RedisWhenDown whenDown = RedisWhenDown::Wait;
};

/// Redis, as the broker sees it: one server, or a cluster. The broker's simulation has one of its own.
/// Thread: one, with an event loop.
class Redis
{
public:
    virtual ~Redis() = default;

    virtual void command(RedisCall call, RedisHandler handler) = 0;
    /// Runs `script`: `call.args` are its keys (the first `keyCount`) and arguments, without EVALSHA, digest
    /// and count. `call.key` is the first key if it is empty.
    virtual void run(const RedisScript &script, size_t keyCount, RedisCall call, RedisHandler handler) = 0;
    /// Makes the command that blocks on `lane` for `key` return now, as if its time were over (nil). Reaches
    /// only what the server already holds: false, some milliseconds later, means that nothing was blocked
    /// there, so that the caller asks again if it still waits.
    virtual void unblock(const std::string &key, uint32_t lane, std::function<void(bool)> done) = 0;

    virtual RedisState state() const = 0;
    /// Whether the server that has `key` takes commands on lane 0 now.
    virtual bool isUp(const std::string &key) const = 0;
    /// True if it is a cluster; nothing while that is not known.
    virtual std::optional<bool> isCluster() const = 0;
};

} // namespace mws
