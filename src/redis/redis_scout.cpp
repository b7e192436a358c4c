#include "redis/redis_scout.h"

#include "mws/base/log.h"

#include <algorithm>

namespace mws {

namespace {

constexpr std::chrono::milliseconds pause{200};

bool saysNoCluster(const RedisReply &reply)
{
    const std::string_view text = reply.isError() ? std::string_view(reply.text) : std::string_view();
    return text.starts_with("ERR This instance has cluster support disabled") ||
           text.starts_with("ERR unknown command") || text.starts_with("ERR Unknown") ||
           text.starts_with("NOPERM");
}

} // namespace

RedisScout::RedisScout(RedisSettings settings, RedisSurroundings surroundings,
                       std::function<void(Finding)> found)
    : m_settings(std::move(settings)), m_surroundings(std::move(surroundings)), m_found(std::move(found))
{
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &RedisScout::connectLink);
}

void RedisScout::begin(std::vector<RedisNode> servers, Telling telling)
{
    if (isUnderWay())
        return;
    m_servers = std::move(servers);
    m_telling = telling;
    connectLink();
}

void RedisScout::connectLink()
{
    RedisSettings settings = m_settings;
    settings.nodes = m_servers;
    m_link = std::make_unique<RedisLink>(std::move(settings), m_surroundings, RedisLink::Replicas::Welcome);
    if (m_telling == Telling::Nobody)
        m_link->setQuiet();
    m_link->setStateListener([this](RedisState state) {
        if (state == RedisState::Up)
            ask();
    });
    m_link->start();
}

void RedisScout::dropLink()
{
    if (!m_link)
        return;
    RedisLink *link = m_link.release(); // we may be called from within it
    link->setStateListener(nullptr);
    link->close();
    link->deleteLater();
}

void RedisScout::stop()
{
    m_again.stop();
    dropLink();
}

void RedisScout::ask()
{
    m_link->command({.args = {"CLUSTER", "SLOTS"}}, [this](const RedisAnswer &answer) { answered(answer); });
}

void RedisScout::answered(const RedisAnswer &answer)
{
    if (!m_link || !answer.answered())
        return; // the link takes the next server, and then we ask again
    if (auto topology = RedisTopology::fromClusterSlots(answer.reply, m_link->node()))
        return finish(std::move(*topology));
    if (m_settings.cluster == RedisClusterMode::Auto && saysNoCluster(answer.reply))
        return finish(NoCluster{});
    if (m_telling == Telling::Operator)
        log(LogLevel::Warning, "redis does not tell its cluster's slots",
            {{"node", m_link->node().text()}, {"refused", answer.reply.isError() ? "yes" : "no"}});
    m_telling = Telling::Nobody; // once is enough
    std::rotate(m_servers.begin(), m_servers.begin() + 1, m_servers.end());
    dropLink();
    m_again.start(pause);
}

void RedisScout::finish(Finding finding)
{
    stop();
    m_found(std::move(finding));
}

} // namespace mws
