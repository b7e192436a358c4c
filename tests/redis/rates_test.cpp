#include "cluster/redis_rates.h"
#include "redis/redis_client.h"
#include "redis_test.h"

namespace mws::test {

namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

/// What nodes report, to a real Redis.
class RedisRatesTest : public RedisTest
{
protected:
    RedisRatesTest()
    {
        client.start();
        EXPECT_TRUE(until([&] { return client.state() == RedisState::Up; })) << m_log.text();
    }
    static RateReport messages(uint64_t perSecond, uint64_t taken, microseconds age = 0s)
    {
        RateReport report;
        report.rates[size_t(GatewayRate::Messages)] = {perSecond, taken, age};
        return report;
    }
    std::optional<RateDebts> report(const RateReport &report, const GatewayId &gateway = "g")
    {
        bool told = false;
        std::optional<RateDebts> debts;
        rates.report(gateway, report, [&](std::optional<RateDebts> answer) {
            told = true;
            debts = answer;
        });
        EXPECT_FALSE(told); // never from within
        EXPECT_TRUE(until([&] { return told; }));
        return debts;
    }
    /// Of messages; -1 if there is no answer.
    microseconds debt(const RateReport &reported)
    {
        const auto debts = report(reported);
        return debts ? (*debts)[size_t(GatewayRate::Messages)] : microseconds(-1);
    }
    std::string key() const { return server.ask({"KEYS", "*:g:q"}); }

    RedisServer server;
    RedisClient client{settings(server.url()), surroundings()};
    RedisRates rates{client, "mws"};
};

} // namespace

TEST_F(RedisRatesTest, AddsUpWhatNodesTook)
{
    EXPECT_EQ(debt(messages(1, 1000)), 1000s);
    const microseconds more = debt(messages(1, 500));
    EXPECT_LE(more, 1500s);
    EXPECT_GT(more, 1000s) << "unless this took 500 s";
    const microseconds asked = debt(messages(1, 0));
    EXPECT_LE(asked, more);
    EXPECT_GT(asked, 1000s);
    EXPECT_THAT(key(), ::testing::MatchesRegex(R"(\{mws:[0-9]+\}:g:q)"));
    const int64_t life = std::stoll(server.ask({"PTTL", key()}));
    EXPECT_GT(life, 1000 * 1000);
    EXPECT_LE(life, 1560 * 1000);
}

TEST_F(RedisRatesTest, WhatWasTakenEarlierHasComeInAgainSince)
{
    EXPECT_EQ(debt(messages(1, 1000, 400s)), 600s);
    const microseconds more = debt(messages(1, 1000, 5000s));
    EXPECT_LE(more, 1600s);
    EXPECT_GT(more, 1000s) << "nothing comes into a bucket twice";
}

TEST_F(RedisRatesTest, FullBucketsGiveNothingBack)
{
    EXPECT_EQ(debt(messages(1000000, 1, 1s)), 0s);
    EXPECT_EQ(debt(messages(1, 3)), 3s);
}

TEST_F(RedisRatesTest, ComesInAtTheRate)
{
    EXPECT_EQ(debt(messages(1000000, 300000)), 300ms);
    ASSERT_TRUE(until([&] { return debt(messages(1000000, 0)) == 0s; }));
    EXPECT_EQ(debt(messages(1, 3)), 3s);
}

TEST_F(RedisRatesTest, AnotherRateTakesOverWhatIsOwedInTokens)
{
    EXPECT_EQ(debt(messages(1, 1000)), 1000s);
    const microseconds faster = debt(messages(10, 0));
    EXPECT_LE(faster, 100s);
    EXPECT_GT(faster, 0s);
}

TEST_F(RedisRatesTest, RatesAndGatewaysAreKeptApart)
{
    RateReport two;
    two.rates[size_t(GatewayRate::Messages)] = {1, 100, 0s};
    two.rates[size_t(GatewayRate::Sockets)] = {10, 100, 0s};
    EXPECT_EQ(report(two), (RateDebts{100s, 0s, 10s}));
    RateReport sockets;
    sockets.rates[size_t(GatewayRate::Sockets)] = {10, 100000, 0s};
    const auto debts = report(sockets);
    ASSERT_TRUE(debts);
    EXPECT_EQ((*debts)[size_t(GatewayRate::Messages)], 0s) << "was not asked for";
    EXPECT_GT((*debts)[size_t(GatewayRate::Sockets)], 9999s);
    EXPECT_GT(debt(messages(1, 0)), 0s) << "is still there";
    EXPECT_EQ(report(messages(1, 7), "other"), (RateDebts{7s, 0s, 0s}));
}

TEST_F(RedisRatesTest, RedisThatIsAwayIsNoAnswer)
{
    server.kill();
    ASSERT_TRUE(until([&] { return client.state() == RedisState::Down; }));
    EXPECT_FALSE(report(messages(1, 1)));
    server.start(RedisServer::Data::Lost);
    ASSERT_TRUE(until([&] { return client.state() == RedisState::Up; }));
    EXPECT_EQ(debt(messages(1, 7)), 7s);
}

TEST_F(RedisRatesTest, RefusalIsLoggedOnce)
{
    EXPECT_EQ(debt(messages(1, 7)), 7s);
    const std::string hash = key();
    server.ask({"SET", hash, "a string"});
    EXPECT_FALSE(report(messages(1, 7)));
    EXPECT_FALSE(report(messages(1, 7)));
    EXPECT_EQ(m_log.count("Redis does not add up rates"), 1u) << m_log.text();
    EXPECT_TRUE(m_log.has("WRONGTYPE"));
    server.ask({"DEL", hash});
    server.ask({"HSET", hash, "messages", "nonsense", "messagesAt", "nonsense"});
    EXPECT_EQ(debt(messages(1, 7)), 7s) << "what makes no sense counts as nothing";
}

} // namespace mws::test
