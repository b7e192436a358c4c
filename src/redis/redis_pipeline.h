#pragma once

#include "mws/base/clock.h"
#include "redis/redis.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// What is on its way over one connection: commands in order, which of them left, and what is due when. Knows
/// no sockets. Thread: one.
class RedisPipeline
{
public:
    struct Limits
    {
        size_t commands = 0;
        size_t bytes = 0;
        std::chrono::milliseconds replyTimeout{0};
    };
    /// Handlers and what they are to be told, so that the caller can call them when it is done with its own
    /// state.
    using Endings = std::vector<std::pair<RedisHandler, RedisAnswer>>;

    explicit RedisPipeline(Limits limits) : m_limits(limits) {}

    /// Empty if `call` was taken, else why not; `handler` is then untouched. A null handler is for who does
    /// not care.
    std::string add(const RedisCall &call, RedisHandler &handler, SteadyTime now);

    bool hasUnsent() const { return m_sent < m_entries.size(); }
    /// About `most` bytes of commands, whole ones, which count as sent from now on.
    std::string take(size_t most, SteadyTime now);
    /// The oldest sent command has its answer. Its handler, null if it was told already; nothing if no answer
    /// was due.
    std::optional<RedisHandler> answered(SteadyTime now);
    /// Those whose time is over. What was sent stays, so that the answers still count.
    Endings expire(SteadyTime now);
    /// Those that were not sent; the others' answers may still come.
    Endings endUnsent(const std::string &why);
    /// All of them: the connection is over.
    Endings end(const std::string &why);

    /// Whether the server owes an answer, and by now should have sent something. `received`: when the last
    /// byte came.
    bool isOverdue(SteadyTime received, SteadyTime now) const;
    /// When isOverdue() may become true; nothing if no answer is due.
    std::optional<SteadyTime> overdueAt(SteadyTime received) const;
    /// When expire() may have something to do; not later than that, perhaps earlier.
    std::optional<SteadyTime> nextDeadline() const;

    size_t size() const { return m_entries.size(); }
    size_t sent() const { return m_sent; }
    size_t bytes() const { return m_bytes; }
    size_t sentBytes() const { return m_sentBytes; }

private:
    struct Entry
    {
        std::string bytes; ///< until it is sent
        size_t size = 0;
        RedisHandler handler;
        SteadyTime deadline;
        SteadyTime sentAt{};
        std::chrono::milliseconds blocks{0};
        bool over = false; ///< its handler was called
    };

    Limits m_limits;
    std::deque<Entry> m_entries;
    size_t m_sent = 0; ///< of the first ones
    size_t m_bytes = 0;
    size_t m_sentBytes = 0;    ///< of these
    SteadyTime m_frontSince{}; ///< when the answer before the first one's came
    std::optional<SteadyTime> m_earliest;
};

} // namespace mws
