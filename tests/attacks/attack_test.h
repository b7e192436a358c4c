#pragma once

#include "support/gateway_test.h"
#include "support/latency_probe.h"
#include "support/process_probe.h"
#include "support/swarm.h"

#include <chrono>
#include <sstream>
#include <string>
#include <string_view>

namespace mws::test {

// The one place that says what is different under a sanitizer: a tenth of the attackers, no word about
// memory (shadow memory and quarantines are in it), and ten times the time and the CPU.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

inline constexpr size_t scaled(size_t attackers)
{
    return sanitized ? attackers / 10 : attackers;
}

inline constexpr size_t kibibyte = 1024;
inline constexpr size_t mebibyte = 1024 * kibibyte;

/// A request that asks for a WebSocket on `/`.
extern const std::string upgradeText;
/// A request that is answered 200.
extern const std::string getText;

/// Anyone may open sockets without a token; two workers.
GatewayOptions openGateway(Environment more = {});

/// A gateway under attack, and what is measured of it meanwhile.
class AttackTest : public GatewayTest
{
protected:
    explicit AttackTest(GatewayOptions options = openGateway());
    ~AttackTest() override;

    /// Starts the healthy client, and counts memory and CPU from here.
    void startMeasuring();
    /// Ends it; a healthy GET took less than 50 ms at p99 and none failed, and the gateway used less than
    /// `cpu` and at no time more than `memory` bytes beyond what it had.
    void expectBounds(std::chrono::milliseconds cpu, size_t memory);
    /// The descriptors are those of the start again within `wait`.
    void expectDescriptorsReleased(std::chrono::milliseconds wait);
    /// Adds to the line `measured: …` that the test prints at its end, and to its record.
    template <typename Value>
    void measured(const std::string &name, const Value &value)
    {
        std::ostringstream text;
        text << value;
        note(name, text.str());
    }

    ProcessProbe probe;

private:
    void note(const std::string &name, const std::string &value);

    std::unique_ptr<LatencyProbe> m_latency;
    std::chrono::microseconds m_cpu{0};
    size_t m_resident = 0;
    size_t m_descriptors = 0;
    std::string m_measured;
};

/// A socket and its backend: a message is posted, and arrives.
LatencyProbe::Question healthyDelivery(const Endpoint &endpoint);

/// Seconds with two digits behind the point.
std::string seconds(std::chrono::nanoseconds time);
std::string milliseconds(std::chrono::nanoseconds time);
std::string mebibytes(size_t bytes);

/// `atOnce` attackers at a time for two seconds: each that ends is followed by another. Then waits until all
/// have ended; false if some do not within `wait`.
bool attackAgainAndAgain(Swarm &swarm, size_t atOnce, std::chrono::milliseconds wait);

/// Opens `count` WebSockets; false if one is refused.
bool openSockets(Swarm &swarm, size_t count);

} // namespace mws::test
