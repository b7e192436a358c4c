#pragma once

#include "cluster/broker.h"
#include "cluster/stream_feed.h"
#include "cluster/stream_store.h"
#include "mws/base/clock.h"
#include "mws/base/metrics.h"

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace mws {

struct StreamBrokerOptions
{
    std::chrono::milliseconds patience{
        2000}; ///< for join(), and from an entry's writing to its delivery here
    std::chrono::milliseconds linger{
        10000}; ///< a gateway that nobody has joined any more is read for so long
    std::chrono::milliseconds checkEvery{5000}; ///< of a stream that is silent, whether a push was lost
    std::chrono::milliseconds retryEvery{500};  ///< to read on where that was not possible
    size_t messageBytes = 4 << 20;              ///< longest entry
};

/// The broker over streams that all nodes share: a message is written to its gateway's stream, and each node
/// that has sockets of the gateway delivers what it reads there, in the stream's order, its own messages as
/// well. Knows no Redis; tick() is its clock. Thread: the store's.
class StreamBroker final : public Broker, private StreamListener
{
public:
    /// `random`: 64 bits. All outlive this.
    StreamBroker(StreamStore &store, BrokerNode &node, const Clock &clock, std::function<uint64_t()> random,
                 BrokerMetrics &metrics, StreamBrokerOptions options = {});
    ~StreamBroker() override;

    void publish(BrokerMessage message, Published done) override;
    void join(const GatewayId &gateway, Joined done) override;
    void leave(const GatewayId &gateway) override;

    /// Calls `done`, once, when all that had been accepted for the gateways joined here was given to
    /// BrokerNode::deliver(), after `within` at the latest. What the store does not say is not waited for.
    /// One at a time.
    void catchUp(std::chrono::milliseconds within, std::function<void()> done);

    /// Call it several times a second.
    void tick();

    /// For tests.
    size_t followed() const { return m_gateways.size(); }

private:
    class Followed;

    // StreamListener
    void pushed(const GatewayId &gateway, StreamEntry &&entry) override;
    void pushesLost(const GatewayId &gateway) override;
    void storeUp() override;
    void storeDown() override;

    void appended(const GatewayId &gateway, uint64_t nonce, const StreamAppended &appended);
    void answer(uint64_t nonce, Result<PublishOutcome> outcome);
    void delivered(uint64_t nonce, const PublishOutcome &outcome);
    void lost(const GatewayId &gateway, const char *reason);
    void noticeCaughtUp();
    Followed *find(const GatewayId &gateway);
    SteadyTime acceptedAt(uint64_t nonce) const;

    /// A message of this node whose publish() is not answered.
    struct Pending
    {
        GatewayId gateway;
        Published done;
        SteadyTime since{};                    ///< when it came
        SteadyTime accepted{};                 ///< ClusterMessage::accepted
        Receivers receivers;                   ///< of one with an idempotency id
        bool written = false;                  ///< the store has said so
        std::optional<PublishOutcome> outcome; ///< it was delivered here
        SteadyTime deadline{};                 ///< once it is written
    };

    StreamStore &m_store;
    BrokerNode &m_node;
    const Clock &m_clock;
    std::function<uint64_t()> m_random;
    BrokerMetrics &m_metrics;
    const StreamBrokerOptions m_options;
    std::unordered_map<GatewayId, std::unique_ptr<Followed>> m_gateways;
    std::unordered_map<uint64_t, Pending> m_pending; ///< by nonce
    std::function<void()> m_caughtUp;                ///< while catchUp() is under way
    SteadyTime m_catchUpEnd{};
    size_t m_behind = 0; ///< gateways that it waits for
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); ///< for handlers that come when this has gone
};

} // namespace mws
