#pragma once

#include "redis/redis_reply.h"
#include "redis/redis_settings.h"

#include <optional>
#include <string>
#include <vector>

namespace mws {

/// What a connection starts with: the password, the name, the database, and whether the server is fit for
/// use.
class RedisGreeting
{
public:
    enum class Step { Auth, Name, Id, Select, Role, Ping };
    struct Command
    {
        Step step;
        std::vector<std::string> args;
    };

    /// In order; Ping is the last. `needPrimary`: a replica will not do.
    static std::vector<Command> commands(const RedisSettings &settings, bool needPrimary);

    /// Why the server cannot be used after this reply to `step`, for the operator: our own words only, as a
    /// server may repeat what it was sent. Nothing if all is well.
    static std::optional<std::string> problem(Step step, const RedisReply &reply);

    /// Why a server that was fit for use is so no more, going by its answer to any command; nothing if it
    /// still is.
    static std::optional<std::string> problemLater(const RedisReply &reply, bool needPrimary);
};

} // namespace mws
