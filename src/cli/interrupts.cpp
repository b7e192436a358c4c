#include "cli/interrupts.h"

#include "cli/command.h"

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace mws::cli {

namespace {

sigset_t interruptSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

int openSignals()
{
    const sigset_t set = interruptSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

} // namespace

Interrupts::Interrupts(std::function<void()> interrupted)
    : m_interrupted(std::move(interrupted)), m_fd(openSignals()), m_notifier(m_fd, QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, [this] { arrived(); });
}

Interrupts::~Interrupts()
{
    m_notifier.setEnabled(false);
    ::close(m_fd);
    const sigset_t set = interruptSignals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Interrupts::arrived()
{
    signalfd_siginfo info{};
    while (::read(m_fd, &info, sizeof info) == sizeof info) {
        if (std::exchange(m_wasInterrupted, true))
            ::_exit(Interrupted);
        m_interrupted();
    }
}

} // namespace mws::cli
