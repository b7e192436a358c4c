#pragma once

#include "support/deadline.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace mws::test {

using Environment = std::map<std::string, std::string>;

/// A program and all that it writes. It ends with this process at the latest.
/// Thread: one at a time; threads of its own gather the output.
class ChildProcess
{
public:
    /// Starts `command` in `folder`. Of our own environment only what sanitizers and the loader need is
    /// handed on.
    ChildProcess(const std::vector<std::string> &command, const Environment &environment,
                 const std::string &folder);
    ~ChildProcess(); ///< kills it if it still runs

    /// The exit code, or minus the signal that ended it; nothing if it still runs when time is up.
    std::optional<int> waitForExit(std::chrono::milliseconds wait = patience);
    void signal(int number) const;
    pid_t id() const { return m_pid; }

    std::string output() const;
    std::string errors() const;
    using Wanted = std::function<bool(const std::string &)>;
    /// Waits until what was written is as wanted; false if the program ends first or time is up.
    bool waitForOutput(const Wanted &wanted, std::chrono::milliseconds wait = patience);
    bool waitForErrors(const Wanted &wanted, std::chrono::milliseconds wait = patience);

private:
    bool waitFor(const std::string &text, const Wanted &wanted, std::chrono::milliseconds wait);
    void gather(int descriptor, std::string &into);

    pid_t m_pid = -1;
    std::optional<int> m_exitCode;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::string m_output;  // under m_mutex
    std::string m_errors;  // under m_mutex
    int m_openStreams = 2; // under m_mutex
    std::thread m_outputReader;
    std::thread m_errorReader;
};

} // namespace mws::test
