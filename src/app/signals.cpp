#include "app/signals.h"

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace mws {

namespace {

sigset_t terminationSet()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

int openSignals()
{
    const sigset_t set = terminationSet();
    return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

} // namespace

void TerminationSignals::block()
{
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = terminationSet();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

TerminationSignals::TerminationSignals(std::function<void()> terminate)
    : m_fd(openSignals()), m_notifier(m_fd, QSocketNotifier::Read), m_terminate(std::move(terminate))
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &TerminationSignals::arrived);
}

TerminationSignals::~TerminationSignals()
{
    m_notifier.setEnabled(false);
    ::close(m_fd);
}

void TerminationSignals::arrived()
{
    signalfd_siginfo info{};
    while (::read(m_fd, &info, sizeof info) == sizeof info) {
        if (std::exchange(m_seen, true))
            ::_exit(1);
        m_terminate();
    }
}

} // namespace mws
