#pragma once

#include "cluster/broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mws::test {

/// Has two sockets for each message, one of which has no room.
class RecordingNode final : public BrokerNode
{
public:
    PublishOutcome deliver(const GatewayId &gateway, ClusterMessage &&message) override
    {
        delivered.push_back(gateway + " " + message.payload);
        ttl = message.ttl;
        accepted = message.accepted;
        requestId = message.requestId;
        return {2, 1};
    }
    PublishOutcome count(const GatewayId &, const Receivers &) override { return {2, 0}; }
    void messagesLost(const GatewayId &gateway, const std::string &) override { lost.push_back(gateway); }

    std::vector<std::string> delivered;
    std::optional<std::chrono::milliseconds> ttl;
    SteadyTime accepted{};
    std::string requestId;
    std::vector<std::string> lost;
};

inline BrokerMessage brokerMessage(const GatewayId &gateway, std::string payload, std::string id = {})
{
    BrokerMessage made;
    made.gateway = gateway;
    made.message.payload = payload;
    made.idempotencyId = std::move(id);
    if (!made.idempotencyId.empty())
        made.body = std::move(payload);
    return made;
}

/// Two nodes and what is between them.
class BrokerBench
{
public:
    virtual ~BrokerBench() = default;
    virtual Broker &broker(size_t node) = 0;
    virtual RecordingNode &node(size_t node) = 0;
    /// Lets everything go on that is under way, until `holds`; false if it never will.
    virtual bool until(const std::function<bool()> &holds) = 0;
};

/// What every broker promises. Who includes this says for which: INSTANTIATE_TEST_SUITE_P.
class BrokerContract : public ::testing::TestWithParam<std::unique_ptr<BrokerBench> (*)()>
{
protected:
    bool join(size_t node, const GatewayId &gateway)
    {
        std::optional<bool> joined;
        bench->broker(node).join(gateway, [&joined](const Result<void> &result) { joined = bool(result); });
        return bench->until([&] { return joined.has_value(); }) && *joined;
    }
    Result<PublishOutcome> publish(size_t node, BrokerMessage made)
    {
        std::optional<Result<PublishOutcome>> result;
        bench->broker(node).publish(std::move(made),
                                    [&result](Result<PublishOutcome> outcome) { result = outcome; });
        return bench->until([&] { return result.has_value(); })
                   ? *result
                   : Result<PublishOutcome>(Unexpected(ErrorCode::Internal, "no answer"));
    }
    /// What has been delivered there, once it is so many.
    std::vector<std::string> delivered(size_t node, size_t count)
    {
        EXPECT_TRUE(bench->until([&] { return bench->node(node).delivered.size() >= count; }));
        return bench->node(node).delivered;
    }

    std::unique_ptr<BrokerBench> bench = GetParam()();
};

TEST_P(BrokerContract, DeliversInOrderWhatIsPublished)
{
    ASSERT_TRUE(join(0, "g"));
    ASSERT_TRUE(join(1, "g"));
    for (const char *text : {"a", "b", "c"}) {
        const auto outcome = publish(0, brokerMessage("g", text));
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->matched, 2u);
        EXPECT_EQ(outcome->dropped, 1u);
    }
    for (const size_t node : {0, 1}) {
        EXPECT_THAT(delivered(node, 3), ::testing::ElementsAre("g a", "g b", "g c"));
        EXPECT_THAT(bench->node(node).lost, ::testing::IsEmpty());
    }
}

TEST_P(BrokerContract, ManyAtOnceKeepTheirOrderAtAllNodes)
{
    constexpr size_t many = 1000;
    ASSERT_TRUE(join(0, "g"));
    ASSERT_TRUE(join(1, "g"));
    size_t good = 0;
    size_t ended = 0;
    std::vector<std::string> expected;
    for (size_t i = 0; i < many; ++i) {
        expected.push_back("g " + std::to_string(i));
        bench->broker(0).publish(brokerMessage("g", std::to_string(i)),
                                 [&](const Result<PublishOutcome> &result) {
                                     good += result ? 1 : 0;
                                     ++ended;
                                 });
    }
    EXPECT_TRUE(bench->until([&] { return ended == many; }));
    EXPECT_EQ(good, many);
    for (const size_t node : {0, 1})
        EXPECT_EQ(delivered(node, many), expected);
}

