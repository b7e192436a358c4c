#include "app/signals.h"

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace mws {

namespace {

sigset_t handledSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

int openSignals()
{
    const sigset_t set = handledSignals();
    return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

} // namespace

void ProcessSignals::block()
{
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = handledSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

ProcessSignals::ProcessSignals(Handlers handlers)
    : m_fd(openSignals()), m_notifier(m_fd, QSocketNotifier::Read), m_handlers(std::move(handlers))
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &ProcessSignals::arrived);
}

ProcessSignals::~ProcessSignals()
{
    m_notifier.setEnabled(false);
    ::close(m_fd);
}

void ProcessSignals::arrived()
{
    signalfd_siginfo info{};
    while (::read(m_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            if (!m_terminating)
                m_handlers.reload();
            continue;
        }
        if (std::exchange(m_terminating, true))
            ::_exit(1);
        m_handlers.terminate();
    }
}

} // namespace mws
