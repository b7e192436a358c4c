#include "support/gateway_process.h"

#include "support/http_client.h"
#include "support/redis_server.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace mws::test {

namespace {

constexpr std::chrono::seconds startPatience{20};

/// The port of the whole log line that says where it listens, as text or as JSON; 0 if there is none.
uint16_t loggedPort(const std::string &log)
{
    const size_t event = log.find("listening");
    const size_t field = event == std::string::npos ? event : log.find("port", event);
    if (field == std::string::npos || log.find('\n', field) == std::string::npos)
        return 0;
    const size_t digits = log.find_first_of("0123456789", field);
    return uint16_t(std::atoi(log.c_str() + digits));
}

/// The Redis of this test program, if its gateways start in a cluster.
RedisServer *clusterRedis()
{
    static const std::unique_ptr<RedisServer> server =
        startsInCluster() ? std::make_unique<RedisServer>() : nullptr;
    return server.get();
}

void waitUntilReady(const Endpoint &endpoint)
{
    HttpClient client(endpoint);
    const Deadline deadline(startPatience);
    while (client.request("GET", "/health/ready").status != 200)
        if (deadline.left() == 0)
            return ADD_FAILURE() << "the gateway is not ready";
}

} // namespace

bool startsInCluster()
{
    return std::getenv("MWS_TEST_CLUSTER") != nullptr;
}

TemporaryFolder::TemporaryFolder()
{
    std::string pattern = (std::filesystem::temp_directory_path() / "mws-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()))
        m_path = pattern;
    else
        ADD_FAILURE() << "no temporary folder: " << pattern;
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    if (!m_path.empty())
        std::filesystem::remove_all(m_path, ignored);
}

std::string gatewayExecutable()
{
    if (const char *path = std::getenv("MWS_GATEWAY_EXECUTABLE"))
        return path;
    return MWS_GATEWAY_EXECUTABLE;
}

GatewayProcess::GatewayProcess(GatewayOptions options)
    : m_host(std::move(options.host)),
      m_command(std::move(options.launcher)),
      m_environment(std::move(options.environment))
{
    m_command.push_back(gatewayExecutable());
    if (!options.configuration.empty()) {
        const auto file = folder() / "gateway.toml";
        writeFile(file, options.configuration);
        m_command.insert(m_command.end(), {"--config", file.string()});
    }
    const Environment defaults{{"MWS_SERVER_WORKERS", "2"}, {"MWS_SERVER_STATE_DIR", stateFolder().string()}};
    m_environment.insert(defaults.begin(), defaults.end());
    if (!m_environment.contains("PORT"))
        m_environment.try_emplace("MWS_SERVER_PORT", "0");
    for (const char *name : {"SECURITY_TOKEN", "OPERATOR_TOKEN"})
        if (const auto found = m_environment.find(name); found != m_environment.end())
            secret(found->second);
    joinCluster();
    start();
}

/// A node of a cluster that has no other, so that all is as it would be without.
void GatewayProcess::joinCluster()
{
    const RedisServer *redis = clusterRedis();
    if (!redis || m_environment.contains("REDIS_URL"))
        return;
    static int clusters = 0;
    m_environment.insert(
        {{"REDIS_URL", redis->url()}, {"MWS_CLUSTER_PREFIX", "test" + std::to_string(++clusters)}});
    m_isNode = true;
}

GatewayProcess::~GatewayProcess()
{
    if (!m_process->waitForExit(std::chrono::milliseconds(0))) {
        EXPECT_EQ(stop(), 0) << log();
    }
    checkSecrets();
}

void GatewayProcess::start()
{
    if (m_process)
        m_earlierLog += m_process->errors();
    m_process = std::make_unique<ChildProcess>(m_command, m_environment, folder().string());
    m_process->waitForErrors([](const std::string &log) { return loggedPort(log) != 0; }, startPatience);
    const std::string log = m_process->errors();
    m_port = loggedPort(log);
    EXPECT_NE(m_port, 0) << "the gateway does not listen:\n" << log;
    if (m_isNode && m_port != 0)
        waitUntilReady(endpoint());
}

std::optional<int> GatewayProcess::stop(std::chrono::milliseconds wait)
{
    m_process->signal(SIGTERM);
    return m_process->waitForExit(wait);
}

void GatewayProcess::kill()
{
    m_process->signal(SIGKILL);
    m_process->waitForExit();
}

const std::string &GatewayProcess::secret(const std::string &text)
{
    return m_secrets.emplace_back(text);
}

void GatewayProcess::checkSecrets() const
{
    const std::string all = log();
    for (const std::string &text : m_secrets)
        EXPECT_TRUE(text.empty() || all.find(text) == std::string::npos) << "secret " << text << " in:\n"
                                                                         << all;
}

GatewayRun runGateway(const std::vector<std::string> &arguments, const Environment &environment,
                      const std::filesystem::path &folder)
{
    std::vector<std::string> command{gatewayExecutable()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    ChildProcess process(command, environment, folder.string());
    const auto exitCode = process.waitForExit(startPatience);
    return {exitCode, process.output(), process.errors()};
}

void writeFile(const std::filesystem::path &path, std::string_view text)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

std::string readFile(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace mws::test
