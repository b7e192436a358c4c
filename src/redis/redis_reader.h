#pragma once

#include "redis/redis_reply.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct redisReader;

namespace mws {

/// Replies out of the bytes that a server sends (hiredis), within limits. Thread: one.
class RedisReader
{
public:
    struct Limits
    {
        size_t bytes = 64 << 20;    ///< of one reply, as it comes over the wire
        size_t elements = 1 << 18;  ///< of all arrays of one reply
        size_t lineBytes = 1 << 16; ///< of a status, an error or a number
    };
    /// Arrays within arrays.
    static constexpr int deepest = 7;
    /// Most that feed() should be given at a time: hiredis moves what is left after each KiB of replies.
    static constexpr size_t piece = 16384;

    explicit RedisReader(Limits limits);
    ~RedisReader();
    RedisReader(const RedisReader &) = delete;
    RedisReader &operator=(const RedisReader &) = delete;

    /// To be followed by next() until there is none.
    void feed(std::string_view bytes);
    /// Nothing: more bytes are needed, or failed().
    std::optional<RedisReply> next();
    /// These are no replies, or a limit is passed; nothing comes any more.
    bool failed() const { return !m_problem.empty(); }
    const std::string &problem() const { return m_problem; } ///< no byte of the server's in it

private:
    class Builder;
    void fail(std::string problem);
    void checkUnread();

    Limits m_limits;
    std::unique_ptr<Builder> m_builder;
    redisReader *m_reader;
    std::string m_problem;
};

/// A command as it goes over the wire (RESP arrays of bulk strings). Cost: a copy of all arguments.
std::string formatRedisCommand(const std::vector<std::string> &args);

} // namespace mws
