#include "ops/async_log.h"

#include "support/fake_clock.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace mws {

namespace {

class AsyncLogTest : public testing::Test
{
protected:
    AsyncLogTest()
    {
        std::signal(SIGPIPE, SIG_IGN);
        EXPECT_EQ(::pipe(m_pipe), 0);
    }
    ~AsyncLogTest() override
    {
        closeReader();
        ::close(m_pipe[1]);
    }

    std::unique_ptr<AsyncLog> open(AsyncLogOptions options = {})
    {
        options.descriptor = m_pipe[1];
        auto log = AsyncLog::create(options, m_clock);
        EXPECT_TRUE(log);
        return *std::move(log);
    }

    /// What has been written; call when nobody writes any more.
    std::string readAll()
    {
        ::fcntl(m_pipe[0], F_SETFL, O_NONBLOCK);
        std::string text;
        char buffer[4096];
        for (ssize_t n; (n = ::read(m_pipe[0], buffer, sizeof buffer)) > 0;)
            text.append(buffer, size_t(n));
        return text;
    }

    void closeReader()
    {
        if (m_pipe[0] >= 0)
            ::close(m_pipe[0]);
        m_pipe[0] = -1;
    }

    test::FakeClock m_clock;
    int m_pipe[2] = {-1, -1};
};

} // namespace

TEST_F(AsyncLogTest, WritesLinesInOrderBeforeItEnds)
{
    open()->write(LogLevel::Info, "socket opened", {{"id", 1}});
    auto log = open();
    log->write(LogLevel::Debug, "a", {});
    log->write(LogLevel::Error, "b", {});
    log.reset();
    EXPECT_EQ(readAll(), "2026-01-01T00:00:00.000Z info  socket opened id=1\n"
                         "2026-01-01T00:00:00.000Z debug a\n"
                         "2026-01-01T00:00:00.000Z error b\n");
}

TEST_F(AsyncLogTest, IsReachedThroughTheFunction)
{
    auto log = open({.style = LogStyle::Json});
    setLogSink(log.get(), LogLevel::Warning);
    mws::log(LogLevel::Info, "too quiet");
    mws::log(LogLevel::Warning, "loud enough");
    setLogSink(nullptr);
    log.reset();
    EXPECT_EQ(readAll(),
              "{\"time\":\"2026-01-01T00:00:00.000Z\",\"level\":\"warning\",\"event\":\"loud enough\"}\n");
}

// A process that ends without destructors says why.
TEST_F(AsyncLogTest, HasWrittenAllWhenItWasFlushed)
{
    auto log = open();
    setLogSink(log.get());
    for (int i = 0; i < 100; ++i)
        mws::log(LogLevel::Info, "event", {{"i", i}});
    flushLog();
    const std::string text = readAll();
    setLogSink(nullptr);
    flushLog();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 100);
}

TEST_F(AsyncLogTest, FlushingAPipeThatNobodyReadsTakesNoLongerThanClosing)
{
    auto log = open({.queueLines = 64, .closeWithin = std::chrono::milliseconds(100)});
    const std::string value(500, 'x');
    for (int i = 0; i < 5000; ++i)
        log->write(LogLevel::Info, "event", {{"value", value}});
    const auto begin = std::chrono::steady_clock::now();
    log->flush();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(AsyncLogTest, NeverWaitsForAPipeThatNobodyReads)
{
    const auto begin = std::chrono::steady_clock::now();
    auto log = open({.queueLines = 64, .closeWithin = std::chrono::milliseconds(100)});
    const std::string value(500, 'x');
    for (int i = 0; i < 5000; ++i)
        log->write(LogLevel::Info, "event", {{"value", value}});
    EXPECT_GT(log->dropped(), 4000u);
    log.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(AsyncLogTest, SaysHowManyLinesWereLost)
{
    auto log = open({.queueLines = 64});
    const std::string value(500, 'x');
    for (int i = 0; i < 1000; ++i)
        log->write(LogLevel::Info, "event", {{"value", value}});
    EXPECT_GT(log->dropped(), 0u);
    std::string text = readAll();
    while (text.find("Z warn  log lines dropped lines=") ==
           std::string::npos) // the test's timeout bounds this
        text += readAll();
}

TEST_F(AsyncLogTest, OutlivesADescriptorThatTakesNothing)
{
    auto log = open();
    closeReader();
    for (int i = 0; i < 10; ++i)
        log->write(LogLevel::Info, "event", {});
    log.reset();

    const int full = ::open("/dev/full", O_WRONLY);
    auto disk = AsyncLog::create({.descriptor = full}, m_clock);
    ASSERT_TRUE(disk);
    for (int i = 0; i < 10; ++i)
        (*disk)->write(LogLevel::Info, "event", {});
    while ((*disk)->dropped() < 10)
        std::this_thread::yield();
    ::close(full);
}

} // namespace mws
