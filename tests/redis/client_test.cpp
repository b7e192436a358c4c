#include "redis/redis_client.h"
#include "redis/redis_script.h"
#include "redis_test.h"

namespace mws::test {

namespace {

using namespace std::chrono_literals;

class RedisClientTest : public RedisTest
{
protected:
    static RedisSettings quick(const std::string &url)
    {
        RedisSettings quick = settings(url);
        quick.pingInterval = 200ms;
        quick.replyTimeout = 10s; // the machine may be busy
        return quick;
    }
    std::unique_ptr<RedisClient> started(const RedisSettings &settings)
    {
        auto client = std::make_unique<RedisClient>(settings, surroundings());
        client->start();
        return client;
    }
    std::unique_ptr<RedisClient> upClient(const RedisSettings &settings)
    {
        auto client = started(settings);
        EXPECT_TRUE(until([&] { return client->state() == RedisState::Up; })) << m_log.text();
        return client;
    }
};

} // namespace

TEST_F(RedisClientTest, TakesASingleServerForWhatItIs)
{
    RedisServer server;
    for (const RedisClusterMode mode : {RedisClusterMode::Auto, RedisClusterMode::Off}) {
        RedisSettings wanted = settings(server.url());
        wanted.cluster = mode;
        const auto client = upClient(wanted);
        EXPECT_EQ(client->isCluster(), false);
        EXPECT_TRUE(client->isUp("any"));
        EXPECT_TRUE(ask(*client, {.args = {"SET", "a", "b"}, .key = "a"}).good());
        EXPECT_EQ(ask(*client, {.args = {"GET", "a"}, .key = "a"}).reply.text, "b");
        EXPECT_EQ(ask(*client, {.args = {"NONSENSE"}}).reply.errorCode(), "ERR");
        EXPECT_EQ(ask(*client, {}).outcome, RedisAnswer::Outcome::NotSent);
    }
}

TEST_F(RedisClientTest, CommandsWaitForTheServerInOrder)
{
    RedisServer server;
    server.kill();
    RedisSettings patient = quick(server.url());
    const auto client = started(patient);
    std::vector<int64_t> values;
    for (int i = 0; i < 100; ++i)
        client->command({.args = {"INCR", "n"}, .key = "n", .deadline = hangs},
                        [&](const RedisAnswer &answer) { values.push_back(answer.reply.integer); });
    EXPECT_EQ(ask(*client, {.args = {"INCR", "n"}, .whenDown = RedisWhenDown::Fail}).outcome,
              RedisAnswer::Outcome::NotSent);
    EXPECT_EQ(ask(*client, {.args = {"INCR", "n"}, .deadline = 100ms}).outcome,
              RedisAnswer::Outcome::NotSent);
    EXPECT_TRUE(values.empty());
    server.start(RedisServer::Data::Kept);
    EXPECT_TRUE(until([&] { return values.size() == 100; }));
    for (size_t i = 0; i < values.size(); ++i)
        EXPECT_EQ(values[i], int64_t(i) + 1);
}

TEST_F(RedisClientTest, WhatWasNotSentGoesOutAfterARestart)
{
    RedisServer server({.more = {"--appendonly", "yes", "--appendfsync", "always"}});
    const auto client = upClient(quick(server.url()));
    constexpr size_t count = 50000;
    Tally tally;
    for (size_t i = 0; i < count; ++i)
        client->command({.args = {"RPUSH", "list", std::to_string(i)}, .key = "list", .deadline = hangs},
                        [&](const RedisAnswer &answer) {
                            tally.count(answer);
                            if (tally.sum() == 500) {
                                server.kill();
                                server.start(RedisServer::Data::Kept);
                            }
                        });
    EXPECT_TRUE(until([&] { return tally.sum() == count; }));
    EXPECT_EQ(tally.notSent, 0u);
    EXPECT_GT(tally.unknown, 0u);
    const RedisAnswer all =
        ask(*client, {.args = {"LRANGE", "list", "0", "-1"}, .key = "list", .deadline = hangs});
    const size_t done = all.reply.elements.size();
    EXPECT_GE(done, tally.answered);
    int64_t last = -1;
    for (const RedisReply &element : all.reply.elements) {
        ASSERT_GT(element.number(), last); // in order, none twice
        last = *element.number();
    }
    EXPECT_EQ(last, int64_t(count) - 1);
    std::printf("answered %zu, unknown %zu; done %zu\n", tally.answered, tally.unknown, done);
}

TEST_F(RedisClientTest, RunsScriptsInOrderWhileTheirCacheIsFlushed)
{
    RedisServer server;
    const auto client = upClient(settings(server.url()));
    const RedisScript script("redis.call('RPUSH', KEYS[1], ARGV[1]) return redis.call('LLEN', KEYS[1])");
    constexpr int64_t rounds = 20;
    constexpr int64_t each = 1000;
    int64_t next = 0;
    size_t bad = 0;
    for (int64_t round = 0; round < rounds; ++round) {
        for (int64_t i = 0; i < each; ++i) {
            client->run(script, 1, {.args = {"list", std::to_string(round * each + i)}, .deadline = hangs},
                        [&](const RedisAnswer &answer) {
                            bad += answer.good() && answer.reply.integer == ++next ? 0 : 1;
                        });
            if (i == each / 2)
                client->command({.args = {"SCRIPT", "FLUSH"}, .key = "list", .deadline = hangs}, nullptr);
        }
        EXPECT_TRUE(until([&] { return next + int64_t(bad) > round * each + each / 4; }));
        server.ask({"SCRIPT", "FLUSH"});
    }
    EXPECT_TRUE(until([&] { return next + int64_t(bad) == rounds * each; }));
    EXPECT_EQ(bad, 0u);
    const RedisAnswer all = ask(*client, {.args = {"LRANGE", "list", "0", "-1"}, .key = "list"});
    ASSERT_EQ(all.reply.elements.size(), size_t(rounds * each));
    for (int64_t i = 0; i < rounds * each; ++i)
        ASSERT_EQ(all.reply.elements[size_t(i)].number(), i);
}

TEST_F(RedisClientTest, AScriptIsKnownAgainAfterARestart)
{
    RedisServer server;
    const auto client = upClient(quick(server.url()));
    const RedisScript script("return redis.call('INCR', KEYS[1])");
    std::optional<RedisAnswer> last;
    const auto run = [&] {
        last.reset();
        client->run(script, 1, {.args = {"n"}, .deadline = hangs},
                    [&](RedisAnswer answer) { last = answer; });
        EXPECT_TRUE(until([&] { return last.has_value(); }));
        return last && last->good() ? last->reply.integer : -1;
    };
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(run(), 2);
    server.kill();
    server.start(RedisServer::Data::Lost);
    EXPECT_TRUE(until([&] { return client->state() != RedisState::Up; }));
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(run(), 2);
}

TEST_F(RedisClientTest, ABlockedLaneHoldsNobodyUp)
{
    RedisServer server;
    const auto client = upClient(settings(server.url()));
    std::optional<RedisAnswer> read;
    client->command(
        {.args = {"XREAD", "BLOCK", "60000", "STREAMS", "s", "$"}, .key = "s", .lane = 1, .blocks = 60s},
        [&](RedisAnswer answer) { read = std::move(answer); });
    EXPECT_TRUE(until([&] { return server.ask({"CLIENT", "LIST"}).find("cmd=xread") != std::string::npos; }));
    EXPECT_TRUE(ask(*client, {.args = {"XADD", "s", "*", "a", "b"}, .key = "s"}).good());
    EXPECT_TRUE(until([&] { return read.has_value(); }));
    ASSERT_TRUE(read->good());
    EXPECT_EQ(read->reply.elements[0].elements[1].elements[0].elements[1].elements[1].text, "b");
}

TEST_F(RedisClientTest, UnblocksALane)
{
    RedisServer server;
    const auto client = upClient(settings(server.url()));
    std::optional<bool> nothing;
    client->unblock("s", 1, [&](bool done) { nothing = done; });
    EXPECT_TRUE(until([&] { return nothing.has_value(); }));
    EXPECT_EQ(nothing, false);

    std::optional<RedisAnswer> read;
    client->command(
        {.args = {"XREAD", "BLOCK", "60000", "STREAMS", "s", "$"}, .key = "s", .lane = 1, .blocks = 60s},
        [&](RedisAnswer answer) { read = std::move(answer); });
    EXPECT_TRUE(until([&] { return server.ask({"CLIENT", "LIST"}).find("cmd=xread") != std::string::npos; }));
    std::optional<bool> unblocked;
    client->unblock("s", 1, [&](bool done) { unblocked = done; });
    EXPECT_TRUE(until([&] { return unblocked && read; }));
    EXPECT_EQ(unblocked, true);
    EXPECT_TRUE(read->good() && read->reply.isNil());
}

/// As RedisStreams does while a lane has no connection.
TEST_F(RedisClientTest, WhoAsksAgainToUnblockNothingDoesNotSpin)
{
    RedisServer server;
    const auto client = upClient(settings(server.url()));
    constexpr int asks = 20;
    int left = asks;
    std::function<void(bool)> again = [&](bool) {
        if (--left > 0)
            client->unblock("s", 1, again);
    };
    const auto begun = std::chrono::steady_clock::now();
    client->unblock("s", 1, again);
    EXPECT_TRUE(until([&] { return left == 0; }));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, asks * 5ms);
}

