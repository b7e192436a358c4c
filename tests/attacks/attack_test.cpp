#include "attack_test.h"

#include <iomanip>
#include <iostream>

namespace mws::test {

namespace {

constexpr std::chrono::milliseconds healthyBound{50};
constexpr int sanitizerFactor = sanitized ? 10 : 1;

template <typename Value>
std::string rounded(Value value, int digits)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << value;
    return text.str();
}

std::string testName()
{
    const testing::TestInfo &info = *testing::UnitTest::GetInstance()->current_test_info();
    return std::string(info.test_suite_name()) + '.' + info.name();
}

} // namespace

const std::string upgradeText =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const std::string getText = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string seconds(std::chrono::nanoseconds time)
{
    return rounded(std::chrono::duration<double>(time).count(), 2) + " s";
}

std::string milliseconds(std::chrono::nanoseconds time)
{
    return rounded(std::chrono::duration<double, std::milli>(time).count(), 1) + " ms";
}

std::string mebibytes(size_t bytes)
{
    return rounded(double(bytes) / mebibyte, 1) + " MiB";
}

GatewayOptions openGateway(Environment more)
{
    more.insert({{"SECURITY_TOKEN", securityToken},
                 {"ACCESS_CONTROL", "none"},
                 {"MWS_GATEWAY_ANONYMOUS_SOCKETS", "true"}});
    return {.environment = std::move(more)};
}

AttackTest::AttackTest(GatewayOptions options) : GatewayTest(std::move(options)), probe(gateway.id())
{
    raiseDescriptorLimit();
}

AttackTest::~AttackTest()
{
    m_latency.reset();
    std::cout << "measured: " << testName() << ": " << m_measured << std::endl;
}

void AttackTest::note(const std::string &name, const std::string &value)
{
    m_measured += (m_measured.empty() ? "" : ", ") + name + ' ' + value;
    RecordProperty(name, value);
}

void AttackTest::startMeasuring()
{
    const LatencyProbe::Question question = healthyGets(gateway.endpoint());
    m_descriptors = probe.descriptors();
    m_resident = probe.residentBytes();
    probe.resetPeak();
    m_cpu = probe.cpu();
    m_latency = std::make_unique<LatencyProbe>(question);
}

void AttackTest::expectBounds(std::chrono::milliseconds cpu, size_t memory)
{
    const auto usedCpu = probe.cpu() - m_cpu;
    const size_t peak = probe.peakResidentBytes();
    const size_t grown = peak > m_resident ? peak - m_resident : 0;
    const Latencies latencies = m_latency->stop();
    measured("GETs", latencies.requests);
    measured("p99", milliseconds(latencies.p99));
    measured("longest", milliseconds(latencies.longest));
    measured("CPU", seconds(usedCpu));
    measured("memory", mebibytes(grown));
    EXPECT_GT(latencies.requests, 0U);
    EXPECT_EQ(latencies.failures, 0U);
    EXPECT_LT(latencies.p99, healthyBound * sanitizerFactor);
    EXPECT_LT(usedCpu, cpu * sanitizerFactor);
    if (!sanitized) {
        EXPECT_LT(grown, memory);
    }
}

void AttackTest::expectDescriptorsReleased(std::chrono::milliseconds wait)
{
    const auto begun = std::chrono::steady_clock::now();
    const Deadline deadline(wait * sanitizerFactor);
    while (probe.descriptors() > m_descriptors && deadline.left() > 0)
        letPass(std::chrono::milliseconds(10));
    EXPECT_LE(probe.descriptors(), m_descriptors);
    measured("descriptors back after", seconds(std::chrono::steady_clock::now() - begun));
}

LatencyProbe::Question healthyDelivery(const Endpoint &endpoint)
{
    const auto backend = std::make_shared<GatewayApi>(endpoint, "/v1", securityToken);
    const auto socket = std::make_shared<OpenSocket>(backend->open({"healthy"}));
    return [backend, socket] {
        backend->sendToTag("healthy", "message");
        return socket->socket.readMessage() == "message";
    };
}

bool attackAgainAndAgain(Swarm &swarm, size_t atOnce, std::chrono::milliseconds wait)
{
    swarm.connect(atOnce);
    const Deadline attack(std::chrono::seconds(2));
    while (attack.left() > 0) {
        const size_t before = swarm.ended();
        swarm.runUntil([&] { return swarm.ended() > before; }, std::chrono::milliseconds(attack.left()));
        swarm.connect(atOnce - (swarm.begun() - swarm.ended()));
    }
    return swarm.runUntil([&] { return swarm.ended() == swarm.begun(); }, wait);
}

bool openSockets(Swarm &swarm, size_t count)
{
    swarm.connect(count);
    return swarm.runUntil([&] { return swarm.answered(101) + swarm.ended() >= count; },
                          std::chrono::seconds(20)) &&
           swarm.answered(101) == count;
}

} // namespace mws::test
