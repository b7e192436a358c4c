#pragma once

#include "support/child_process.h"
#include "support/gateway_process.h"
#include "support/test_certificates.h"

#include <memory>
#include <string>
#include <vector>

namespace mws::test {

/// How a Redis server is started.
struct RedisServerOptions
{
    std::string password = {};
    const TestCertificates *certificates = nullptr; ///< its certificate `server`, and TLS only
    std::vector<std::string> more = {};             ///< of its command line, e.g. `--appendonly`, `yes`
};

/// A real redis-server on a free port of 127.0.0.1, with its data in a temporary folder. Debian's package
/// redis-tools has the program (by the name redis-check-rdb), so that no service needs to be installed.
/// Thread: one at a time.
class RedisServer
{
public:
    /// Starts it and waits until it takes connections.
    explicit RedisServer(RedisServerOptions options = {});
    ~RedisServer();

    uint16_t port() const { return m_port; }
    std::string url() const; ///< with the password, if there is one

    void kill();   ///< SIGKILL
    void freeze(); ///< SIGSTOP
    void thaw();   ///< SIGCONT
    enum class Data { Kept, Lost };
    /// On the same port; after kill().
    void start(Data data, const std::vector<std::string> &more = {});
    bool waitUntilReady(std::chrono::milliseconds wait = std::chrono::seconds(30));
    /// True once this life's log has `text`.
    bool waitForLog(const std::string &text, std::chrono::milliseconds wait = std::chrono::seconds(30));

    /// What redis-cli prints for a command, without the last line feed.
    std::string ask(const std::vector<std::string> &command) const;

private:
    std::vector<std::string> commandLine(const std::vector<std::string> &more) const;

    RedisServerOptions m_options;
    TemporaryFolder m_folder;
    uint16_t m_port = 0;
    uint16_t m_clusterPort = 0;
    std::unique_ptr<ChildProcess> m_process;
};

/// A Redis Cluster of three primaries with one replica each, and a node timeout of a second. Thread: one at a
/// time.
class RedisClusterServers
{
public:
    /// Makes it and waits until all servers agree.
    RedisClusterServers();

    RedisServer &server(size_t index) { return *m_servers[index]; }
    size_t size() const { return m_servers.size(); }
    /// All that are a primary with slots now, going by `asked`.
    std::vector<size_t> primaries(size_t asked = 0) const;
    std::string url() const; ///< `redis://` with two of the servers
    std::string id(size_t index) const { return m_servers[index]->ask({"CLUSTER", "MYID"}); }
    /// The server that has `slot`, going by `asked`.
    size_t ownerOf(uint16_t slot, size_t asked = 0) const;
    /// Waits until `server` says that all slots have a primary that lives.
    bool waitUntilOk(size_t server, std::chrono::milliseconds wait = std::chrono::seconds(60)) const;
    /// Moves an empty or a small slot to another primary, as redis-cli --cluster reshard does.
    void moveSlot(uint16_t slot, size_t to);

private:
    std::vector<std::unique_ptr<RedisServer>> m_servers;
};

/// A port that nothing listens on. Below those that the kernel gives to clients, so that a server that is
/// away for a while finds it free.
uint16_t freePort();

} // namespace mws::test
