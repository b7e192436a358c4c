#pragma once

#include "support/child_process.h"
#include "support/raw_connection.h"
#include "support/times_in.h"

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mws::test {

/// A folder that goes with its owner.
class TemporaryFolder
{
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;
    const std::filesystem::path &path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// How a gateway is started. Port 0, address 127.0.0.1, two workers and a state folder of its own unless
/// `environment` says otherwise. Where `MWS_TEST_CLUSTER` is set in the test's own environment and no
/// REDIS_URL here, it is a node of a cluster: its own, in a Redis that the test program starts once.
struct GatewayOptions
{
    Environment environment = {};
    std::string configuration = {}; ///< text of a configuration file; empty: none
    /// A command that becomes the executable, e.g. `/usr/bin/nsenter --net=…`; empty: none.
    std::vector<std::string> launcher = {};
    std::string host = "127.0.0.1"; ///< where clients reach it; the environment says where it listens
};

/// Gateways that say nothing of Redis are nodes of a cluster; see GatewayOptions.
bool startsInCluster();

/// Path of the executable: `MWS_GATEWAY_EXECUTABLE` of the environment, else the one that was built.
std::string gatewayExecutable();

/// The real executable, in a temporary folder. When it goes, it is told to stop, must exit with 0, and must
/// not have logged any secret that was handed in. Thread: one at a time.
class GatewayProcess
{
public:
    /// Starts it and waits until it listens; endpoint() is then where.
    explicit GatewayProcess(GatewayOptions options = {});
    ~GatewayProcess();

    /// Where it listens. Port 0: it did not start.
    Endpoint endpoint() const { return {.port = m_port, .host = m_host}; }
    uint16_t port() const { return m_port; }
    const std::filesystem::path &folder() const { return m_folder.path(); }
    std::filesystem::path stateFolder() const { return m_folder.path() / "state"; }

    /// SIGTERM; the exit code, or nothing if it does not end in time.
    std::optional<int> stop(std::chrono::milliseconds wait = std::chrono::seconds(20));
    /// SIGKILL, as a crash.
    void kill();
    /// Starts again with the same state folder; the port may be another.
    void start();
    void signal(int number) const { m_process->signal(number); }
    pid_t id() const { return m_process->id(); }
    std::optional<int> waitForExit(std::chrono::milliseconds wait = patience)
    {
        return m_process->waitForExit(wait);
    }

    /// True once the log of this life holds `text`, at least so many `times`.
    bool waitForLog(std::string_view text, std::chrono::milliseconds wait = patience, size_t times = 1)
    {
        return m_process->waitForErrors(
            [text, times](const std::string &log) { return timesIn(log, text) >= times; }, wait);
    }
    /// What it has logged in all its lives.
    std::string log() const { return m_earlierLog + m_process->errors(); }
    /// Must not appear in the log; checked at the end. Returns it.
    const std::string &secret(const std::string &text);

private:
    void joinCluster();
    void checkSecrets() const;

    TemporaryFolder m_folder;
    std::string m_host;
    std::vector<std::string> m_command;
    Environment m_environment;
    std::unique_ptr<ChildProcess> m_process;
    std::string m_earlierLog;
    std::deque<std::string> m_secrets; ///< secret() refers to them
    uint16_t m_port = 0;
    bool m_isNode = false;
};

/// What a run of the executable that ends by itself did.
struct GatewayRun
{
    std::optional<int> exitCode;
    std::string output;
    std::string errors;
};

/// Runs the executable with `arguments` in `folder` until it ends. Nothing is set but what `environment`
/// says.
GatewayRun runGateway(const std::vector<std::string> &arguments, const Environment &environment,
                      const std::filesystem::path &folder);

void writeFile(const std::filesystem::path &path, std::string_view text);
std::string readFile(const std::filesystem::path &path);

} // namespace mws::test
