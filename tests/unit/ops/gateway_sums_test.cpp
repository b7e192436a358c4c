#include "ops/gateway_sums.h"

#include "ops/metric_families.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

GatewaySums sumsOf(uint64_t messages, uint64_t open = 0)
{
    GatewaySums sums{};
    sums[size_t(GatewayValue::Messages)] = messages;
    sums[size_t(GatewayValue::SocketsOpen)] = open;
    return sums;
}

uint64_t messagesOf(const GatewaySumsById &sums, const std::string &label)
{
    const auto it = sums.find(label);
    return it == sums.end() ? 0 : it->second[size_t(GatewayValue::Messages)];
}

uint64_t openOf(const GatewaySumsById &sums, const std::string &label)
{
    return sums.at(label)[size_t(GatewayValue::SocketsOpen)];
}

} // namespace

TEST(GatewayLabels, GivesEachGatewayItsOwnWhileThereAreEnough)
{
    GatewayLabels labels(2);
    const GatewaySumsById page = labels.take({{"a", sumsOf(1)}, {"b", sumsOf(2)}});
    EXPECT_EQ(page.size(), 2u);
    EXPECT_EQ(messagesOf(page, "b"), 2u);
}

TEST(GatewayLabels, AddsUpThoseThatComeLater)
{
    GatewayLabels labels(1);
    labels.take({{"m", sumsOf(1)}});
    const GatewaySumsById page = labels.take({{"a", sumsOf(10, 2)}, {"m", sumsOf(1)}, {"z", sumsOf(100, 3)}});
    EXPECT_EQ(page.size(), 2u);
    EXPECT_EQ(messagesOf(page, "m"), 1u) << "who came first keeps its label";
    EXPECT_EQ(messagesOf(page, std::string(otherGateways)), 110u);
    EXPECT_EQ(openOf(page, std::string(otherGateways)), 5u);
}

TEST(GatewayLabels, NeverCountDownWhatIsAddedUp)
{
    const std::string other(otherGateways);
    GatewayLabels labels(1);
    labels.take({{"a", sumsOf(1)}, {"b", sumsOf(10, 4)}, {"c", sumsOf(100, 1)}});
    EXPECT_EQ(messagesOf(labels.take({{"a", sumsOf(1)}, {"b", sumsOf(6)}, {"c", sumsOf(100)}}), other), 110u)
        << "b is being removed, worker by worker";
    const GatewaySumsById without = labels.take({{"a", sumsOf(1)}, {"c", sumsOf(100, 1)}});
    EXPECT_EQ(messagesOf(without, other), 110u);
    EXPECT_EQ(openOf(without, other), 1u);
    EXPECT_EQ(messagesOf(labels.take({{"a", sumsOf(1)}}), other), 110u);
}

TEST(GatewayLabels, FreesTheLabelOfARemovedGatewayForANewOneOnly)
{
    GatewayLabels labels(1);
    labels.take({{"a", sumsOf(1)}, {"b", sumsOf(10)}});
    const GatewaySumsById page = labels.take({{"b", sumsOf(11)}, {"c", sumsOf(5)}});
    EXPECT_EQ(messagesOf(page, "c"), 5u);
    EXPECT_EQ(messagesOf(page, "b"), 0u);
    EXPECT_EQ(messagesOf(page, std::string(otherGateways)), 11u);
}

TEST(GatewayLabels, NoneAtAll)
{
    GatewayLabels labels(0);
    const GatewaySumsById page = labels.take({{"a", sumsOf(1)}, {"b", sumsOf(10)}});
    EXPECT_EQ(page.size(), 1u);
    EXPECT_EQ(messagesOf(page, std::string(otherGateways)), 11u);
}

TEST(GatewaySums, AddUpTheWorkers)
{
    WorkerMetrics one;
    WorkerMetrics other;
    one.gateway("a")->socketsOpened.add(5);
    one.gateway("a")->socketsClosed.add(2);
    other.gateway("a")->socketsOpened.add(1);
    const GatewaySumsById sums = gatewaySums({&one, &other});
    EXPECT_EQ(sums.at("a")[size_t(GatewayValue::SocketsOpened)], 6u);
    EXPECT_EQ(openOf(sums, "a"), 4u);
}

} // namespace mws
