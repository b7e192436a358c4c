#pragma once

#include "mws/base/clock.h"
#include "mws/base/log.h"
#include "mws/base/random.h"
#include "redis/redis_link.h"
#include "support/redis_server.h"
#include "support/times_in.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QTimer>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>

namespace mws::test {

/// Keeps all lines, whatever their level.
class LogRecorder final : public LogSink
{
public:
    LogRecorder() { setLogSink(this, LogLevel::Trace); }
    ~LogRecorder() override { setLogSink(nullptr); }
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override
    {
        const std::lock_guard lock(m_mutex);
        m_text += std::to_string(int(level)) + ' ' + std::string(event);
        for (const LogField &field : fields)
            m_text += ' ' + std::string(field.name) + '=' + field.value;
        m_text += '\n';
    }
    std::string text() const
    {
        const std::lock_guard lock(m_mutex);
        return m_text;
    }
    size_t count(const std::string &part) const { return timesIn(text(), part); }
    bool has(const std::string &part) const { return count(part) > 0; }

private:
    mutable std::mutex m_mutex;
    std::string m_text;
};

/// How commands ended.
struct Tally
{
    size_t answered = 0;
    size_t notSent = 0;
    size_t unknown = 0;
    size_t sum() const { return answered + notSent + unknown; }
    void count(const RedisAnswer &answer)
    {
        ++(answer.answered()                                 ? answered
           : answer.outcome == RedisAnswer::Outcome::NotSent ? notSent
                                                             : unknown);
    }
};

/// Runs the event loop until `holds`; false if that takes so long that it hangs.
template <typename Holds>
bool runEventLoopUntil(Holds holds, std::chrono::milliseconds wait)
{
    const QDeadlineTimer deadline(wait);
    QTimer wake;
    wake.start(20);
    while (!holds()) {
        if (deadline.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    return true;
}

class RedisTest : public testing::Test
{
protected:
    static constexpr std::chrono::seconds hangs{60};

    template <typename Holds>
    static bool until(Holds holds, std::chrono::milliseconds wait = hangs)
    {
        return runEventLoopUntil(holds, wait);
    }

    RedisSurroundings surroundings() const { return {m_clock, randomBelow}; }

    static RedisSettings settings(const std::string &url)
    {
        auto parsed = parseRedisUrl(url);
        EXPECT_TRUE(parsed);
        return parsed ? *parsed : RedisSettings{};
    }

    /// A started link that is up.
    std::unique_ptr<RedisLink> upLink(const RedisSettings &settings)
    {
        auto link = std::make_unique<RedisLink>(settings, surroundings());
        link->start();
        EXPECT_TRUE(until([&] { return link->state() == RedisState::Up; })) << m_log.text();
        return link;
    }

    /// The answer to one command.
    template <typename Way>
    static RedisAnswer ask(Way &way, RedisCall call)
    {
        std::optional<RedisAnswer> answer;
        way.command(std::move(call), [&](RedisAnswer told) { answer = std::move(told); });
        EXPECT_FALSE(answer); // never from within
        EXPECT_TRUE(until([&] { return answer.has_value(); }));
        return answer.value_or(RedisAnswer{});
    }

    SystemClock m_clock;
    LogRecorder m_log;
};

} // namespace mws::test