TEST_F(RedisClientTest, ClosesALaneAndKeepsTheOthers)
{
    RedisServer server;
    const auto client = upClient(settings(server.url()));
    std::optional<RedisAnswer> read;
    client->command({.args = {"BLPOP", "nothing", "0"}, .key = "nothing", .lane = 7, .blocks = hangs},
                    [&](RedisAnswer answer) { read = std::move(answer); });
    EXPECT_TRUE(until([&] { return server.ask({"CLIENT", "LIST"}).find("cmd=blpop") != std::string::npos; }));
    client->closeLane(7);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->outcome, RedisAnswer::Outcome::Unknown);
    EXPECT_TRUE(until([&] { return server.ask({"CLIENT", "LIST"}).find("cmd=blpop") == std::string::npos; }));
    EXPECT_TRUE(ask(*client, {.args = {"PING"}}).good());
}

TEST_F(RedisClientTest, WaitsOutADemotion)
{
    RedisServer server;
    const auto client = upClient(quick(server.url()));
    std::vector<RedisState> states;
    client->setStateListener([&](RedisState state) { states.push_back(state); });
    server.ask({"REPLICAOF", "127.0.0.1", "1"});
    std::vector<int64_t> values;
    for (int i = 0; i < 50; ++i)
        client->command(
            {.args = {"INCR", "n"}, .key = "n", .deadline = hangs},
            [&](const RedisAnswer &answer) { values.push_back(answer.good() ? answer.reply.integer : -1); });
    EXPECT_TRUE(until([&] { return client->state() == RedisState::Down; }));
    server.ask({"REPLICAOF", "NO", "ONE"});
    EXPECT_TRUE(until([&] { return values.size() == 50; }));
    for (size_t i = 0; i < values.size(); ++i)
        EXPECT_EQ(values[i], int64_t(i) + 1);
    EXPECT_TRUE(until([&] { return states == std::vector{RedisState::Down, RedisState::Up}; }));
}

TEST_F(RedisClientTest, AnswersEverythingWhenItIsClosed)
{
    RedisServer server;
    const auto client = upClient(settings(server.url()));
    Tally tally;
    const auto count = [&](const RedisAnswer &answer) { tally.count(answer); };
    client->command({.args = {"BLPOP", "nothing", "0"}, .lane = 1, .blocks = hangs}, count);
    EXPECT_TRUE(until([&] { return server.ask({"CLIENT", "LIST"}).find("cmd=blpop") != std::string::npos; }));
    client->command({.args = {"INCR", "n"}}, count);
    client->command({.args = {"INCR", "n"}, .lane = 2}, count); // its link is not there yet
    client->close();
    EXPECT_EQ(tally.unknown, 1u);
    EXPECT_EQ(tally.notSent, 2u);
    client->command({.args = {"INCR", "n"}}, count);
    EXPECT_TRUE(until([&] { return tally.notSent == 3; }));
    EXPECT_EQ(server.ask({"GET", "n"}), "");
}

} // namespace mws::test
