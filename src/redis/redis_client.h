#pragma once

#include "redis/redis.h"
#include "redis/redis_link.h"

#include <QObject>
#include <functional>
#include <memory>

namespace mws {

/// One Redis server, or a Redis Cluster: finds out which, keeps links to the servers that are needed, sends
/// each command to the primary of its key's slot, follows MOVED and ASK and learns the slots anew when a
/// server fails.
///
/// A command that failed as NotSent on its link, or that a server refused without doing it (MOVED, ASK,
/// TRYAGAIN, CLUSTERDOWN, LOADING, MASTERDOWN, READONLY), is sent again until its deadline; one that left and
/// was not answered never is. Commands of one key and lane stay in order, but around a TRYAGAIN, which only
/// commands of several keys get while their slot moves.
///
/// Thread: one, with an event loop (EpollDispatcher or Qt's).
class RedisClient final : public QObject, public Redis
{
public:
    using StateListener = std::function<void(RedisState)>;

    RedisClient(RedisSettings settings, RedisSurroundings surroundings, QObject *parent = nullptr);
    ~RedisClient() override; ///< calls no handler and no listener

    /// Called when state() has changed, from the event loop. Set before start().
    void setStateListener(StateListener listener);
    void start();
    /// Ends all links. Every command that waits is answered, NotSent or Unknown, from within; later ones are
    /// answered NotSent.
    void close();

    void command(RedisCall call, RedisHandler handler) override;
    void run(const RedisScript &script, size_t keyCount, RedisCall call, RedisHandler handler) override;
    void unblock(const std::string &key, uint32_t lane, std::function<void(bool)> done) override;
    /// Ends the links of a lane that is not needed any more. What waits on it is answered, NotSent or
    /// Unknown.
    void closeLane(uint32_t lane);

    RedisState state() const override;
    bool isUp(const std::string &key) const override;
    std::optional<bool> isCluster() const override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace mws
