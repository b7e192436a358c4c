#include "redis/redis_greeting.h"

#include <array>

namespace mws {

namespace {

struct Refusal
{
    std::string_view start; ///< of the error's text
    const char *meaning;
};

constexpr const char *isReplica = "it is a replica, which takes no writes";

/// Errors that mean the same whatever was asked.
constexpr std::array refusals{
    Refusal{"NOAUTH", "it asks for a password: set redis.password, or one in redis.url"},
    Refusal{"WRONGPASS", "the password or the user is wrong"},
    Refusal{"LOADING", "it is loading its data"},
    Refusal{"MASTERDOWN", "it is a replica that has lost its primary"},
    Refusal{"DENIED", "it is in protected mode, which refuses other machines"},
    Refusal{"ERR max number of clients reached", "it has no connection left (maxclients)"},
    Refusal{"NOPERM", "the user lacks a permission that a connection needs"},
    Refusal{"BUSY", "it is busy with a script"},
};

std::optional<std::string> commonProblem(const RedisReply &reply)
{
    if (reply.isError())
        for (const Refusal &refusal : refusals)
            if (reply.text.starts_with(refusal.start))
                return refusal.meaning;
    return std::nullopt;
}

} // namespace

std::vector<RedisGreeting::Command> RedisGreeting::commands(const RedisSettings &settings, bool needPrimary)
{
    std::vector<Command> all;
    if (!settings.password.empty() && settings.user.empty())
        all.push_back({Step::Auth, {"AUTH", settings.password}});
    else if (!settings.password.empty())
        all.push_back({Step::Auth, {"AUTH", settings.user, settings.password}});
    if (!settings.clientName.empty())
        all.push_back({Step::Name, {"CLIENT", "SETNAME", settings.clientName}});
    all.push_back({Step::Id, {"CLIENT", "ID"}});
    if (settings.database != 0)
        all.push_back({Step::Select, {"SELECT", std::to_string(settings.database)}});
    if (needPrimary)
        all.push_back({Step::Role, {"ROLE"}});
    all.push_back({Step::Ping, {"PING"}});
    return all;
}

std::optional<std::string> RedisGreeting::problem(Step step, const RedisReply &reply)
{
    const bool optional = step == Step::Name || step == Step::Id || step == Step::Role;
    if (optional && reply.errorCode() == "NOPERM")
        return std::nullopt; // managed servers forbid some of these
    if (const auto common = commonProblem(reply))
        return common;
    switch (step) {
    case Step::Auth:
        if (!reply.isStatus("OK"))
            return "it takes no password, or knows no users: unset redis.password";
        return std::nullopt;
    case Step::Select:
        if (!reply.isStatus("OK"))
            return "the database cannot be selected";
        return std::nullopt;
    case Step::Role:
        if (reply.isArray() && !reply.elements.empty() && reply.elements.front().string() == "slave")
            return isReplica;
        return std::nullopt;
    case Step::Ping:
        if (!reply.isStatus("PONG"))
            return "it does not answer PING as Redis does";
        return std::nullopt;
    case Step::Name:
    case Step::Id:
        return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::string> RedisGreeting::problemLater(const RedisReply &reply, bool needPrimary)
{
    const std::string_view code = reply.errorCode();
    if (needPrimary && code == "READONLY")
        return isReplica;
    if (code == "NOAUTH" || code == "LOADING" || code == "MASTERDOWN")
        return commonProblem(reply);
    return std::nullopt;
}

} // namespace mws
