#include "broker_contract.h"
#include "cluster/stream_broker.h"
#include "fake_stream_store.h"
#include "support/fake_clock.h"

#include <algorithm>
#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

namespace mws::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Two nodes over the fake store.
class FakeBench final : public BrokerBench
{
public:
    Broker &broker(size_t node) override { return m_nodes[node].broker; }
    RecordingNode &node(size_t node) override { return m_nodes[node].node; }
    bool until(const std::function<bool()> &holds) override
    {
        while (m_nodes[0].store.busy() || m_nodes[1].store.busy())
            for (Node &node : m_nodes)
                node.store.settle();
        return holds();
    }

private:
    struct Node
    {
        Node(FakeStreamServer &server, const Clock &clock, uint64_t first)
            : store(server),
              broker(
                  store, node, clock, [next = first]() mutable { return ++next; }, metrics)
        {}
        FakeStreamStore store;
        RecordingNode node;
        BrokerMetrics metrics;
        StreamBroker broker;
    };
    FakeClock m_clock;
    FakeStreamServer m_server;
    std::array<Node, 2> m_nodes{Node{m_server, m_clock, 100}, Node{m_server, m_clock, 100000}};
};

std::unique_ptr<BrokerBench> fakeBench()
{
    return std::make_unique<FakeBench>();
}

} // namespace

INSTANTIATE_TEST_SUITE_P(FakeStreams, BrokerContract, ::testing::Values(&fakeBench));

namespace {

/// What only one with several nodes can do.
class StreamBrokerTest : public ::testing::Test
{
protected:
    Broker::Published intoResult()
    {
        return [this](Result<PublishOutcome> outcome) { result = std::move(outcome); };
    }
    Broker::Joined intoJoined()
    {
        return [this](Result<void> outcome) { joined = std::move(outcome); };
    }
    void catchUp()
    {
        broker.catchUp(std::chrono::milliseconds(1000), [this] { ++caughtUp; });
    }
    void joinAndSettle(const GatewayId &gateway)
    {
        broker.join(gateway, intoJoined());
        store.settle();
        ASSERT_TRUE(joined && *joined);
    }
    /// Another node writes.
    void written(const GatewayId &gateway, const std::string &payload)
    {
        ClusterMessage made;
        made.payload = payload;
        server.append({gateway, ++m_nonce, encode(made), {}, {}});
    }

