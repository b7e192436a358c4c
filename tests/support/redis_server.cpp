#include "support/redis_server.h"

#include <arpa/inet.h>
#include <csignal>
#include <gtest/gtest.h>
#include <random>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace mws::test {

namespace {

bool isFree(uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    ::close(fd);
    return free;
}

/// Asks until `holds`: what other programs will have done cannot be waited for otherwise.
template <typename Holds>
bool poll(std::chrono::milliseconds wait, Holds holds)
{
    const Deadline deadline(wait);
    while (!holds()) {
        if (deadline.left() == 0)
            return false;
        std::this_thread::yield();
    }
    return true;
}

std::vector<std::string> lines(const std::string &text)
{
    std::vector<std::string> all;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        all.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

uint16_t freePort()
{
    std::random_device random;
    for (;;)
        if (const auto port = uint16_t(12000 + random() % 20000); isFree(port))
            return port;
}

RedisServer::RedisServer(RedisServerOptions options) : m_options(std::move(options))
{
    const bool installed = ::access("/usr/bin/redis-server", X_OK) == 0;
    std::filesystem::create_symlink(installed ? "/usr/bin/redis-server" : "/usr/bin/redis-check-rdb",
                                    m_folder.path() / "redis-server");
    std::filesystem::create_directory(m_folder.path() / "data");
    // Another test may take a port between our look and the server's.
    for (int attempt = 0; attempt < 5; ++attempt) {
        m_port = freePort();
        m_clusterPort = freePort();
        start(Data::Kept);
        if (waitUntilReady())
            return;
    }
    ADD_FAILURE() << "redis-server does not start: " << m_process->output() << m_process->errors();
}

RedisServer::~RedisServer()
{
    kill();
}

std::vector<std::string> RedisServer::commandLine(const std::vector<std::string> &more) const
{
    const std::string port = std::to_string(m_port);
    std::vector<std::string> line{(m_folder.path() / "redis-server").string(),
                                  "--bind",
                                  "127.0.0.1",
                                  "--dir",
                                  (m_folder.path() / "data").string(),
                                  "--cluster-port",
                                  std::to_string(m_clusterPort),
                                  "--save",
                                  "",
                                  "--tcp-backlog",
                                  "128"};
    const auto add = [&line](const std::vector<std::string> &some) {
        line.insert(line.end(), some.begin(), some.end());
    };
    if (const TestCertificates *certificates = m_options.certificates)
        add({"--port", "0", "--tls-port", port, "--tls-cert-file", certificates->certificate("server"),
             "--tls-key-file", certificates->key("server"), "--tls-ca-cert-file",
             certificates->certificate("ca"), "--tls-auth-clients", "no"});
    else
        add({"--port", port});
    if (!m_options.password.empty())
        add({"--requirepass", m_options.password});
    add(m_options.more);
    add(more);
    return line;
}

void RedisServer::start(Data data, const std::vector<std::string> &more)
{
    if (data == Data::Lost)
        for (const auto &entry : std::filesystem::directory_iterator(m_folder.path() / "data"))
            std::filesystem::remove_all(entry.path());
    m_process = std::make_unique<ChildProcess>(commandLine(more), Environment{}, m_folder.path().string());
}

bool RedisServer::waitUntilReady(std::chrono::milliseconds wait)
{
    return waitForLog("Ready to accept connections", wait);
}

bool RedisServer::waitForLog(const std::string &text, std::chrono::milliseconds wait)
{
    return m_process->waitForOutput([&](const std::string &log) { return has(log, text); }, wait);
}

std::string RedisServer::url() const
{
    const std::string secret = m_options.password.empty() ? "" : ':' + m_options.password + '@';
    return (m_options.certificates ? "rediss://" : "redis://") + secret +
           "127.0.0.1:" + std::to_string(m_port);
}

void RedisServer::kill()
{
    m_process->signal(SIGKILL);
    m_process->waitForExit(std::chrono::seconds(30));
}

void RedisServer::freeze()
{
    m_process->signal(SIGSTOP);
}

void RedisServer::thaw()
{
    m_process->signal(SIGCONT);
}

std::string RedisServer::ask(const std::vector<std::string> &command) const
{
    std::vector<std::string> line{"redis-cli", "-h", "127.0.0.1", "-p", std::to_string(m_port)};
    if (!m_options.password.empty())
        line.insert(line.end(), {"--no-auth-warning", "-a", m_options.password});
    if (m_options.certificates)
        line.insert(line.end(), {"--tls", "--cacert", m_options.certificates->certificate("ca")});
    line.insert(line.end(), command.begin(), command.end());
    std::string output = runProgram(line, {}, std::chrono::seconds(60)).output;
    while (output.ends_with('\n'))
        output.pop_back();
    return output;
}

RedisClusterServers::RedisClusterServers()
{
    std::vector<std::string> create{"--cluster", "create"};
    for (int i = 0; i < 6; ++i) {
        m_servers.push_back(std::make_unique<RedisServer>(RedisServerOptions{
            .more = {"--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--appendonly", "yes",
                     "--repl-ping-replica-period", "1", "--repl-diskless-sync-delay", "0"}}));
        create.push_back("127.0.0.1:" + std::to_string(m_servers.back()->port()));
    }
    create.insert(create.end(), {"--cluster-replicas", "1", "--cluster-yes"});
    const std::string made = m_servers[0]->ask(create);
    EXPECT_TRUE(has(made, "All 16384 slots covered")) << made;
    for (size_t i = 0; i < size(); ++i) {
        EXPECT_TRUE(waitUntilOk(i)) << m_servers[i]->ask({"CLUSTER", "NODES"});
        EXPECT_TRUE(poll(std::chrono::seconds(60), [&] {
            const std::string role = m_servers[i]->ask({"ROLE"});
            return role.starts_with("master") ? has(role, "127.0.0.1") : has(role, "connected");
        })) << m_servers[i]->ask({"ROLE"});
    }
}

bool RedisClusterServers::waitUntilOk(size_t server, std::chrono::milliseconds wait) const
{
    return poll(wait, [&] {
        const std::string info = m_servers[server]->ask({"CLUSTER", "INFO"});
        return has(info, "cluster_state:ok") && has(info, "cluster_slots_ok:16384") &&
               has(info, "cluster_known_nodes:6");
    });
}

std::vector<size_t> RedisClusterServers::primaries(size_t asked) const
{
    std::vector<size_t> all;
    for (const std::string &line : lines(m_servers[asked]->ask({"CLUSTER", "NODES"})))
        for (size_t i = 0; i < size(); ++i)
            if (has(line, ':' + std::to_string(m_servers[i]->port()) + '@') && has(line, "master") &&
                !has(line, "fail"))
                all.push_back(i);
    return all;
}

size_t RedisClusterServers::ownerOf(uint16_t slot, size_t asked) const
{

    const auto all = lines(m_servers[asked]->ask({"CLUSTER", "NODES"}));
    for (const std::string &line : all) {
        const size_t slots = line.find("connected ");
        if (!has(line, "master") || slots == std::string::npos)
            continue;
        std::string rest = line.substr(slots + 10);
        for (size_t at = 0; at < rest.size();) {
            const size_t end = std::min(rest.find(' ', at), rest.size());
            const std::string range = rest.substr(at, end - at);
            at = end + 1;
            const size_t dash = range.find('-');
            if (range.starts_with('['))
                continue;
            const int first = std::stoi(range);
            const int last = dash == std::string::npos ? first : std::stoi(range.substr(dash + 1));
            if (slot < first || slot > last)
                continue;
            for (size_t i = 0; i < size(); ++i)
                if (has(line, ':' + std::to_string(m_servers[i]->port()) + '@'))
                    return i;
        }
    }
    ADD_FAILURE() << "nobody has slot " << slot;
    return 0;
}

std::string RedisClusterServers::url() const
{
    return m_servers[0]->url() + ",127.0.0.1:" + std::to_string(m_servers[1]->port());
}

void RedisClusterServers::moveSlot(uint16_t slot, size_t to)
{
    const size_t from = ownerOf(slot);
    const std::string text = std::to_string(slot);
    EXPECT_EQ(m_servers[to]->ask({"CLUSTER", "SETSLOT", text, "IMPORTING", id(from)}), "OK");
    EXPECT_EQ(m_servers[from]->ask({"CLUSTER", "SETSLOT", text, "MIGRATING", id(to)}), "OK");
    for (;;) {
        const auto keys = lines(m_servers[from]->ask({"CLUSTER", "GETKEYSINSLOT", text, "100"}));
        if (keys.empty() || keys.front().empty())
            break;
        std::vector<std::string> migrate{
            "MIGRATE", "127.0.0.1", std::to_string(m_servers[to]->port()), "", "0", "20000", "KEYS"};
        migrate.insert(migrate.end(), keys.begin(), keys.end());
        EXPECT_EQ(m_servers[from]->ask(migrate), "OK");
    }
    for (const size_t server : {to, from})
        EXPECT_EQ(m_servers[server]->ask({"CLUSTER", "SETSLOT", text, "NODE", id(to)}), "OK");
}

} // namespace mws::test
