#include "redis_test.h"

namespace mws::test {

namespace {

using RedisLinkTest = RedisTest;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

} // namespace

TEST_F(RedisLinkTest, AnswersAHundredThousandCommandsInOrder)
{
    RedisServer server;
    const auto link = upLink(settings(server.url()));
    constexpr int64_t count = 100000;
    int64_t next = 0;
    size_t wrong = 0;
    for (int64_t i = 0; i < count; ++i)
        link->command({.args = {"INCR", "n"}, .deadline = hangs}, [&](const RedisAnswer &answer) {
            wrong += answer.good() && answer.reply.integer == ++next ? 0 : 1;
        });
    EXPECT_TRUE(until([&] { return next + int64_t(wrong) >= count; }));
    EXPECT_EQ(next, count);
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(link->unanswered(), 0u);
    EXPECT_EQ(server.ask({"GET", "n"}), "100000");
}

TEST_F(RedisLinkTest, HoldsNoMoreThanItsQueue)
{
    RedisServer server;
    RedisSettings few = settings(server.url());
    few.queueCommands = 10;
    const auto link = upLink(few);
    Tally tally;
    for (int i = 0; i < 25; ++i)
        link->command({.args = {"INCR", "n"}}, [&](const RedisAnswer &answer) { tally.count(answer); });
    EXPECT_TRUE(until([&] { return tally.sum() == 25; }));
    EXPECT_EQ(tally.answered, 10u);
    EXPECT_EQ(tally.notSent, 15u);
    EXPECT_EQ(server.ask({"GET", "n"}), "10");
}

TEST_F(RedisLinkTest, CarriesBigValues)
{
    RedisServer server;
    const auto link = upLink(settings(server.url()));
    std::string value(8 << 20, '\0');
    for (size_t i = 0; i < value.size(); ++i)
        value[i] = char(i * 2654435761u >> 13);
    EXPECT_TRUE(ask(*link, {.args = {"SET", "big", value}, .deadline = hangs}).good());
    const RedisAnswer answer = ask(*link, {.args = {"GET", "big"}, .deadline = hangs});
    ASSERT_TRUE(answer.good());
    EXPECT_TRUE(answer.reply.text == value);
}

TEST_F(RedisLinkTest, NamesItselfAndTakesTheDatabase)
{
    RedisServer server;
    RedisSettings named = settings(server.url() + "/3");
    named.clientName = "mws-gateway:node-7";
    const auto link = upLink(named);
    EXPECT_TRUE(ask(*link, {.args = {"SET", "a", "b"}}).good());
    EXPECT_EQ(server.ask({"-n", "3", "GET", "a"}), "b");
    EXPECT_THAT(server.ask({"CLIENT", "LIST"}), HasSubstr("name=mws-gateway:node-7"));
    EXPECT_THAT(server.ask({"CLIENT", "LIST"}), HasSubstr("id=" + std::to_string(link->clientId()) + ' '));
}

TEST_F(RedisLinkTest, NeedsTheRightPassword)
{
    RedisServer server({.password = "correct-horse"});
    RedisSettings wrong = settings("redis://:battery-staple@127.0.0.1:" + std::to_string(server.port()));
    RedisLink link(wrong, surroundings());
    link.start();
    EXPECT_TRUE(until([&] { return m_log.has("the password or the user is wrong"); }));
    RedisLink none(settings("redis://127.0.0.1:" + std::to_string(server.port())), surroundings());
    none.start();
    EXPECT_TRUE(until([&] { return m_log.has("it asks for a password"); }));
    EXPECT_EQ(link.state(), RedisState::Down);
    EXPECT_EQ(none.state(), RedisState::Down);
    EXPECT_EQ(ask(link, {.args = {"PING"}}).outcome, RedisAnswer::Outcome::NotSent);
    const auto right = upLink(settings(server.url()));
    EXPECT_TRUE(ask(*right, {.args = {"SET", "a", "b"}}).good());
    // The same reason is told once, however often it is tried.
    EXPECT_EQ(m_log.count("the password or the user is wrong"), 1u);
    EXPECT_THAT(m_log.text(), Not(HasSubstr("battery-staple")));
    EXPECT_THAT(m_log.text(), Not(HasSubstr("correct-horse")));
}

TEST_F(RedisLinkTest, KnowsUsers)
{
    RedisServer server;
    server.ask({"ACL", "SETUSER", "mws", "on", ">correct-horse", "~*", "+@all"});
    const std::string place = "127.0.0.1:" + std::to_string(server.port());
    const auto link = upLink(settings("redis://mws:correct-horse@" + place));
    EXPECT_EQ(ask(*link, {.args = {"ACL", "WHOAMI"}}).reply.text, "mws");
    RedisLink needless(settings("redis://:battery-staple@" + place), surroundings());
    needless.start();
    EXPECT_TRUE(until([&] { return m_log.has("it takes no password, or knows no users"); }));
}

TEST_F(RedisLinkTest, TrustsThePrivateAuthorityThatItWasGiven)
{
    const TestCertificates certificates;
    RedisServer server({.password = "correct-horse", .certificates = &certificates});
    RedisSettings trusting = settings(server.url());
    trusting.caFile = certificates.certificate("ca");
    const auto link = upLink(trusting);
    std::string value(1 << 20, 'x');
    EXPECT_TRUE(ask(*link, {.args = {"SET", "a", value}, .deadline = hangs}).good());
    EXPECT_TRUE(ask(*link, {.args = {"GET", "a"}, .deadline = hangs}).reply.text == value);

    RedisSettings mistrusting = trusting;
    mistrusting.caFile = certificates.certificate("other-ca");
    RedisLink refusing(mistrusting, surroundings());
    refusing.start();
    EXPECT_TRUE(until([&] { return m_log.has("redis cannot be used"); }));
    EXPECT_THAT(m_log.text(), HasSubstr("certificate"));
    EXPECT_NE(refusing.state(), RedisState::Up);

    RedisSettings lost = trusting;
    lost.caFile = certificates.file("nothing-here.pem");
    RedisLink blind(lost, surroundings());
    blind.start();
    EXPECT_TRUE(until([&] { return m_log.has("redis.ca_file cannot be read"); }));

    RedisSettings careless = mistrusting;
    careless.verifyCertificate = false;
    EXPECT_TRUE(ask(*upLink(careless), {.args = {"PING"}}).good());
    EXPECT_THAT(m_log.text(), Not(HasSubstr("correct-horse")));
}

TEST_F(RedisLinkTest, PipelinesOverTls)
{
    const TestCertificates certificates;
    RedisServer server({.certificates = &certificates});
    RedisSettings trusting = settings(server.url());
    trusting.caFile = certificates.certificate("ca");
    const auto link = upLink(trusting);
    int64_t next = 0;
    for (int i = 0; i < 20000; ++i)
        link->command({.args = {"INCR", "n"}, .deadline = hangs},
                      [&](const RedisAnswer &answer) { EXPECT_EQ(answer.reply.integer, ++next); });
    EXPECT_TRUE(until([&] { return next == 20000; }));
}

TEST_F(RedisLinkTest, GoesToTheServerThatIsThePrimary)
{
    RedisServer primary;
    RedisServer replica;
    replica.ask({"REPLICAOF", "127.0.0.1", std::to_string(primary.port())});
    const auto link = upLink(settings(replica.url() + ",127.0.0.1:" + std::to_string(primary.port())));
    EXPECT_TRUE(m_log.has("it is a replica, which takes no writes"));
    EXPECT_TRUE(ask(*link, {.args = {"SET", "a", "b"}}).good());
    EXPECT_EQ(primary.ask({"GET", "a"}), "b");
}

TEST_F(RedisLinkTest, AnswersEverythingWhenItIsClosed)
{
    RedisServer server;
    const auto link = upLink(settings(server.url()));
    Tally tally;
    link->command({.args = {"BLPOP", "nothing", "0"}, .blocks = hangs},
                  [&](const RedisAnswer &answer) { tally.count(answer); });
    EXPECT_TRUE(until([&] { return server.ask({"CLIENT", "LIST"}).find("cmd=blpop") != std::string::npos; }));
    link->command({.args = {"PING"}}, [&](const RedisAnswer &answer) { tally.count(answer); });
    link->close();
    EXPECT_EQ(tally.unknown, 1u);
    EXPECT_EQ(tally.notSent, 1u); // its bytes had not left
    link->command({.args = {"PING"}}, [&](const RedisAnswer &answer) { tally.count(answer); });
    EXPECT_TRUE(until([&] { return tally.notSent == 2; }));
}

} // namespace mws::test