    FakeClock clock;
    FakeStreamServer server;
    FakeStreamStore store{server};
    RecordingNode node;
    BrokerMetrics metrics;
    StreamBroker broker{store, node, clock, [next = uint64_t(100)]() mutable { return ++next; }, metrics};
    std::optional<Result<PublishOutcome>> result;
    std::optional<Result<void>> joined;
    int caughtUp = 0;

private:
    uint64_t m_nonce = 1000000;
};

TEST_F(StreamBrokerTest, DeliversWhatOtherNodesWrite)
{
    written("g", "before");
    joinAndSettle("g");
    written("g", "a");
    written("other", "b");
    store.settle();
    EXPECT_THAT(node.delivered, ElementsAre("g a"));
}

TEST_F(StreamBrokerTest, AnswersOnlyWhenTheMessageWasDeliveredHere)
{
    joinAndSettle("g");
    broker.publish(brokerMessage("g", "a"), intoResult());
    store.perform();
    store.answer();
    EXPECT_FALSE(result); // written, but it has not come back
    store.push();
    ASSERT_TRUE(result);
    EXPECT_EQ((*result)->matched, 2u);
}

TEST_F(StreamBrokerTest, MessageMayComeBackBeforeItsAnswer)
{
    joinAndSettle("g");
    broker.publish(brokerMessage("g", "a"), intoResult());
    store.perform();
    store.push();
    EXPECT_FALSE(result);
    store.answer();
    ASSERT_TRUE(result);
    EXPECT_EQ((*result)->matched, 2u);
    EXPECT_THAT(node.delivered, ElementsAre("g a"));
}

TEST_F(StreamBrokerTest, KnowsWhenItsOwnMessagesWereAccepted)
{
    joinAndSettle("g");
    BrokerMessage message = brokerMessage("g", "a");
    message.message.accepted = clock.now() - std::chrono::milliseconds(3);
    message.message.requestId = "order-4711";
    broker.publish(std::move(message), intoResult());
    store.settle();
    EXPECT_EQ(node.accepted, clock.now() - std::chrono::milliseconds(3));
    EXPECT_EQ(node.requestId, "order-4711");
    written("g", "of another node");
    store.settle();
    EXPECT_EQ(node.delivered.size(), 2u);
    EXPECT_EQ(node.accepted, SteadyTime{}) << "whose clock is another";
}

TEST_F(StreamBrokerTest, WithoutSocketsItAnswersWhenTheMessageIsWritten)
{
    broker.publish(brokerMessage("g", "a"), intoResult());
    store.settle();
    ASSERT_TRUE(result && *result);
    EXPECT_EQ((*result)->matched, 0u);
    EXPECT_EQ(broker.followed(), 0u);
}

TEST_F(StreamBrokerTest, RefusesWhileTheStoreIsAway)
{
    joinAndSettle("g");
    store.breakLink();
    broker.publish(brokerMessage("g", "a"), intoResult());
    store.settle();
    ASSERT_TRUE(result && !*result);
    EXPECT_EQ(result->error().code, ErrorCode::Unavailable);
    EXPECT_GT(result->error().retryAfter.count(), 0);
    EXPECT_THAT(node.delivered, IsEmpty());
}

TEST_F(StreamBrokerTest, MessageWhoseAnswerWasLostIsDeliveredOnceAndNotAnsweredAsGood)
{
    joinAndSettle("g");
    broker.publish(brokerMessage("g", "a"), intoResult());
    store.perform();
    store.breakLink();
    ASSERT_TRUE(result && !*result);
    store.mendLink();
    store.settle();
    EXPECT_THAT(node.delivered, ElementsAre("g a"));
}

TEST_F(StreamBrokerTest, AfterABreakItReadsOn)
{
    joinAndSettle("g");
    store.breakLink();
    for (int i = 0; i < 10; ++i)
        written("g", std::to_string(i));
    store.mendLink();
    store.settle();
    EXPECT_EQ(node.delivered.size(), 10u);
    EXPECT_EQ(node.delivered.back(), "g 9");
    EXPECT_THAT(node.lost, IsEmpty());
}

TEST_F(StreamBrokerTest, OtherGatewaysGoOnWhilePartOfTheStoreIsAway)
{
    joinAndSettle("g");
    joinAndSettle("h");
    store.takeAway("g");
    written("g", "missed");
    written("h", "a");
    store.settle();
    EXPECT_THAT(node.delivered, ElementsAre("h a"));
    store.bringBack("g");
    clock.advance(std::chrono::milliseconds(500));
    broker.tick();
    store.settle();
    written("g", "b");
    store.settle();
    EXPECT_THAT(node.delivered, ElementsAre("h a", "g missed", "g b"));
    EXPECT_THAT(node.lost, IsEmpty());
}

TEST_F(StreamBrokerTest, TellsWhatWasTrimmed)
{
    joinAndSettle("g");
    joinAndSettle("h");
    store.breakLink();
    for (int i = 0; i < 10; ++i)
        written("g", std::to_string(i));
    server.trim("g", 5);
    store.mendLink();
    store.settle();
    EXPECT_THAT(node.lost, ElementsAre("g"));
    EXPECT_EQ(metrics.messagesMissed.value(), 1u);
    written("g", "after");
    store.settle();
    EXPECT_THAT(node.delivered, ElementsAre("g after"));
}

TEST_F(StreamBrokerTest, StoreWithoutItsDataIsNoticedByThoseWhoHadSeenSome)
{
    joinAndSettle("h"); // of which nothing was ever written
    written("g", "a");
    joinAndSettle("g");
    store.breakLink();
    server.forget();
    store.mendLink();
    store.settle();
    EXPECT_THAT(node.lost, ElementsAre("g"));
}

TEST_F(StreamBrokerTest, JoinWaitsForThePositionAndNotForEver)
{
    store.breakLink();
    broker.join("g", intoJoined());
    store.settle();
    EXPECT_FALSE(joined);
    clock.advance(std::chrono::milliseconds(2001));
    broker.tick();
    ASSERT_TRUE(joined && !*joined);
    EXPECT_EQ(joined->error().code, ErrorCode::Unavailable);
    broker.leave("g");
    joined.reset();
    broker.join("g", intoJoined());
    store.mendLink();
    store.settle();
    EXPECT_TRUE(joined && *joined);
}

TEST_F(StreamBrokerTest, GatewayThatNobodyHasJoinedIsReadNoFurther)
{
    joinAndSettle("g");
    broker.leave("g");
    broker.tick();
    EXPECT_TRUE(store.follows("g"));
    clock.advance(std::chrono::seconds(11));
    broker.tick();
    EXPECT_FALSE(store.follows("g"));
    written("g", "a");
    store.settle();
    EXPECT_THAT(node.delivered, IsEmpty());
}

TEST_F(StreamBrokerTest, CatchesUpAtOnceWithNothing)
{
    catchUp();
    EXPECT_EQ(caughtUp, 1);
    broker.join("g", intoJoined()); // whose position is not held yet
    catchUp();
    EXPECT_EQ(caughtUp, 2);
    store.settle();
    store.breakLink();
    catchUp();
    EXPECT_EQ(caughtUp, 3);
}

TEST_F(StreamBrokerTest, CatchesUpWithWhatIsWrittenAndNotPushed)
{
    joinAndSettle("g");
    joinAndSettle("h");
    for (int i = 0; i < 10; ++i)
        written("g", std::to_string(i));
    catchUp();
    written("h", "after that moment or before, who knows");
    while (caughtUp == 0 && store.busy()) {
        store.perform();
        store.answer();
    }
    EXPECT_EQ(caughtUp, 1);
    EXPECT_EQ(node.delivered.size(), 11u);
    store.settle();
    clock.advance(std::chrono::seconds(2));
    broker.tick();
    EXPECT_EQ(caughtUp, 1);
    EXPECT_EQ(node.delivered.size(), 11u);
}

TEST_F(StreamBrokerTest, CatchesUpWithPushesAsWell)
{
    joinAndSettle("g");
    written("g", "a");
    written("g", "b");
    catchUp();
    store.push();
    store.perform();
    EXPECT_EQ(caughtUp, 0);
    store.answer(); // of where the stream ends: one is missing
    EXPECT_EQ(caughtUp, 0);
    while (caughtUp == 0 && store.busy()) {
        store.perform();
        store.answer();
    }
    EXPECT_EQ(caughtUp, 1);
    EXPECT_THAT(node.delivered, ElementsAre("g a", "g b"));
}

TEST_F(StreamBrokerTest, DoesNotWaitForWhatCannotBeRead)
{
    joinAndSettle("g");
    written("g", "a");
    catchUp();
    EXPECT_EQ(caughtUp, 0);
    clock.advance(std::chrono::milliseconds(999)); // a store that is up and says nothing
    broker.tick();
    EXPECT_EQ(caughtUp, 0);
    clock.advance(std::chrono::milliseconds(1));
    broker.tick();
    EXPECT_EQ(caughtUp, 1);
    store.settle();

    catchUp();
    store.breakLink();
    EXPECT_EQ(caughtUp, 2);
    store.mendLink();
    store.settle();

    for (int i = 0; i < 10; ++i)
        written("g", std::to_string(i));
    server.trim("g", 5);
    catchUp();
    while (caughtUp == 2 && store.busy()) {
        store.perform();
        store.answer();
    }
    EXPECT_EQ(caughtUp, 3);
    EXPECT_THAT(node.lost, ElementsAre("g"));
}

TEST_F(StreamBrokerTest, CountsWhatBecameOfMessages)
{
    joinAndSettle("g");
    written("g", "of another node");
    broker.publish(brokerMessage("g", "a", "1"), intoResult());
    clock.advance(std::chrono::milliseconds(3));
    store.settle();
    broker.publish(brokerMessage("g", "a", "1"), intoResult());
    broker.publish(brokerMessage("g", "b", "1"), intoResult());
    store.settle();
    broker.publish(brokerMessage("g", "c"), intoResult());
    store.breakLink();
    broker.publish(brokerMessage("g", "d"), intoResult());
    store.settle();
    for (const AppendResult one : {AppendResult::Written, AppendResult::Repeated, AppendResult::Conflict,
                                   AppendResult::Refused, AppendResult::Unknown})
        EXPECT_EQ(metrics.appends[one].value(), 1u) << int(one);
    EXPECT_EQ(metrics.entriesRead.value(), 2u);
    EXPECT_EQ(metrics.appendTime.sum(), std::chrono::milliseconds(3));
    const auto bucket = std::ranges::lower_bound(Histogram::bounds, 3000u); // microseconds
    EXPECT_EQ(metrics.appendTime.countOf(size_t(bucket - Histogram::bounds.begin())), 1u);
    EXPECT_EQ(metrics.messagesMissed.value(), 0u);
}

TEST_F(StreamBrokerTest, EntryOfAnotherFormatIsPassedOver)
{
    joinAndSettle("g");
    server.append({"g", 5, "\x09unknown", {}, {}});
    written("g", "a");
    store.settle();
    EXPECT_THAT(node.delivered, ElementsAre("g a"));
}

TEST_F(StreamBrokerTest, TooLargeAMessageIsRefused)
{
    broker.publish(brokerMessage("g", std::string(5 << 20, 'x')), intoResult());
    ASSERT_TRUE(result && !*result);
    EXPECT_EQ(result->error().code, ErrorCode::PayloadTooLarge);
}

TEST_F(StreamBrokerTest, MessageThatDoesNotComeBackIsNotAnsweredAsGood)
{
    joinAndSettle("g");
    broker.publish(brokerMessage("g", "a"), intoResult());
    store.perform();
    store.answer();
    clock.advance(std::chrono::milliseconds(2001));
    broker.tick();
    ASSERT_TRUE(result && !*result);
    EXPECT_EQ(result->error().code, ErrorCode::Unavailable);
}

} // namespace
} // namespace mws::test
