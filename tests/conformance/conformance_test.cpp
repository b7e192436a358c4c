#include "conformance/conformance_test.h"

#include "support/http_client.h"

#include <algorithm>
#include <cstdlib>

namespace mws::test {

namespace {

// Deadlines are tested elsewhere; here a machine that does other things must not run into them.
constexpr char configuration[] = R"([http]
head_timeout = "60s"
body_timeout = "60s"

[websocket]
handshake_timeout = "60s"

[gateway]
client_messages = "echo"
anonymous_sockets = true
allowed_origins = ["https://page.example", "https://*.wild.example"]
queue_bytes = "4MiB"
subprotocols = ["chat", "superchat"]
)";

Endpoint named(const std::string &server)
{
    const size_t colon = server.rfind(':');
    Endpoint endpoint;
    if (colon != server.npos)
        endpoint.host = server.substr(0, colon);
    endpoint.port = uint16_t(std::atoi(server.c_str() + (colon == server.npos ? 0 : colon + 1)));
    return endpoint;
}

} // namespace

ConformanceTest::ConformanceTest() : m_file(readConformanceFile(GetParam()))
{
    if (const char *server = std::getenv("MWS_CONFORMANCE_SERVER")) {
        m_endpoint = named(server);
        return;
    }
    m_gateway = std::make_unique<GatewayProcess>(GatewayOptions{
        .environment = {{"SECURITY_TOKEN", "conformance-4e1b7a"}}, .configuration = configuration});
    m_endpoint = m_gateway->endpoint();
}

ConformanceTest::~ConformanceTest()
{
    if (m_gateway)
        expectHealthy();
}

/// It is the same process, and it answers.
void ConformanceTest::expectHealthy() const
{
    EXPECT_FALSE(m_gateway->waitForExit(std::chrono::milliseconds(0))) << m_gateway->log();
    EXPECT_EQ(HttpClient(m_endpoint).request({}).body, R"({"name":"MWS"})");
}

bool isSplit(const ConformanceCase &one)
{
    constexpr size_t splitUpTo = 300;
    constexpr size_t splitAlikeUpTo = 64;
    return !one.wholeOnly && one.bytes.size() <= (one.likeOthers ? splitAlikeUpTo : splitUpTo);
}

std::string fileName(const ::testing::TestParamInfo<std::filesystem::path> &info)
{
    std::string name = info.param.stem();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

size_t expectUnderstood(const std::string &kind)
{
    size_t count = 0;
    for (const ConformanceFile &file : readCorpus(kind)) {
        for (const std::string &error : file.errors)
            ADD_FAILURE() << error;
        count += file.cases.size();
    }
    return count;
}

} // namespace mws::test
