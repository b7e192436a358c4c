#pragma once

#include "support/gateway_process.h"

#include <QUrl>
#include <memory>
#include <string>
#include <vector>

namespace mws::test {

/// A server program of an example as a process of its own; killed at the end if it still runs. It says
/// `listening on http://127.0.0.1:PORT` in its output when it is ready, as all of them do. Thread: one at a
/// time.
class ExampleProgram
{
public:
    /// Starts it and waits until it listens; the test fails if it does not. `command` begins with a path, or
    /// with a program of PATH.
    ExampleProgram(std::vector<std::string> command, const Environment &environment);

    bool isListening() const { return m_port != 0; }
    /// `http://127.0.0.1:PORT` and `path`.
    QUrl url(const std::string &path = {}) const;
    std::string address() const { return "http://127.0.0.1:" + std::to_string(m_port); }
    uint16_t port() const { return m_port; }
    /// All that it has written so far.
    std::string log() const { return m_process->output() + m_process->errors(); }
    const std::filesystem::path &folder() const { return m_folder.path(); }
    /// SIGTERM, as at the end of a deployment; its exit code.
    std::optional<int> stop();

private:
    TemporaryFolder m_folder;
    std::unique_ptr<ChildProcess> m_process;
    uint16_t m_port = 0;
};

} // namespace mws::test
