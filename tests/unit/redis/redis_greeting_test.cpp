#include "redis/redis_greeting.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

using Step = RedisGreeting::Step;

RedisReply error(const char *text)
{
    return RedisReply::ofText(RedisReply::Kind::Error, text);
}

RedisReply status(const char *text)
{
    return RedisReply::ofText(RedisReply::Kind::Status, text);
}

std::vector<std::string> flat(const RedisSettings &settings, bool needPrimary)
{
    std::vector<std::string> all;
    for (const auto &command : RedisGreeting::commands(settings, needPrimary))
        for (const std::string &arg : command.args)
            all.push_back(arg);
    return all;
}

} // namespace

TEST(RedisGreeting, AsksForWhatIsConfiguredAndNoMore)
{
    using Words = std::vector<std::string>;
    EXPECT_EQ(flat({}, false), (Words{"CLIENT", "ID", "PING"}));
    RedisSettings settings;
    settings.password = "p";
    EXPECT_EQ(flat(settings, true), (Words{"AUTH", "p", "CLIENT", "ID", "ROLE", "PING"}));
    settings.user = "u";
    settings.clientName = "mws";
    settings.database = 3;
    EXPECT_EQ(flat(settings, true), (Words{"AUTH", "u", "p", "CLIENT", "SETNAME", "mws", "CLIENT", "ID",
                                           "SELECT", "3", "ROLE", "PING"}));
}

TEST(RedisGreeting, IsContentWithAGoodServer)
{
    EXPECT_FALSE(RedisGreeting::problem(Step::Auth, status("OK")));
    EXPECT_FALSE(RedisGreeting::problem(Step::Name, status("OK")));
    EXPECT_FALSE(RedisGreeting::problem(Step::Id, RedisReply::ofInteger(4)));
    EXPECT_FALSE(RedisGreeting::problem(Step::Select, status("OK")));
    EXPECT_FALSE(RedisGreeting::problem(Step::Ping, status("PONG")));
    // Managed servers forbid these; one can do without.
    for (const Step step : {Step::Name, Step::Id, Step::Role})
        EXPECT_FALSE(RedisGreeting::problem(step, error("NOPERM no permissions to run the command")));
}

TEST(RedisGreeting, SaysWhatIsWrongInItsOwnWords)
{
    EXPECT_EQ(RedisGreeting::problem(Step::Ping, error("LOADING Redis is loading the dataset in memory")),
              "it is loading its data");
    EXPECT_EQ(RedisGreeting::problem(Step::Auth, error("WRONGPASS invalid username-password pair")),
              "the password or the user is wrong");
    EXPECT_EQ(RedisGreeting::problem(Step::Id, error("NOAUTH Authentication required.")),
              "it asks for a password: set redis.password, or one in redis.url");
    EXPECT_EQ(RedisGreeting::problem(Step::Auth, error("ERR hunter2 is no password")),
              "it takes no password, or knows no users: unset redis.password");
    EXPECT_EQ(RedisGreeting::problem(Step::Ping, error("hunter2")), "it does not answer PING as Redis does");
    const RedisReply replica = RedisReply::ofArray({RedisReply::ofText(RedisReply::Kind::String, "slave")});
    EXPECT_EQ(RedisGreeting::problem(Step::Role, replica), "it is a replica, which takes no writes");
    EXPECT_TRUE(RedisGreeting::problem(Step::Select, error("ERR DB index is out of range")));
    EXPECT_TRUE(RedisGreeting::problem(Step::Name, error("ERR max number of clients reached")));
}

TEST(RedisGreeting, KnowsAServerThatIsNoMoreWhatItWas)
{
    EXPECT_TRUE(
        RedisGreeting::problemLater(error("READONLY You can't write against a read only replica."), true));
    EXPECT_FALSE(
        RedisGreeting::problemLater(error("READONLY You can't write against a read only replica."), false));
    EXPECT_TRUE(RedisGreeting::problemLater(error("LOADING Redis is loading"), false));
    EXPECT_FALSE(RedisGreeting::problemLater(error("WRONGTYPE Operation against a key"), true));
    EXPECT_FALSE(RedisGreeting::problemLater(status("LOADING"), true));
}

} // namespace mws
