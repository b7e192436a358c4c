#include "net/epoll_dispatcher.h"

#include "mws/base/log.h"

#include <QCoreApplication>
#include <QThread>
#include <QTimerEvent>
#include <algorithm>
#include <cerrno>
#include <ctime>
#include <sys/eventfd.h>
#include <unistd.h>

namespace mws {

namespace {

constexpr uint32_t notifierEvents[3] = {EPOLLIN, EPOLLOUT, EPOLLPRI};
constexpr uint64_t wakeMark = ~0ull;
/// That one look at epoll takes.
constexpr size_t fewestEvents = 1024;
constexpr size_t mostEvents = 16384;

qint64 nowNs()
{
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return qint64(t.tv_sec) * 1000000000 + t.tv_nsec;
}

} // namespace

EpollDispatcher::EpollDispatcher(QObject *parent)
    : QAbstractEventDispatcher(parent),
      m_epoll(::epoll_create1(EPOLL_CLOEXEC)),
      m_wakeFd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      m_events(fewestEvents)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = wakeMark;
    if (m_epoll < 0 || m_wakeFd < 0 || ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wakeFd, &event) != 0)
        qFatal("no descriptors for an event loop");
}

EpollDispatcher::~EpollDispatcher()
{
    ::close(m_wakeFd);
    ::close(m_epoll);
}

EpollDispatcher::Descriptor &EpollDispatcher::descriptor(int fd)
{
    if (size_t(fd) >= m_descriptors.size())
        m_descriptors.resize(size_t(fd) * 2 + 64);
    return m_descriptors[size_t(fd)];
}

uint32_t EpollDispatcher::wantedEvents(const Descriptor &entry)
{
    if (entry.handler)
        return entry.handlerEvents; // a notifier of Qt's, such as QTcpServer's own, has no say beside it
    uint32_t events = 0;
    for (int type = 0; type < 3; ++type)
        if (entry.notifiers[type])
            events |= notifierEvents[type];
    return events;
}

void EpollDispatcher::watch(int fd, FdHandler *handler, uint32_t events)
{
    Descriptor &entry = descriptor(fd);
    if (entry.handler != handler)
        ++entry.generation;
    // A handler that wants nothing for now still hears of errors (EPOLLERR, EPOLLHUP); without one nobody
    // listens.
    entry.handler = handler;
    entry.handlerEvents = events;
    apply(fd);
}

/// `known`: epoll most likely has the descriptor already.
bool EpollDispatcher::setInKernel(int fd, epoll_event &event, bool known) const
{
    if (::epoll_ctl(m_epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0)
        return true;
    if (errno != (known ? ENOENT : EEXIST))
        return false;
    return ::epoll_ctl(m_epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0;
}

void EpollDispatcher::apply(int fd)
{
    Descriptor &entry = m_descriptors[size_t(fd)];
    entry.changed = false;
    const uint32_t wanted = wantedEvents(entry);
    const bool listening = entry.handler || wanted != 0;
    if (listening && wanted == entry.kernelEvents && wanted != 0)
        return;
    epoll_event event{};
    event.events = wanted;
    event.data.u64 = uint64_t(uint32_t(fd)) | uint64_t(entry.generation) << 32;
    if (!listening) {
        ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, &event); // it may be closed already
    } else if (!setInKernel(fd, event, entry.kernelEvents != 0)) {
        log(LogLevel::Error, "epoll refused a descriptor", {{"fd", fd}, {"errno", errno}});
    }
    entry.kernelEvents = wanted;
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    const int fd = int(notifier->socket());
    Descriptor &entry = descriptor(fd);
    if (!entry.kernelEvents && !wantedEvents(entry))
        ++entry.generation;
    entry.notifiers[notifier->type()] = notifier;
    if (!entry.changed) {
        entry.changed = true;
        m_changed.push_back(fd);
    }
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    const int fd = int(notifier->socket());
    if (fd < 0 || size_t(fd) >= m_descriptors.size())
        return;
    Descriptor &entry = m_descriptors[size_t(fd)];
    if (entry.notifiers[notifier->type()] != notifier)
        return;
    entry.notifiers[notifier->type()] = nullptr;
    if (!wantedEvents(entry) && !entry.handler) {
        if (entry.kernelEvents)
            apply(fd); // at once: the descriptor may be closed next
    } else if (!entry.changed) {
        entry.changed = true;
        m_changed.push_back(fd);
    }
}

void EpollDispatcher::applyChanges()
{
    for (size_t i = 0; i < m_changed.size(); ++i)
        if (m_descriptors[size_t(m_changed[i])].changed)
            apply(m_changed[i]);
    m_changed.clear();
}

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    m_interrupted.store(false, std::memory_order_relaxed);
    Q_EMIT awake();
    m_woken = false;
    QCoreApplication::sendPostedEvents();
    if (m_interrupted.load(std::memory_order_relaxed))
        return false;
    if (m_turnEnd)
        m_turnEnd();

    const bool withDescriptors = !(flags & QEventLoop::ExcludeSocketNotifiers);
    const bool withTimers = !(flags & QEventLoop::X11ExcludeTimers);
    const bool mayWait = (flags & QEventLoop::WaitForMoreEvents) && !m_woken && !m_interrupted.load();
    if (mayWait)
        Q_EMIT aboutToBlock();
    const int timeout = waitTimeout(mayWait && !m_woken, withTimers);

    int done = 0;
    if (withDescriptors) {
        applyChanges();
        done += dispatchDescriptors(timeout);
    } else if (timeout != 0) {
        epoll_event event; // only a wake-up and timers matter, and the others would keep epoll busy
        ::epoll_wait(m_epoll, &event, 1, std::min(timeout < 0 ? 10 : timeout, 10));
    }
    if (withTimers)
        done += activateTimers();
    return done > 0;
}

