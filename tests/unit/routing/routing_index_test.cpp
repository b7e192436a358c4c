#include "routing/routing_index.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace mws::test {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

SharedTags tagged(std::vector<Tag> tags)
{
    return std::make_shared<const std::vector<Tag>>(std::move(tags));
}

SocketId idOf(unsigned number)
{
    std::string text = std::to_string(number);
    return *SocketId::parse(std::string(SocketId::length - text.size(), 'a') + text);
}

Receivers toTags(std::vector<Tag> tags)
{
    Receivers receivers;
    receivers.tags = std::move(tags);
    return receivers;
}

class RoutingIndexTest : public testing::Test
{
protected:
    RoutingIndexTest()
    {
        for (unsigned i = 0; i < std::size(m_sockets); ++i)
            m_sockets[i].id = idOf(i);
    }
    ~RoutingIndexTest() override
    {
        while (m_index.size() > 0)
            m_index.remove(*m_index.all().front());
    }
    /// Numbers of the sockets that get it, in any order.
    std::vector<long> matched(const Receivers &receivers)
    {
        std::vector<long> numbers;
        m_count =
            m_index.match(receivers, [&](RoutedSocket &socket) { numbers.push_back(&socket - m_sockets); })
                .count;
        return numbers;
    }

    RoutedSocket m_sockets[4];
    RoutingIndex m_index;
    uint64_t m_count = 0;
};

TEST_F(RoutingIndexTest, FindsById)
{
    m_index.add(m_sockets[0], tagged({}));
    EXPECT_EQ(m_index.find(idOf(0)), &m_sockets[0]);
    EXPECT_EQ(m_index.find(idOf(1)), nullptr);
    m_index.remove(m_sockets[0]);
    EXPECT_EQ(m_index.find(idOf(0)), nullptr);
    EXPECT_EQ(m_index.size(), 0u);
}

TEST_F(RoutingIndexTest, DeliversOnceAndCountsEachReceiver)
{
    m_index.add(m_sockets[0], tagged({"a", "b"}));
    m_index.add(m_sockets[1], tagged({"b"}));
    Receivers receivers = toTags({"a", "b", "none"});
    receivers.sockets = {idOf(0).string(), idOf(3).string(), "no id"};
    EXPECT_THAT(matched(receivers), UnorderedElementsAre(0, 1));
    EXPECT_EQ(m_count, 4u);
    receivers.everyone = true;
    EXPECT_THAT(matched(receivers), UnorderedElementsAre(0, 1));
    EXPECT_EQ(m_count, 6u);
}

TEST_F(RoutingIndexTest, DeliversOnceForAReceiverNamedTwice)
{
    m_index.add(m_sockets[0], tagged({"a"}));
    EXPECT_THAT(matched(toTags({"a", "a"})), ElementsAre(0));
    EXPECT_EQ(m_count, 2u);
}

TEST_F(RoutingIndexTest, LeavesOutTheExcluded)
{
    m_index.add(m_sockets[0], tagged({"a"}));
    m_index.add(m_sockets[1], tagged({"a"}));
    Receivers receivers = toTags({"a"});
    receivers.excluded = {idOf(0).string(), idOf(2).string(), "x"};
    EXPECT_THAT(matched(receivers), ElementsAre(1));
    EXPECT_EQ(m_count, 1u);
    receivers.sockets = {idOf(0).string()};
    receivers.everyone = true;
    EXPECT_THAT(matched(receivers), ElementsAre(1));
    EXPECT_EQ(m_count, 2u);
    EXPECT_THAT(matched(toTags({"a"})), UnorderedElementsAre(0, 1)); // only for that message
}

TEST_F(RoutingIndexTest, MatchesNobodyForNoReceivers)
{
    m_index.add(m_sockets[0], tagged({"a"}));
    EXPECT_THAT(matched({}), ElementsAre());
    EXPECT_EQ(m_count, 0u);
}

TEST_F(RoutingIndexTest, ReplacesTags)
{
    m_index.add(m_sockets[0], tagged({"a", "b"}));
    m_index.setTags(m_sockets[0], tagged({"b", "c"}));
    EXPECT_THAT(matched(toTags({"a"})), ElementsAre());
    EXPECT_THAT(matched(toTags({"b"})), ElementsAre(0));
    EXPECT_THAT(matched(toTags({"c"})), ElementsAre(0));
    EXPECT_EQ(*m_sockets[0].tags, (std::vector<Tag>{"b", "c"}));
    m_index.setTags(m_sockets[0], nullptr);
    EXPECT_TRUE(m_sockets[0].tags->empty());
    EXPECT_TRUE(m_index.withTag("b").empty());
}

