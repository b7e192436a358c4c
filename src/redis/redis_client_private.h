#pragma once

#include "mws/base/thread_check.h"
#include "redis/redis_client.h"
#include "redis/redis_scout.h"
#include "redis/redis_script.h"

#include <QTimer>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>

namespace mws {

/// A command, until its handler was called.
struct RedisErrand
{
    RedisCall call; ///< of a script: EVALSHA, digest, count of keys, keys and arguments
    RedisHandler handler;
    SteadyTime deadline;
    uint64_t number = 0; ///< in the order of the calls
    std::optional<RedisScript> script;
    bool sourceNeeded = false;       ///< the server said that it does not know the script
    std::optional<RedisNode> asking; ///< where ASK sent it
    int refusals = 0;                ///< times that a server sent it back
    size_t bytes = 0;
};
using RedisErrandPointer = std::shared_ptr<RedisErrand>;

class RedisClient::Private
{
public:
    Private(RedisClient &client, RedisSettings settings, RedisSurroundings surroundings);

    void start();
    void close();
    void take(RedisErrandPointer errand);
    void closeLane(uint32_t lane);
    void unblock(const std::string &key, uint32_t lane, std::function<void(bool)> done);
    bool isUp(const std::string &key) const;
    SteadyTime now() const { return m_surroundings.clock.now(); }

    RedisState m_state = RedisState::Connecting;
    std::optional<bool> m_isCluster;
    StateListener m_listener;
    RedisSettings m_settings;
    ThreadCheck m_thread;

private:
    /// The commands of one slot and lane, in order.
    struct Route
    {
        uint16_t slot = 0;
        uint32_t lane = 0;
        std::deque<RedisErrandPointer> waiting;
        std::vector<RedisErrandPointer> returned; ///< sent back; the others of their time are still out
        size_t out = 0;                           ///< on a link
        const RedisLink *at = nullptr;            ///< on which, while there are some
        SteadyTime pausedUntil{};
    };
    using RouteKey = uint64_t;
    using LinkKey = std::pair<RedisNode, uint32_t>; ///< of a single server: an empty node
    struct Entry
    {
        std::unique_ptr<RedisLink> link;
        std::set<std::string> scripts; ///< digests whose source this connection has seen
        uint64_t connection = 0;       ///< for which that is true
        bool leaving = false;          ///< has no slot any more; goes when nothing is out on it
    };

    // redis_client.cpp: servers
    void scout();
    void found(RedisScout::Finding finding);
    void keepLinks();
    Entry &linkTo(const RedisNode &node, uint32_t lane);
    const Entry *linkIfThere(const RedisNode &node, uint32_t lane) const;
    void linkChanged(uint32_t lane, RedisState state);
    std::optional<RedisNode> serverOf(uint16_t slot) const;
    void dropLink(std::unique_ptr<RedisLink> gone);
    template <typename Which>
    void dropLinks(Which which);
    void dropLeaving();
    void updateState();
    void tick();
    void keepTicking();

    // redis_client_routes.cpp: commands
    static RouteKey keyOf(const Route &way) { return RouteKey(way.lane) << 16 | way.slot; }
    Route &route(uint16_t slot, uint32_t lane);
    void pumpAll();
    void pump(Route &way);
    bool sendFirst(Route &way);
    void send(Route &way, Entry &entry, const RedisErrandPointer &errand);
    void answered(RouteKey key, const RedisErrandPointer &errand, RedisAnswer answer);
    bool comesBack(Route &way, RedisErrand &errand, RedisAnswer &answer);
    bool refused(Route &way, RedisErrand &errand, const RedisReply &reply);
    void gatherReturned(Route &way);
    void forgetIfEmpty(Route &way);
    bool expireWaiting();
    void end(const RedisErrandPointer &errand, RedisAnswer answer);
    void endLater(RedisErrandPointer errand, std::string why);
    void deliverEndings();
    void endWaiting(const std::optional<uint32_t> &lane, const std::string &why);

    RedisClient &q;
    RedisSurroundings m_surroundings;
    RedisScout m_scout;
    std::optional<RedisTopology> m_topology; ///< of a cluster
    std::map<LinkKey, Entry> m_links;
    std::unordered_map<RouteKey, Route> m_routes;
    std::vector<std::pair<RedisErrandPointer, std::string>> m_endings; ///< to be told from the event loop
    size_t m_errands = 0;                                              ///< whose handler was not called
    size_t m_bytes = 0;                                                ///< of these
    uint64_t m_lastNumber = 0;
    bool m_closed = false;
    std::optional<uint32_t> m_closingLane;
    SteadyTime m_scoutNext{};
    bool m_scoutWanted = false;
    int m_scouts = 0; ///< one after the other while not all is up
    QTimer m_ticks;
};

} // namespace mws
