#pragma once

#include "redis/redis_link.h"
#include "redis/redis_topology.h"

#include <QObject>
#include <QTimer>
#include <functional>
#include <memory>
#include <variant>

namespace mws {

/// Asks the servers that are known, one after the other, who has which slots. Thread: one, with an event
/// loop.
class RedisScout final : public QObject
{
public:
    struct NoCluster
    {};
    using Finding = std::variant<RedisTopology, NoCluster>;

    /// `found` is called once for each begin(), from the event loop.
    RedisScout(RedisSettings settings, RedisSurroundings surroundings, std::function<void(Finding)> found);

    enum class Telling { Operator, Nobody };
    /// Goes on until a server answers as it should. `servers`: not empty. Nothing happens if it is under way.
    void begin(std::vector<RedisNode> servers, Telling telling);
    void stop();
    bool isUnderWay() const { return m_link != nullptr || m_again.isActive(); }

private:
    void connectLink();
    void dropLink();
    void ask();
    void answered(const RedisAnswer &answer);
    void finish(Finding finding);

    RedisSettings m_settings;
    RedisSurroundings m_surroundings;
    std::function<void(Finding)> m_found;
    std::vector<RedisNode> m_servers;
    Telling m_telling = Telling::Nobody;
    std::unique_ptr<RedisLink> m_link;
    QTimer m_again;
};

} // namespace mws
