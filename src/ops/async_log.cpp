#include "ops/async_log.h"

#include "ops/log_line.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

namespace mws {

namespace {

/// What is written at once to a pipe that poll() calls writable does not block up to PIPE_BUF (pipe(7)), and
/// a line of up to that size stays whole.
constexpr size_t largestWrite = 4096;
/// A terminal that is writable may have room for little.
constexpr size_t largestTerminalWrite = 256;
constexpr int pollMilliseconds = 50;

/// Writes lines to a descriptor and gives up only when told to, or on an error.
/// Thread: writes on spdlog's; giveUpAt() from any.
class DescriptorSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex>
{
public:
    DescriptorSink(const AsyncLogOptions &options, const Clock &clock)
        : m_descriptor(options.descriptor),
          m_style(options.style),
          m_clock(clock),
          m_largestWrite(::isatty(options.descriptor) ? largestTerminalWrite : largestWrite)
    {}

    void setOverrunCounter(std::function<size_t()> overruns) { m_overruns = std::move(overruns); }
    void giveUpAt(SteadyTime time) { m_giveUpAt.store(time.time_since_epoch().count()); }
    uint64_t failed() const { return m_failed.load(); }
    uint64_t flushes() const { return m_flushes.load(); }
    /// Until there were `flushes`, or `time` has come.
    void awaitFlushes(uint64_t flushes, SteadyTime time)
    {
        std::unique_lock lock(m_flushMutex);
        m_flushed.wait_until(lock, time, [&] { return m_flushes.load() >= flushes; });
    }

protected:
    void sink_it_(const spdlog::details::log_msg &message) override
    {
        reportLoss();
        std::string line(message.payload.data(), message.payload.size());
        line += '\n';
        if (!writeAll(line))
            ++m_failed;
    }
    void flush_() override
    {
        const std::lock_guard lock(m_flushMutex);
        ++m_flushes;
        m_flushed.notify_all();
    }

private:
    void reportLoss()
    {
        const uint64_t lost = m_overruns() + m_failed.load();
        if (lost == m_reported)
            return;
        const std::initializer_list<LogField> fields{{"lines", lost - m_reported}};
        const std::string line =
            m_style == LogStyle::Json
                ? jsonLogLine(m_clock.wall(), LogLevel::Warning, "log lines dropped", fields)
                : textLogLine(m_clock.wall(), LogLevel::Warning, "log lines dropped", fields);
        if (writeAll(line + '\n'))
            m_reported = lost;
    }

    bool writeAll(std::string_view bytes)
    {
        while (!bytes.empty()) {
            if (!waitUntilWritable())
                return false;
            const ssize_t n = ::write(m_descriptor, bytes.data(), std::min(bytes.size(), m_largestWrite));
            if (n >= 0)
                bytes.remove_prefix(size_t(n));
            else if (errno != EINTR && errno != EAGAIN)
                return false;
        }
        return true;
    }

    /// False when it is time to give up.
    bool waitUntilWritable()
    {
        for (;;) {
            const SteadyTime giveUpAt{SteadyTime::duration(m_giveUpAt.load())};
            if (std::chrono::steady_clock::now() >= giveUpAt)
                return false;
            pollfd entry{m_descriptor, POLLOUT, 0};
            if (::poll(&entry, 1, pollMilliseconds) > 0)
                return true; // errors too: write() says which
        }
    }

    const int m_descriptor;
    const LogStyle m_style;
    const Clock &m_clock;
    const size_t m_largestWrite;
    std::function<size_t()> m_overruns = [] { return size_t(0); };
    std::atomic<SteadyTime::rep> m_giveUpAt{SteadyTime::max().time_since_epoch().count()};
    std::atomic<uint64_t> m_failed{0};
    uint64_t m_reported = 0;
    std::mutex m_flushMutex;
    std::condition_variable m_flushed;
    std::atomic<uint64_t> m_flushes{0};
};

spdlog::level::level_enum spdlogLevel(LogLevel level)
{
    return level == LogLevel::Off ? spdlog::level::critical : spdlog::level::level_enum(int(level));
}

} // namespace

struct AsyncLog::Impl
{
    AsyncLogOptions options;
    const Clock &clock;
    std::shared_ptr<DescriptorSink> sink;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

AsyncLog::AsyncLog(const AsyncLogOptions &options, const Clock &clock)
    : m_impl(std::make_unique<Impl>(
          Impl{options, clock, std::make_shared<DescriptorSink>(options, clock), {}, {}}))
{}

Result<std::unique_ptr<AsyncLog>> AsyncLog::create(const AsyncLogOptions &options, const Clock &clock)
{
    std::unique_ptr<AsyncLog> log(new AsyncLog(options, clock));
    Impl &impl = *log->m_impl;
    try {
        impl.pool = std::make_shared<spdlog::details::thread_pool>(options.queueLines, 1);
        impl.sink->setOverrunCounter([pool = impl.pool.get()] { return pool->overrun_counter(); });
        impl.logger = std::make_shared<spdlog::async_logger>("mws", impl.sink, impl.pool,
                                                             spdlog::async_overflow_policy::overrun_oldest);
        impl.logger->set_level(spdlog::level::trace);
        impl.logger->set_error_handler([](const std::string &) {});
    } catch (const std::exception &error) {
        return Unexpected(ErrorCode::Internal, std::string("the log cannot start: ") + error.what());
    }
    return log;
}

AsyncLog::~AsyncLog()
{
    m_impl->sink->giveUpAt(std::chrono::steady_clock::now() + m_impl->options.closeWithin);
    m_impl->logger.reset();
    m_impl->pool.reset(); // ends its thread once the queue is empty, be it by giving up
}

void AsyncLog::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields)
{
    const WallTime now = m_impl->clock.wall();
    const std::string line = m_impl->options.style == LogStyle::Json ? jsonLogLine(now, level, event, fields)
                                                                     : textLogLine(now, level, event, fields);
    m_impl->logger->log(spdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

void AsyncLog::flush()
{
    const uint64_t before = m_impl->sink->flushes();
    m_impl->logger->flush(); // takes its place in the queue, behind the lines
    m_impl->sink->awaitFlushes(before + 1, std::chrono::steady_clock::now() + m_impl->options.closeWithin);
}

uint64_t AsyncLog::dropped() const
{
    return m_impl->pool->overrun_counter() + m_impl->sink->failed();
}

} // namespace mws
