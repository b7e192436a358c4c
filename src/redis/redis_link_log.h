#pragma once

#include "mws/base/clock.h"
#include "mws/base/log.h"
#include "redis/redis_settings.h"

#include <optional>
#include <string>

namespace mws {

/// What the operator is told of one link: each new reason at once, the same one every half a minute, and when
/// it is over. Thread: one.
class RedisLinkLog
{
public:
    static constexpr auto repeat = std::chrono::seconds(30);

    void up(const RedisNode &node, SteadyTime now, LogLevel level)
    {
        if (m_failedSince)
            log(level, "redis is back",
                {{"node", node.text()},
                 {"away_ms",
                  std::chrono::duration_cast<std::chrono::milliseconds>(now - *m_failedSince).count()},
                 {"attempts", m_attempts}});
        else
            log(level, "redis connected", {{"node", node.text()}});
        m_failedSince.reset();
        m_attempts = 0;
        m_reason.clear();
    }

    void failed(const RedisNode &node, const std::string &reason, SteadyTime now, LogLevel level)
    {
        if (!m_failedSince)
            m_failedSince = now;
        ++m_attempts;
        if (reason == m_reason && now - m_told < repeat)
            return;
        m_reason = reason;
        m_told = now;
        log(level, "redis cannot be used",
            {{"node", node.text()}, {"reason", reason}, {"attempts", m_attempts}});
    }

private:
    std::optional<SteadyTime> m_failedSince;
    uint64_t m_attempts = 0;
    std::string m_reason;
    SteadyTime m_told{};
};

} // namespace mws
