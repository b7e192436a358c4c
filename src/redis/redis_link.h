#pragma once

#include "mws/base/clock.h"
#include "redis/redis.h"
#include "redis/redis_settings.h"

#include <QObject>
#include <functional>
#include <memory>

namespace mws {

/// Where links and clients get time and chance from.
struct RedisSurroundings
{
    const Clock &clock;
    std::function<uint64_t(uint64_t)> random; ///< uniform in [0, bound), as randomBelow()
};

/// One connection to one Redis server, which is made again by itself when it ends, after RedisBackoff. With
/// several nodes in the settings each attempt takes the next.
///
/// A link is up once the server took the password, the database and a PING, so not while it loads its data;
/// nor, unless replicas are welcome, while it is a replica. A server that is silent for the ping interval is
/// sent a PING; one that owes an answer and sends no byte for the reply timeout counts as dead.
///
/// Thread: one, with an event loop.
class RedisLink final : public QObject
{
public:
    using StateListener = std::function<void(RedisState)>;
    enum class Replicas { Refused, Welcome };

    RedisLink(RedisSettings settings, RedisSurroundings surroundings, Replicas replicas = Replicas::Refused,
              QObject *parent = nullptr);
    ~RedisLink() override; ///< calls no handler and no listener

    void setStateListener(StateListener listener);
    /// Its log lines are for debugging only: of several links to one server, one tells the operator.
    void setQuiet() { m_quiet = true; }
    void start();
    /// Ends the link for good. Every command is answered, NotSent or Unknown, from within.
    void close();

    /// Commands go out, and are answered, in the order of the calls. While the link is not up, or more is
    /// unanswered than the settings' queue holds, they are NotSent. When the link ends, those of which not
    /// one byte was given to the socket are NotSent, all others Unknown. A command whose deadline is over is
    /// answered the same way, and a late answer to it is dropped. `key`, `lane` and `whenDown` of the call
    /// mean nothing here.
    void command(const RedisCall &call, RedisHandler handler);
    /// Both, with nothing in between; only the second is answered. For ASKING.
    void commandAfter(std::vector<std::string> before, const RedisCall &call, RedisHandler handler);

    RedisState state() const;
    size_t unanswered() const; ///< commands, our own PINGs not counted
    int64_t clientId() const;  ///< the connection's id at the server; 0: not up, or the server does not tell
    uint64_t connection() const;   ///< of the present or last one that came up: of all links another number
    const RedisNode &node() const; ///< of the present or last attempt

private:
    bool m_quiet = false;
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace mws
