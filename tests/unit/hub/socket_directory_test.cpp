#include "hub/socket_directory.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

SharedTags tags(std::vector<Tag> list)
{
    return std::make_shared<const std::vector<Tag>>(std::move(list));
}

Receivers toTags(std::vector<Tag> list)
{
    Receivers receivers;
    receivers.tags = std::move(list);
    return receivers;
}

class SocketDirectoryTest : public testing::Test
{
protected:
    void SetUp() override
    {
        m_gateway.serial = 7;
        open(0, m_a, {"x"});
        open(1, m_b, {"x", "y"});
        open(2, m_c, {"y"});
    }
    void open(size_t worker, const SocketId &id, std::vector<Tag> list)
    {
        ASSERT_TRUE(m_directory.reserve(m_gateway));
        m_directory.add(m_gateway.serial, worker, id, tags(std::move(list)));
    }

    Gateway m_gateway;
    SocketDirectory m_directory{3};
    const SocketId m_a = SocketId::random();
    const SocketId m_b = SocketId::random();
    const SocketId m_c = SocketId::random();
};

} // namespace

TEST_F(SocketDirectoryTest, RoutesOnlyToOtherWorkersThatHaveAReceiver)
{
    const auto route = m_directory.route(7, 0, toTags({"x"}));
    EXPECT_EQ(route.workers, (std::vector<bool>{false, true, false}));
    EXPECT_EQ(route.matched, 1u);
    EXPECT_EQ(m_directory.route(7, 0, toTags({"none"})).workers, (std::vector<bool>{false, false, false}));
    EXPECT_EQ(m_directory.route(8, 0, toTags({"x"})).matched, 0u) << "another gateway's tag";
}

TEST_F(SocketDirectoryTest, CountsEachReceiverThatNamedASocket)
{
    Receivers receivers = toTags({"x", "y"});
    receivers.sockets = {m_b.string(), m_a.string(), "nobody"};
    receivers.everyone = true;
    // Seen from worker 0: `*` names b and c, x names b, y names b and c, the id names b.
    EXPECT_EQ(m_directory.route(7, 0, receivers).matched, 6u);
    receivers.excluded = {m_b.string()};
    EXPECT_EQ(m_directory.route(7, 0, receivers).matched, 2u);
}

TEST_F(SocketDirectoryTest, FollowsTagsAndForgetsClosedSockets)
{
    m_directory.setTags(7, 1, m_b, tags({"x", "y"}), tags({"y", "z"}));
    EXPECT_EQ(m_directory.route(7, 0, toTags({"x"})).matched, 0u);
    EXPECT_EQ(m_directory.route(7, 0, toTags({"z"})).matched, 1u);
    m_directory.remove(7, 1, m_b, tags({"y", "z"}));
    m_directory.unreserve(7);
    EXPECT_EQ(m_directory.route(7, 0, toTags({"y", "z"})).matched, 1u);
    EXPECT_FALSE(m_directory.workerOf(7, m_b));
    EXPECT_EQ(m_directory.workerOf(7, m_c), 2u);
    EXPECT_EQ(m_directory.count(7), 2u);
}

TEST_F(SocketDirectoryTest, KeepsANewerSocketOfTheSameIdOnAnotherWorker)
{
    open(0, m_c, {"w"});
    m_directory.remove(7, 2, m_c, tags({"y"}));
    EXPECT_EQ(m_directory.workerOf(7, m_c), 0u);
}

TEST_F(SocketDirectoryTest, HoldsTheLimitOfSockets)
{
    m_gateway.settings.limits.sockets = 4;
    EXPECT_TRUE(m_directory.reserve(m_gateway));
    EXPECT_FALSE(m_directory.reserve(m_gateway));
    m_directory.unreserve(7);
    EXPECT_TRUE(m_directory.reserve(m_gateway));
}

TEST(SocketDirectory, OnlyCountsWithOneWorker)
{
    SocketDirectory directory(1);
    Gateway gateway;
    ASSERT_TRUE(directory.reserve(gateway));
    const SocketId id = SocketId::random();
    directory.add(0, 0, id, tags({"x"}));
    EXPECT_EQ(directory.count(0), 1u);
    EXPECT_EQ(directory.workerOf(0, id), 0u);
    EXPECT_EQ(directory.route(0, 0, toTags({"x"})).matched, 0u);
    directory.unreserve(0);
    EXPECT_EQ(directory.count(0), 0u);
}

} // namespace mws
