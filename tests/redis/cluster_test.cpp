#include "redis/redis_client.h"
#include "redis/redis_script.h"
#include "redis/redis_topology.h"
#include "redis_test.h"

#include <map>

namespace mws::test {

namespace {

using namespace std::chrono_literals;

/// One cluster for all tests: it takes seconds to make. A test leaves it whole.
class RedisClusterTest : public RedisTest
{
protected:
    static void SetUpTestSuite() { s_cluster = std::make_unique<RedisClusterServers>(); }
    static void TearDownTestSuite() { s_cluster.reset(); }

    static RedisSettings quick()
    {
        RedisSettings quick = settings(s_cluster->url());
        quick.pingInterval = 200ms;
        quick.replyTimeout = 10s; // the machine may be busy, and the tests look at each answer
        return quick;
    }
    std::unique_ptr<RedisClient> upClient()
    {
        auto client = std::make_unique<RedisClient>(quick(), surroundings());
        client->start();
        EXPECT_TRUE(until([&] { return client->state() == RedisState::Up; })) << m_log.text();
        return client;
    }

    /// A key of each slot.
    static std::vector<std::string> keysOfAllSlots()
    {
        std::vector<std::string> keys(redisSlots);
        size_t found = 0;
        for (int i = 0; found < keys.size(); ++i) {
            const std::string key = "key:" + std::to_string(i);
            std::string &place = keys[redisSlot(key)];
            found += place.empty() ? 1 : 0;
            if (place.empty())
                place = key;
        }
        return keys;
    }

    static inline std::unique_ptr<RedisClusterServers> s_cluster;
};

} // namespace

TEST_F(RedisClusterTest, FindsEachSlotsServer)
{
    const auto client = upClient();
    EXPECT_EQ(client->isCluster(), true);
    const std::vector<std::string> keys = keysOfAllSlots();
    size_t good = 0;
    size_t ended = 0;
    for (const std::string &key : keys)
        client->command({.args = {"SET", key, key}, .key = key, .deadline = hangs},
                        [&](const RedisAnswer &answer) {
                            ++ended;
                            good += answer.good();
                        });
    EXPECT_TRUE(until([&] { return ended == keys.size(); }));
    EXPECT_EQ(good, keys.size());
    size_t stored = 0;
    for (const size_t primary : s_cluster->primaries())
        stored += size_t(std::stoul(s_cluster->server(primary).ask({"DBSIZE"})));
    EXPECT_EQ(stored, keys.size());
    size_t same = 0;
    ended = 0;
    for (const std::string &key : keys)
        client->command({.args = {"GET", key}, .key = key, .deadline = hangs},
                        [&](const RedisAnswer &answer) {
                            ++ended;
                            same += answer.good() && answer.reply.text == key;
                        });
    EXPECT_TRUE(until([&] { return ended == keys.size(); }));
    EXPECT_EQ(same, keys.size());
    EXPECT_EQ(ask(*client, {.args = {"MGET", keys[0], keys[1]}, .key = keys[0]}).reply.errorCode(),
              "CROSSSLOT");
}

/// The slot goes back and forth under load: ASK while it moves, MOVED after.
TEST_F(RedisClusterTest, KeepsTheOrderOfAKeyWhileItsSlotMoves)
{
    const auto client = upClient();
    const std::string key = "{moving}";
    const uint16_t slot = redisSlot(key);
    const RedisScript script("return redis.call('INCR', KEYS[1])");
    int64_t next = 0;
    int64_t given = 0;
    size_t bad = 0;
    const auto load = [&] {
        for (int i = 0; i < 200; ++i) {
            ++given;
            const auto check = [&](const RedisAnswer &answer) {
                bad += answer.good() && answer.reply.integer == ++next ? 0 : 1;
            };
            if (i % 2 == 0)
                client->command({.args = {"INCR", key}, .key = key, .deadline = hangs}, check);
            else
                client->run(script, 1, {.args = {key}, .deadline = hangs}, check);
        }
    };
    QTimer loading;
    QObject::connect(&loading, &QTimer::timeout, client.get(), load);
    loading.start(1);
    for (int move = 0; move < 4; ++move) {
        const size_t from = s_cluster->ownerOf(slot);
        const auto primaries = s_cluster->primaries();
        const size_t to = primaries[0] == from ? primaries[1] : primaries[0];
        std::thread mover([&] { s_cluster->moveSlot(slot, to); });
        const int64_t before = next;
        EXPECT_TRUE(until([&] { return next > before + 2000; }));
        mover.join();
        EXPECT_EQ(s_cluster->ownerOf(slot), to);
    }
    loading.stop();
    EXPECT_TRUE(until([&] { return next + int64_t(bad) == given; }));
    EXPECT_EQ(bad, 0u);
    std::printf("%lld commands over four moves\n", static_cast<long long>(given));
}

TEST_F(RedisClusterTest, FollowsAFailover)
{
    const auto client = upClient();
    const std::string key = "{failing}";
    const size_t victim = s_cluster->ownerOf(redisSlot(key));
    std::vector<RedisState> states;
    client->setStateListener([&](RedisState state) { states.push_back(state); });
    EXPECT_TRUE(ask(*client, {.args = {"SET", key, "before"}, .key = key}).good());
    EXPECT_EQ(ask(*client, {.args = {"WAIT", "1", "30000"}, .key = key, .blocks = 30s}).reply.integer, 1);

    s_cluster->server(victim).kill();
    EXPECT_TRUE(until([&] { return !client->isUp(key); }));
    // A command that waits is answered by the replica that took over.
    const RedisAnswer after = ask(*client, {.args = {"GET", key}, .key = key, .deadline = hangs});
    ASSERT_TRUE(after.good()) << after.detail << m_log.text();
    EXPECT_EQ(after.reply.text, "before");
    EXPECT_TRUE(until([&] { return client->state() == RedisState::Up; }));
    EXPECT_TRUE(until([&] { return states == std::vector{RedisState::Down, RedisState::Up}; }));
    EXPECT_TRUE(ask(*client, {.args = {"SET", key, "after"}, .key = key, .deadline = hangs}).good());

    // It comes back as a replica, and nobody minds.
    s_cluster->server(victim).start(RedisServer::Data::Kept);
    EXPECT_TRUE(s_cluster->waitUntilOk(victim));
    EXPECT_EQ(ask(*client, {.args = {"GET", key}, .key = key, .deadline = hangs}).reply.text, "after");
}

TEST_F(RedisClusterTest, StartsFromAnyServerOfAClusterThatIsPartlyAway)
{
    RedisSettings some = quick();
    some.nodes.insert(some.nodes.begin(), RedisNode{"127.0.0.1", freePort()}); // nobody
    RedisClient client(some, surroundings());
    client.start();
    EXPECT_TRUE(until([&] { return client.state() == RedisState::Up; })) << m_log.text();
    EXPECT_EQ(client.isCluster(), true);
}

} // namespace mws::test
