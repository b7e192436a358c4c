#include "support/child_process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mws::test {

namespace {

std::vector<std::string> assignments(Environment environment)
{
    for (const char *name : {"PATH", "HOME", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                             "TSAN_OPTIONS", "LSAN_OPTIONS", "QT_QPA_PLATFORM", "MWS_SERVER_DIRECT_LANE"})
        if (const char *value = std::getenv(name))
            environment.try_emplace(name, value);
    std::vector<std::string> result;
    for (const auto &[name, value] : environment)
        result.push_back(name + '=' + value);
    return result;
}

std::vector<char *> pointers(std::vector<std::string> &texts)
{
    std::vector<char *> result;
    for (std::string &text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

} // namespace

ChildProcess::ChildProcess(const std::vector<std::string> &command, const Environment &environment,
                           const std::string &folder)
{
    std::vector<std::string> arguments = command;
    std::vector<std::string> variables = assignments(environment);
    const std::vector<char *> argumentPointers = pointers(arguments);
    const std::vector<char *> variablePointers = pointers(variables);
    int output[2];
    int errors[2];
    if (::pipe2(output, O_CLOEXEC) != 0 || ::pipe2(errors, O_CLOEXEC) != 0)
        std::abort();
    m_pid = ::fork();
    if (m_pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(output[1], STDOUT_FILENO);
        ::dup2(errors[1], STDERR_FILENO);
        if (::chdir(folder.c_str()) == 0)
            ::execve(argumentPointers[0], argumentPointers.data(), variablePointers.data());
        ::_exit(127);
    }
    ::close(output[1]);
    ::close(errors[1]);
    m_outputReader = std::thread([this, from = output[0]] { gather(from, m_output); });
    m_errorReader = std::thread([this, from = errors[0]] { gather(from, m_errors); });
}

ChildProcess::~ChildProcess()
{
    if (!waitForExit(std::chrono::milliseconds(0))) {
        signal(SIGKILL);
        waitForExit();
    }
    m_outputReader.join();
    m_errorReader.join();
}

void ChildProcess::gather(int descriptor, std::string &into)
{
    char chunk[4096];
    for (;;) {
        const ssize_t got = ::read(descriptor, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        const std::lock_guard lock(m_mutex);
        if (got > 0)
            into.append(chunk, size_t(got));
        else
            --m_openStreams;
        m_changed.notify_all();
        if (got <= 0)
            break;
    }
    ::close(descriptor);
}

std::optional<int> ChildProcess::waitForExit(std::chrono::milliseconds wait)
{
    if (m_exitCode || m_pid <= 0)
        return m_exitCode;
    {
        // Both streams end with the process: that is what tells, without asking again and again.
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait_until(lock, Deadline(wait).end(), [this] { return m_openStreams == 0; }))
            return std::nullopt;
    }
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
    }
    m_exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return m_exitCode;
}

void ChildProcess::signal(int number) const
{
    if (!m_exitCode && m_pid > 0)
        ::kill(m_pid, number);
}

std::string ChildProcess::output() const
{
    const std::lock_guard lock(m_mutex);
    return m_output;
}

std::string ChildProcess::errors() const
{
    const std::lock_guard lock(m_mutex);
    return m_errors;
}

bool ChildProcess::waitFor(const std::string &text, const Wanted &wanted, std::chrono::milliseconds wait)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait_until(lock, Deadline(wait).end(), [&] { return wanted(text) || m_openStreams == 0; });
    return wanted(text);
}

bool ChildProcess::waitForOutput(const Wanted &wanted, std::chrono::milliseconds wait)
{
    return waitFor(m_output, wanted, wait);
}

bool ChildProcess::waitForErrors(const Wanted &wanted, std::chrono::milliseconds wait)
{
    return waitFor(m_errors, wanted, wait);
}

} // namespace mws::test
