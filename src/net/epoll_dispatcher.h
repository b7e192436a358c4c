#pragma once

#include <QAbstractEventDispatcher>
#include <QHash>
#include <QSocketNotifier>
#include <atomic>
#include <functional>
#include <set>
#include <sys/epoll.h>
#include <vector>

namespace mws {

/// Wants the epoll events of a descriptor, without a QSocketNotifier in between.
class FdHandler
{
public:
    /// `events` are epoll's, e.g. EPOLLIN | EPOLLRDHUP.
    virtual void fdEvent(uint32_t events) = 0;

protected:
    ~FdHandler() = default;
};

/// A Qt event dispatcher on epoll. Qt 6's own dispatchers poll() every descriptor at every turn, which costs
/// 1 to 5 ms of CPU per turn with 10,000 idle sockets. Uses QAbstractEventDispatcher's public interface only.
///
/// Install with QThread::setEventDispatcher() before the thread starts, or
/// QCoreApplication::setEventDispatcher(). Thread: the thread whose dispatcher it is; wakeUp() and
/// interrupt() from any.
class EpollDispatcher final : public QAbstractEventDispatcher
{
    Q_OBJECT
public:
    explicit EpollDispatcher(QObject *parent = nullptr);
    ~EpollDispatcher() override;

    /// Calls `handler` on `events` of `fd`; 0 stops. Must be told to stop before the descriptor is closed.
    void watch(int fd, FdHandler *handler, uint32_t events);
    /// Called at the end of each turn, before the thread waits. What it posts or sends is looked at before
    /// waiting.
    void setTurnEnd(std::function<void()> turnEnd) { m_turnEnd = std::move(turnEnd); }

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;
    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;
    void registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object) override;
    bool unregisterTimer(int id) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int id) override;
    void wakeUp() override;
    void interrupt() override;

private:
    struct Descriptor
    {
        QSocketNotifier *notifiers[3] = {}; ///< by QSocketNotifier::Type: Read, Write, Exception
        FdHandler *handler = nullptr;
        uint32_t handlerEvents = 0;
        uint32_t kernelEvents = 0;
        uint32_t generation = 0; ///< tells a descriptor from an earlier one of the same number within a batch
        bool changed = false;
    };
    struct Timer
    {
        qint64 deadline; ///< nanoseconds of the monotonic clock
        qint64 interval;
        Qt::TimerType type;
        QObject *object;
        uint64_t pass; ///< of activateTimers() in which it was made or last fired
        bool active;
    };

    Descriptor &descriptor(int fd);
    static uint32_t wantedEvents(const Descriptor &entry);
    void applyChanges();
    bool setInKernel(int fd, epoll_event &event, bool known) const;
    void apply(int fd);
    int waitTimeout(bool mayWait, bool withTimers) const;
    int dispatchDescriptors(int timeout);
    int dispatchDescriptor(const epoll_event &event);
    int notify(QSocketNotifier::Type type, int fd, uint32_t generation);
    int activateTimers();

    int m_epoll = -1;
    int m_wakeFd = -1;
    std::atomic<bool> m_wakePending{false};
    std::atomic<bool> m_interrupted{false};
    bool m_woken = false; ///< wakeUp() on the own thread: look again before waiting, no system call needed
    std::vector<Descriptor> m_descriptors;
    std::vector<int> m_changed;
    QHash<int, Timer> m_timers;
    std::set<std::pair<qint64, int>> m_timerQueue; ///< (deadline, id)
    uint64_t m_timerPass = 0;
    std::vector<epoll_event> m_events;
    std::function<void()> m_turnEnd;
};

} // namespace mws