int EpollDispatcher::waitTimeout(bool mayWait, bool withTimers) const
{
    if (!mayWait)
        return 0;
    if (!withTimers || m_timerQueue.empty())
        return -1;
    const qint64 left = m_timerQueue.begin()->first - nowNs();
    return left <= 0 ? 0 : int(std::min<qint64>((left + 999999) / 1000000, 86400000));
}

int EpollDispatcher::dispatchDescriptors(int timeout)
{
    // Ours until we are through: a handler may run a nested event loop, which makes a buffer of its own.
    std::vector<epoll_event> events = std::exchange(m_events, {});
    if (events.empty())
        events.resize(fewestEvents);
    const int count = ::epoll_wait(m_epoll, events.data(), int(events.size()), timeout);
    int done = 0;
    for (int i = 0; i < count; ++i)
        done += dispatchDescriptor(events[size_t(i)]);
    if (count == int(events.size()) && events.size() < mostEvents)
        events.resize(events.size() * 2);
    m_events = std::move(events);
    return done;
}

int EpollDispatcher::dispatchDescriptor(const epoll_event &event)
{
    if (event.data.u64 == wakeMark) {
        // Emptied first and marked afterwards: a wake-up in between writes nothing, but its work is seen this
        // turn.
        uint64_t value = 0;
        const ssize_t size = ::read(m_wakeFd, &value, sizeof value);
        m_wakePending.store(false, std::memory_order_release);
        return size > 0 ? 1 : 0;
    }
    const int fd = int(uint32_t(event.data.u64));
    const uint32_t generation = uint32_t(event.data.u64 >> 32);
    const uint32_t events = event.events;
    const Descriptor &entry = m_descriptors[size_t(fd)];
    if (entry.handler) {
        if (entry.generation != generation)
            return 0;
        entry.handler->fdEvent(events);
        return 1;
    }
    int done = 0;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        done += notify(QSocketNotifier::Read, fd, generation);
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        done += notify(QSocketNotifier::Write, fd, generation);
    if (events & (EPOLLPRI | EPOLLHUP | EPOLLERR))
        done += notify(QSocketNotifier::Exception, fd, generation);
    return done;
}

int EpollDispatcher::notify(QSocketNotifier::Type type, int fd, uint32_t generation)
{
    const Descriptor &entry = m_descriptors[size_t(fd)];
    QSocketNotifier *notifier = entry.notifiers[type];
    if (!notifier || entry.generation != generation)
        return 0; // disabled, or another descriptor by now
    QEvent event(QEvent::SockAct);
    QCoreApplication::sendEvent(notifier, &event);
    return 1;
}

void EpollDispatcher::registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object)
{
    const qint64 deadline = nowNs() + interval * 1000000;
    m_timers.insert(id, Timer{deadline, interval * 1000000, type, object, m_timerPass, false});
    m_timerQueue.emplace(deadline, id);
}

bool EpollDispatcher::unregisterTimer(int id)
{
    const auto it = m_timers.find(id);
    if (it == m_timers.end())
        return false;
    m_timerQueue.erase({it->deadline, id});
    m_timers.erase(it);
    return true;
}

bool EpollDispatcher::unregisterTimers(QObject *object)
{
    bool any = false;
    for (auto it = m_timers.begin(); it != m_timers.end();) {
        if (it->object != object) {
            ++it;
            continue;
        }
        m_timerQueue.erase({it->deadline, it.key()});
        it = m_timers.erase(it);
        any = true;
    }
    return any;
}

QList<QAbstractEventDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject *object) const
{
    QList<TimerInfo> timers;
    for (auto it = m_timers.cbegin(); it != m_timers.cend(); ++it)
        if (it->object == object)
            timers << TimerInfo(it.key(), int(it->interval / 1000000), it->type);
    return timers;
}

int EpollDispatcher::remainingTime(int id)
{
    const auto it = m_timers.constFind(id);
    return it == m_timers.cend() ? -1 : int(std::max<qint64>(0, (it->deadline - nowNs()) / 1000000));
}

int EpollDispatcher::activateTimers()
{
    if (m_timerQueue.empty())
        return 0;
    const qint64 now = nowNs();
    if (m_timerQueue.begin()->first > now)
        return 0;
    const uint64_t pass =
        ++m_timerPass; // a timer fires at most once in a pass, and not in the one that made it
    std::vector<int> due;
    for (auto it = m_timerQueue.begin(); it != m_timerQueue.end() && it->first <= now; ++it)
        due.push_back(it->second);
    int done = 0;
    for (const int id : due) {
        auto it = m_timers.find(id);
        if (it == m_timers.end() || it->pass >= pass || it->active)
            continue;
        m_timerQueue.erase({it->deadline, id});
        it->deadline = std::max(it->deadline + it->interval, now + (it->interval ? 1 : 0));
        m_timerQueue.emplace(it->deadline, id);
        it->active = true;
        QTimerEvent event(id);
        QCoreApplication::sendEvent(it->object, &event);
        ++done;
        it = m_timers.find(id); // it may be gone, and the hash may have moved
        if (it != m_timers.end())
            it->active = false;
    }
    return done;
}

void EpollDispatcher::wakeUp()
{
    if (QThread::currentThread() == thread()) {
        m_woken = true;
        return;
    }
    if (m_wakePending.exchange(true, std::memory_order_acq_rel))
        return;
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_wakeFd, &one, sizeof one);
}

void EpollDispatcher::interrupt()
{
    m_interrupted.store(true);
    wakeUp();
}

} // namespace mws