TEST_P(BrokerContract, AllNodesHaveOneOrder)
{
    ASSERT_TRUE(join(0, "g"));
    ASSERT_TRUE(join(1, "g"));
    size_t ended = 0;
    for (int i = 0; i < 50; ++i)
        for (const size_t node : {0, 1})
            bench->broker(node).publish(
                brokerMessage("g", std::to_string(node) + ' ' + std::to_string(i)),
                [&ended](const Result<PublishOutcome> &result) { ended += result ? 1 : 0; });
    EXPECT_TRUE(bench->until([&] { return ended == 100; }));
    EXPECT_EQ(delivered(0, 100), delivered(1, 100));
}

TEST_P(BrokerContract, NodeThatHasNotJoinedGetsNothing)
{
    ASSERT_TRUE(join(1, "g"));
    const auto outcome = publish(0, brokerMessage("g", "a"));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->matched, 0u);
    EXPECT_THAT(delivered(1, 1), ::testing::ElementsAre("g a"));
    EXPECT_THAT(bench->node(0).delivered, ::testing::IsEmpty());
    ASSERT_TRUE(join(0, "g"));
    ASSERT_TRUE(publish(1, brokerMessage("g", "b")));
    EXPECT_THAT(delivered(0, 1), ::testing::ElementsAre("g b"));
}

TEST_P(BrokerContract, GatewaysAreApart)
{
    ASSERT_TRUE(join(0, "g"));
    ASSERT_TRUE(join(0, "h"));
    ASSERT_TRUE(publish(0, brokerMessage("h", "a")));
    ASSERT_TRUE(publish(0, brokerMessage("g", "b")));
    EXPECT_THAT(delivered(0, 2), ::testing::ElementsAre("h a", "g b"));
}

TEST_P(BrokerContract, SameIdIsDeliveredOnce)
{
    ASSERT_TRUE(join(0, "g"));
    ASSERT_TRUE(join(0, "h"));
    ASSERT_TRUE(publish(0, brokerMessage("g", "a", "1")));
    const auto again = publish(0, brokerMessage("g", "a", "1"));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->matched, 2u);
    ASSERT_TRUE(publish(1, brokerMessage("g", "a", "1"))); // at another node
    const auto other = publish(0, brokerMessage("g", "b", "1"));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(other.error().property, "id");
    ASSERT_TRUE(publish(0, brokerMessage("h", "b", "1"))); // of another gateway
    EXPECT_THAT(delivered(0, 2), ::testing::ElementsAre("g a", "h b"));
}

TEST_P(BrokerContract, LifeOfAMessageComesAlong)
{
    ASSERT_TRUE(join(0, "g"));
    BrokerMessage made = brokerMessage("g", "a");
    made.message.ttl = std::chrono::seconds(500);
    ASSERT_TRUE(publish(0, std::move(made)));
    ASSERT_TRUE(bench->node(0).ttl.has_value());
    EXPECT_LE(*bench->node(0).ttl, std::chrono::seconds(500));
    EXPECT_GT(*bench->node(0).ttl, std::chrono::seconds(300)); // less what it has waited
}

TEST_P(BrokerContract, AnyBytesArriveAsTheyWere)
{
    ASSERT_TRUE(join(1, "g"));
    std::string bytes;
    for (int i = 0; i < 100000; ++i)
        bytes += char(i * 7 % 256);
    BrokerMessage made = brokerMessage("g", bytes);
    made.message.type = PayloadType::Binary;
    made.message.receivers.tags = {"a tag", "другая"};
    ASSERT_TRUE(publish(0, std::move(made)));
    EXPECT_EQ(delivered(1, 1), std::vector<std::string>{"g " + bytes});
}

TEST_P(BrokerContract, WhoLeavesAndComesBackGoesOn)
{
    ASSERT_TRUE(join(0, "g"));
    ASSERT_TRUE(join(0, "g"));
    bench->broker(0).leave("g");
    ASSERT_TRUE(publish(0, brokerMessage("g", "a"))); // one is still there
    bench->broker(0).leave("g");
    ASSERT_TRUE(join(0, "g"));
    ASSERT_TRUE(publish(1, brokerMessage("g", "b")));
    EXPECT_THAT(delivered(0, 2), ::testing::ElementsAre("g a", "g b"));
    EXPECT_THAT(bench->node(0).lost, ::testing::IsEmpty());
}

} // namespace mws::test
