#include "actors.h"
#include "support/gateway_test.h"
#include "support/socket_swarm.h"
#include "support/test_certificates.h"
#include "usage.h"

#include <csignal>
#include <cstdlib>

namespace mws::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr size_t steadySockets = 100;
constexpr size_t groups = 10;
constexpr size_t window = 60;      ///< seconds of a median
constexpr size_t steadyFrom = 120; ///< the second from which nothing may grow any more

size_t soakSeconds()
{
    const char *text = std::getenv("MWS_SOAK_SECONDS");
    return text ? size_t(std::atoi(text)) : 15;
}

GatewayOptions soaked(Environment more = {})
{
    more.insert(
        {{"MWS_HTTP_HEAD_TIMEOUT", "5s"}, {"MWS_HTTP_BODY_TIMEOUT", "5s"}, {"MWS_SERVER_DRAIN", "5s"}});
    return guardedGateway(std::move(more));
}

} // namespace

/// Everything at once. The steady sockets must get each message of each stream once and in order; memory and
/// descriptors at the end are as after the second minute, if it takes four minutes or more.
TEST(Soak, NothingIsLostAndNothingGrows)
{
    const size_t duration = soakSeconds();
    const TestCertificates certificates;
    GatewayProcess gateway(soaked());
    GatewayProcess secureGateway(soaked(certificates.environment()));
    const auto backend = [&gateway] { return GatewayApi(gateway.endpoint(), "/v1", securityToken); };
    GatewayApi opener = backend();
    Streams streams(steadySockets);
    SocketSwarm swarm(
        [&streams](size_t socket, std::string_view payload) { streams.received(socket, payload); });
    std::vector<std::string> ids;
    for (size_t i = 0; i < steadySockets; ++i) {
        const std::string group = std::to_string(i % groups);
        OpenSocket open = opener.open({"group" + group, "users." + group});
        ids.push_back(open.id);
        swarm.add(std::move(open.socket));
    }
    Endpoint narrow = gateway.endpoint();
    narrow.receiveBuffer = 4096;
    Publishing publishing(backend(), ids, groups, streams);
    ComingAndGoing comingAndGoing(backend());
    SlowReaders slowReaders(backend(), GatewayApi(narrow, "/v1", securityToken));
    Hostility hostility(backend());
    Administration administration(backend(), GatewayApi(gateway.endpoint(), "/v1", operatorToken));
    Endpoint secure = secureGateway.endpoint();
    secure.tls = certificates.client();
    TlsTraffic tlsTraffic(GatewayApi(secure, "/v1", securityToken));
    Usage usages[]{{"gateway", gateway.id()}, {"gateway with TLS", secureGateway.id()}};
    {
        const Actor actors[]{Actor([&] { publishing.step(); }, milliseconds(3)),
                             Actor([&] { comingAndGoing.step(); }, milliseconds(10)),
                             Actor([&] { slowReaders.step(); }, milliseconds(10)),
                             Actor([&] { hostility.step(); }, milliseconds(20)),
                             Actor([&] { administration.step(); }, milliseconds(200)),
                             Actor([&] { tlsTraffic.step(); }, milliseconds(20)),
                             Actor([&] { secureGateway.signal(SIGHUP); }, seconds(1))};
        const auto start = Clock::now();
        for (size_t second = 1; second <= duration; ++second) {
            const auto next = start + seconds(second);
            swarm.run([next] { return Clock::now() >= next; }, seconds(5));
            for (Usage &usage : usages) {
                usage.sample();
                if (second % window == 0)
                    usage.tell();
            }
        }
    }
    EXPECT_TRUE(swarm.run([&streams] { return streams.complete(); }, seconds(10)))
        << streams.receivedCount() << " of " << streams.expectedDeliveries() << " messages arrived";
    EXPECT_EQ(swarm.openCount(), steadySockets);
    std::printf(
        "soak: %zu s: %zu posts, %zu deliveries to steady sockets, none lost; %zu sockets came and went, "
        "slow "
        "readers replaced %zu times, %zu rounds of hostile connections, %zu changes, %zu sockets with TLS\n",
        duration, size_t(publishing.posted), size_t(streams.receivedCount()), size_t(comingAndGoing.opened),
        size_t(slowReaders.replaced), size_t(hostility.attempts), size_t(administration.changes),
        size_t(tlsTraffic.opened));
    EXPECT_GT(streams.receivedCount(), 0u);
    if (duration >= steadyFrom + 2 * window) {
        for (const Usage &usage : usages)
            usage.expectNoGrowth(steadyFrom, window);
    }
    EXPECT_EQ(secureGateway.stop(), 0);
    EXPECT_EQ(gateway.stop(), 0);
}

} // namespace mws::test
