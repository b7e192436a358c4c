#include "cluster/redis_registry.h"
#include "cluster/registry_row.h"
#include "fake_registry_store.h"
#include "redis/redis_client.h"
#include "redis_test.h"

#include <algorithm>
#include <map>
#include <random>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

std::vector<SocketId> someIds()
{
    std::vector<SocketId> ids;
    for (char c = 'a'; c < 'g'; ++c)
        ids.push_back(*SocketId::parse(std::string(SocketId::length, c)));
    return ids;
}

/// What was said beside the outcome, but for stamps.
std::vector<std::string> linesOf(const RegistryWritten &written)
{
    std::vector<std::string> lines;
    for (const RegistryRival &rival : written.rivals)
        lines.push_back("rival " + rival.id.string() + rival.node + (rival.isNewer ? " newer" : ""));
    for (const auto &[id, stamp] : written.earlier)
        lines.push_back("earlier " + id.string());
    for (const SocketId &id : written.contested)
        lines.push_back("contested " + id.string());
    std::sort(lines.begin(), lines.end());
    return lines;
}

/// What chance decides is done to a real Redis and to the simulations' fake.
class RegistryRulesTest : public RedisTest
{
protected:
    RegistryRulesTest()
    {
        m_client.start();
        EXPECT_TRUE(until([&] { return m_client.state() == RedisState::Up; })) << m_log.text();
        m_fake.rowsOfSlice = SIZE_MAX;
    }

    /// Some node writes; before that the server may forget, or the node end its lease.
    void step()
    {
        m_fake.advance(1ms); // so that stamps go on rising when all is forgotten, as Redis's do
        const NodeId self = "node" + std::to_string(below(3));
        const RegistryWrite write = randomWrite(self);
        if (below(100) == 0) {
            m_server.ask({"FLUSHALL"});
            m_fake.forget();
        }
        if (below(50) == 0)
            release(self);
        writeBoth(write);
        compareLists(self);
    }

    std::map<RegistryWritten::Outcome, size_t> outcomes;
    size_t rivals = 0;

private:
    /// The same moment, as each of both calls it.
    struct Stamps
    {
        RegistryStamp real = 0;
        RegistryStamp fake = 0;
    };

    uint32_t below(uint32_t limit) { return uint32_t(m_random() % limit); }

    RegistryWrite randomWrite(const NodeId &self)
    {
        RegistryWrite write{"g", self, ++m_sequence, m_done[self], 15000ms, {}, {}};
        if (below(30) == 0)
            write.sequence = below(uint32_t(m_sequence)) + 1; // one that comes late, perhaps
        if (below(20) == 0)
            write.after = 0;
        for (const SocketId &id : m_ids) {
            const RegisteredSocket socket{id, WallTime(std::chrono::seconds(below(2))), {}, {"t"}, {}, {}};
            if (below(3) == 0)
                write.rows.push_back({id, 0, encodeRegistryRow(socket)});
            else if (below(3) == 0)
                write.removed.push_back(id);
        }
        return write;
    }
    void release(const NodeId &self)
    {
        std::optional<bool> released;
        m_redis.release("g", self, m_sequence, [&](bool done) { released = done; });
        ASSERT_TRUE(until([&] { return released.has_value(); }));
        EXPECT_EQ(*released, m_fake.release("g", self, m_sequence));
    }
    /// Of half of the rows the node knows the stamps.
    void writeBoth(RegistryWrite write)
    {
        RegistryWrite other = write;
        for (size_t i = 0; i < write.rows.size(); ++i) {
            const Stamps known = below(2) == 0 ? m_stamps[{write.node, write.rows[i].id}] : Stamps();
            write.rows[i].stamp = known.real;
            other.rows[i].stamp = known.fake;
        }
        std::optional<RegistryWritten> real;
        m_redis.write(write, [&](RegistryWritten got) { real = std::move(got); });
        ASSERT_TRUE(until([&] { return real.has_value(); }));
        const RegistryWritten expected = m_fake.write(other);
        ASSERT_EQ(int(real->outcome), int(expected.outcome)) << real->detail;
        ASSERT_EQ(linesOf(*real), linesOf(expected));
        ++outcomes[real->outcome];
        rivals += real->rivals.size();
        if (real->outcome == RegistryWritten::Outcome::Done)
            m_done[write.node] = write.sequence;
        keepStamps(write, *real, expected);
    }
    void keepStamps(const RegistryWrite &write, const RegistryWritten &real, const RegistryWritten &fake)
    {
        for (const RegistryRow &row : write.rows)
            m_stamps[{write.node, row.id}] = {real.stamp, fake.stamp};
        for (const auto &[id, stamp] : real.earlier)
            m_stamps[{write.node, id}].real = stamp;
        for (const auto &[id, stamp] : fake.earlier)
            m_stamps[{write.node, id}].fake = stamp;
    }
    void compareLists(const NodeId &self)
    {
        const RegistryQuery query{"g", self, {}, 100, {}};
        std::optional<std::optional<RegistrySlice>> slice;
        m_redis.list(query, [&](std::optional<RegistrySlice> got) { slice = std::move(got); });
        ASSERT_TRUE(until([&] { return slice.has_value(); }));
        ASSERT_TRUE(*slice);
        const std::vector<RegistryRow> &rows = (*slice)->rows;
        const RegistrySlice wanted = m_fake.list(query);
        ASSERT_EQ(rows.size(), wanted.rows.size());
        for (size_t i = 0; i < rows.size(); ++i) {
            EXPECT_EQ(rows[i].id, wanted.rows[i].id);
            EXPECT_EQ(rows[i].body, wanted.rows[i].body);
        }
    }

    RedisServer m_server;
    RedisClient m_client{settings(m_server.url()), surroundings()};
    RedisRegistry m_redis{m_client, "mws"};
    FakeRegistryServer m_fake;
    std::mt19937 m_random{7}; // the same in each run
    const std::vector<SocketId> m_ids = someIds();
    uint64_t m_sequence = 0;
    std::map<NodeId, uint64_t> m_done; ///< each node's last write
    std::map<std::pair<NodeId, SocketId>, Stamps> m_stamps;
};

} // namespace

/// The simulation's store keeps the rules of the scripts.
TEST_F(RegistryRulesTest, AreTheSameInRedisAndInTheFake)
{
    for (int round = 0; round < 3000 && !HasFailure(); ++round) {
        SCOPED_TRACE(round);
        step();
    }
    using Outcome = RegistryWritten::Outcome;
    for (const Outcome outcome : {Outcome::Done, Outcome::Lost, Outcome::Unknown})
        EXPECT_GT(outcomes[outcome], 20u) << int(outcome);
    EXPECT_GT(rivals, 1000u);
}

} // namespace mws::test