TEST_F(RoutingIndexTest, TakesATagThatStandsTwiceOnce)
{
    m_index.add(m_sockets[0], tagged({"a", "a"}));
    EXPECT_EQ(m_index.withTag("a").size(), 1u);
    EXPECT_THAT(matched(toTags({"a"})), ElementsAre(0));
    m_index.remove(m_sockets[0]);
    EXPECT_TRUE(m_index.withTag("a").empty());
}

TEST_F(RoutingIndexTest, ForgetsTagWhenLastSocketLeaves)
{
    m_index.add(m_sockets[0], tagged({"a"}));
    m_index.add(m_sockets[1], tagged({"a"}));
    m_index.remove(m_sockets[0]);
    EXPECT_THAT(m_index.withTag("a"), ElementsAre(&m_sockets[1]));
    m_index.remove(m_sockets[1]);
    EXPECT_TRUE(m_index.withTag("a").empty());
}

TEST_F(RoutingIndexTest, MayDieWithSocketsInIt)
{
    RoutingIndex index;
    index.add(m_sockets[0], tagged({"a"}));
}

/// The documented behaviour in the plainest form.
struct NaiveIndex
{
    struct Entry
    {
        unsigned socket;
        std::vector<Tag> tags;
    };
    std::map<std::string, Entry> sockets;

    std::pair<std::set<unsigned>, uint64_t> match(const Receivers &receivers) const
    {
        std::set<unsigned> delivered;
        uint64_t count = 0;
        for (const auto &[id, entry] : sockets) {
            if (std::count(receivers.excluded.begin(), receivers.excluded.end(), id) > 0)
                continue;
            ptrdiff_t matches = receivers.everyone ? 1 : 0;
            matches += std::count(receivers.sockets.begin(), receivers.sockets.end(), id);
            for (const Tag &tag : receivers.tags)
                matches += std::count(entry.tags.begin(), entry.tags.end(), tag) > 0 ? 1 : 0;
            count += static_cast<uint64_t>(matches);
            if (matches > 0)
                delivered.insert(entry.socket);
        }
        return {delivered, count};
    }
};

class RandomTraffic
{
public:
    explicit RandomTraffic(unsigned seed) : m_random(seed) {}

    unsigned below(unsigned limit) { return static_cast<unsigned>(m_random() % limit); }
    std::vector<Tag> tags(unsigned most)
    {
        std::vector<Tag> chosen;
        for (unsigned i = below(most + 1); i > 0; --i)
            chosen.push_back("tag:" + std::to_string(below(12)));
        return chosen;
    }
    std::vector<std::string> ids(unsigned most)
    {
        std::vector<std::string> chosen;
        for (unsigned i = below(most + 1); i > 0; --i)
            chosen.push_back(idOf(below(60)).string());
        return chosen;
    }
    Receivers receivers()
    {
        Receivers chosen;
        chosen.everyone = below(5) == 0;
        chosen.sockets = ids(3);
        chosen.tags = tags(3);
        chosen.excluded = below(2) == 0 ? ids(3) : std::vector<std::string>{};
        return chosen;
    }

private:
    std::mt19937 m_random;
};

TEST(RoutingIndexRandomized, BehavesLikeTheNaiveOne)
{
    for (unsigned seed = 0; seed < 10; ++seed) {
        RandomTraffic traffic(seed);
        std::vector<RoutedSocket> sockets(50);
        for (unsigned i = 0; i < 50; ++i)
            sockets[i].id = idOf(i);
        RoutingIndex index;
        NaiveIndex naive;
        for (int step = 0; step < 2000; ++step) {
            const unsigned number = traffic.below(50);
            const std::string id = idOf(number).string();
            const std::vector<Tag> tags = traffic.tags(5);
            if (!naive.sockets.contains(id)) {
                index.add(sockets[number], tagged(tags));
                naive.sockets[id] = {number, tags};
            } else if (traffic.below(2) == 0) {
                index.setTags(sockets[number], tagged(tags));
                naive.sockets[id].tags = tags;
            } else {
                index.remove(sockets[number]);
                naive.sockets.erase(id);
            }
            ASSERT_EQ(index.size(), naive.sockets.size());
            const Receivers receivers = traffic.receivers();
            std::set<unsigned> delivered;
            const auto matched = index.match(receivers, [&](RoutedSocket &socket) {
                EXPECT_TRUE(delivered.insert(static_cast<unsigned>(&socket - sockets.data())).second);
            });
            const auto expected = naive.match(receivers);
            ASSERT_EQ(delivered, expected.first);
            ASSERT_EQ(matched.count, expected.second);
        }
    }
}

} // namespace
} // namespace mws::test
