#include "net/epoll_dispatcher.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QSocketNotifier>
#include <QTimer>
#include <array>
#include <atomic>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mws {

namespace {

EpollDispatcher &dispatcher()
{
    return *static_cast<EpollDispatcher *>(QAbstractEventDispatcher::instance());
}

/// Both ends of a pipe.
struct Pipe
{
    Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0); }
    ~Pipe()
    {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    int readEnd() const { return ends[0]; }
    void write() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
    void read() const
    {
        char byte = 0;
        EXPECT_EQ(::read(ends[0], &byte, 1), 1);
    }
    std::array<int, 2> ends{};
};

class Reader final : public FdHandler
{
public:
    explicit Reader(const Pipe &pipe) : m_pipe(pipe) {}
    void fdEvent(uint32_t events) override
    {
        seen |= events;
        ++count;
        m_pipe.read();
    }
    uint32_t seen = 0;
    int count = 0;

private:
    const Pipe &m_pipe;
};

/// Turns the loop until `done`, at most five seconds.
template <typename Condition>
bool turnUntil(Condition done)
{
    bool late = false;
    QTimer deadline;
    deadline.setSingleShot(true);
    QObject::connect(&deadline, &QTimer::timeout, [&late] { late = true; });
    deadline.start(5000);
    while (!done() && !late)
        dispatcher().processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    return done();
}

/// Runs the loop until something quits it, at most five seconds; false if nothing did.
bool quitsInTime(QEventLoop &loop)
{
    QTimer::singleShot(5000, &loop, [&loop] { loop.exit(1); });
    return loop.exec() == 0;
}

} // namespace

TEST(EpollDispatcher, CallsAHandlerUntilItIsTakenOut)
{
    const Pipe pipe;
    Reader reader(pipe);
    dispatcher().watch(pipe.readEnd(), &reader, EPOLLIN);
    pipe.write();
    EXPECT_TRUE(turnUntil([&] { return reader.count == 1; }));
    EXPECT_TRUE(reader.seen & EPOLLIN);
    dispatcher().watch(pipe.readEnd(), nullptr, 0);
    pipe.write();
    dispatcher().processEvents(QEventLoop::AllEvents);
    EXPECT_EQ(reader.count, 1);
}

TEST(EpollDispatcher, PausedHandlerIsCalledAgainWhenItAsks)
{
    const Pipe pipe;
    Reader reader(pipe);
    dispatcher().watch(pipe.readEnd(), &reader, 0);
    pipe.write();
    dispatcher().processEvents(QEventLoop::AllEvents);
    EXPECT_EQ(reader.count, 0);
    dispatcher().watch(pipe.readEnd(), &reader, EPOLLIN);
    EXPECT_TRUE(turnUntil([&] { return reader.count == 1; }));
    dispatcher().watch(pipe.readEnd(), nullptr, 0);
}

/// QTcpServer enables the notifier of its listening socket with each connection that is taken from it.
TEST(EpollDispatcher, NotifierDoesNotWakeAHandlerThatIsPaused)
{
    const Pipe paused;
    const Pipe other;
    Reader pausedReader(paused);
    Reader otherReader(other);
    QSocketNotifier notifier(paused.readEnd(), QSocketNotifier::Read);
    dispatcher().watch(paused.readEnd(), &pausedReader, 0);
    dispatcher().watch(other.readEnd(), &otherReader, EPOLLIN);
    paused.write();
    for (int turn = 1; turn <= 3; ++turn) {
        other.write();
        EXPECT_TRUE(turnUntil([&] { return otherReader.count == turn; }));
    }
    EXPECT_EQ(pausedReader.count, 0);
    dispatcher().watch(paused.readEnd(), &pausedReader, EPOLLIN);
    EXPECT_TRUE(turnUntil([&] { return pausedReader.count == 1; }));
    dispatcher().watch(paused.readEnd(), nullptr, 0);
    dispatcher().watch(other.readEnd(), nullptr, 0);
}

TEST(EpollDispatcher, SecondHandlerOfADescriptorNumberGetsItsOwnEvents)
{
    for (int round = 0; round < 3; ++round) { // the kernel gives the same number again
        const Pipe pipe;
        Reader reader(pipe);
        dispatcher().watch(pipe.readEnd(), &reader, EPOLLIN);
        pipe.write();
        EXPECT_TRUE(turnUntil([&] { return reader.count == 1; })) << round;
        dispatcher().watch(pipe.readEnd(), nullptr, 0);
    }
}

TEST(EpollDispatcher, ServesSocketNotifiers)
{
    const Pipe pipe;
    int activations = 0;
    QSocketNotifier notifier(pipe.readEnd(), QSocketNotifier::Read);
    QObject::connect(&notifier, &QSocketNotifier::activated, [&] {
        ++activations;
        pipe.read();
    });
    pipe.write();
    EXPECT_TRUE(turnUntil([&] { return activations == 1; }));
    notifier.setEnabled(false);
    pipe.write();
    dispatcher().processEvents(QEventLoop::AllEvents);
    EXPECT_EQ(activations, 1);
    notifier.setEnabled(true);
    EXPECT_TRUE(turnUntil([&] { return activations == 2; }));
}

TEST(EpollDispatcher, FiresTimersInTheirOrder)
{
    std::vector<int> fired;
    QTimer::singleShot(30, [&] { fired.push_back(30); });
    QTimer::singleShot(10, [&] { fired.push_back(10); });
    QTimer::singleShot(0, [&] { fired.push_back(0); });
    EXPECT_TRUE(turnUntil([&] { return fired.size() == 3; }));
    EXPECT_EQ(fired, (std::vector<int>{0, 10, 30}));
}

TEST(EpollDispatcher, RepeatsATimerAndForgetsAStoppedOne)
{
    int ticks = 0;
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, [&] {
        if (++ticks == 3)
            timer.stop();
    });
    timer.start(1);
    EXPECT_TRUE(turnUntil([&] { return ticks == 3; }));
    EXPECT_TRUE(dispatcher().registeredTimers(&timer).isEmpty());
}

TEST(EpollDispatcher, TimerMayStartANestedLoopAndOthers)
{
    bool inner = false;
    bool outer = false;
    QTimer::singleShot(0, [&] {
        QEventLoop loop;
        QTimer::singleShot(1, [&] {
            inner = true;
            loop.quit();
        });
        loop.exec();
        outer = true;
    });
    EXPECT_TRUE(turnUntil([&] { return outer; }));
    EXPECT_TRUE(inner);
}

TEST(EpollDispatcher, DoesNotWaitOnWhatTheTurnsEndPosted)
{
    QEventLoop loop;
    bool posted = false;
    dispatcher().setTurnEnd([&] {
        if (!std::exchange(posted, true))
            QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
    });
    EXPECT_TRUE(quitsInTime(loop));
    dispatcher().setTurnEnd({});
}

TEST(EpollDispatcher, LosesNoWakeUp)
{
    constexpr int count = 20000;
    QEventLoop loop;
    std::atomic<int> given{0};
    dispatcher().setTurnEnd([&] {
        if (given.load() == count)
            loop.quit();
    });
    std::thread other([&, &woken = dispatcher()] {
        for (int i = 0; i < count; ++i) {
            given.fetch_add(1);
            woken.wakeUp();
        }
    });
    EXPECT_TRUE(quitsInTime(loop)) << "the last wake-up was lost";
    other.join();
    dispatcher().setTurnEnd({});
}

} // namespace mws
