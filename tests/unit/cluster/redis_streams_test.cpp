#include "cluster/redis_streams.h"
#include "unit/cluster/held_redis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws::test {
namespace {

using ::testing::ElementsAre;

class RedisStreamsTest : public ::testing::Test, protected StreamListener
{
protected:
    RedisStreamsTest() { streams.setListener(this); }
    void pushed(const GatewayId &gateway, StreamEntry &&entry) override
    {
        pushes.push_back(gateway + " " + entry.body);
    }
    void pushesLost(const GatewayId &gateway) override { lost.push_back(gateway); }
    void storeUp() override {}
    void storeDown() override {}

    /// What the last XREAD names behind STREAMS.
    std::vector<std::string> asked() const
    {
        const std::vector<std::string> &args = redis.calls.back().args;
        return {args.begin() + 6, args.end()};
    }
    std::string stream(const GatewayId &gateway) const { return streams.key(gateway, "s"); }
    static RedisReply text(std::string value)
    {
        return RedisReply::ofText(RedisReply::Kind::String, std::move(value));
    }
    RedisReply entry(const std::string &id, const std::string &body) const
    {
        return RedisReply::ofArray(
            {text(id), RedisReply::ofArray({text("n"), text("a"), text("p"), text("9"), text("t"), text("5"),
                                            text("m"), text(body)})});
    }

    HeldRedis redis;
    RedisStreams streams{redis, "mws", {}};
    std::vector<std::string> pushes;
    std::vector<std::string> lost;
};

/// Of a store that waits for two replicas, in the order of the answers.
class ConfirmedStreamsTest : public ::testing::Test
{
protected:
    using Outcome = StreamAppended::Outcome;
    void append(const std::string &id = {})
    {
        streams.append({"g", 10, "body", id, id},
                       [this](const StreamAppended &appended) { outcomes.push_back(appended.outcome); });
    }
    void answer(size_t call, RedisReply reply, uint64_t connection)
    {
        RedisAnswer answer = RedisAnswer::of(std::move(reply));
        answer.connection = connection;
        redis.handlers[call](std::move(answer));
    }
    static RedisReply words(std::vector<std::string> words)
    {
        std::vector<RedisReply> all;
        for (std::string &word : words)
            all.push_back(RedisReply::ofText(RedisReply::Kind::String, std::move(word)));
        return RedisReply::ofArray(std::move(all));
    }
    static RedisReply written() { return words({"written", "8", "a"}); }

    HeldRedis redis;
    RedisStreams streams{redis, "mws", {.replicas = 2}};
    std::vector<Outcome> outcomes;
};

TEST_F(ConfirmedStreamsTest, ThoseOfOneConnectionWaitTogether)
{
    for (int i = 0; i < 3; ++i)
        append();
    answer(0, written(), 5);
    ASSERT_EQ(redis.calls.size(), 4u);
    EXPECT_THAT(redis.calls.back().args, ElementsAre("WAIT", "2", "1000"));
    EXPECT_EQ(redis.calls.back().lane, redis.calls.front().lane);
    EXPECT_NE(redis.calls.back().lane, 0u); // what is no message does not wait behind it
    answer(1, written(), 5);
    answer(2, written(), 5);
    ASSERT_EQ(redis.calls.size(), 4u);
    EXPECT_THAT(outcomes, ElementsAre());
    answer(3, RedisReply::ofInteger(2), 5);
    EXPECT_THAT(outcomes, ElementsAre(Outcome::Written));
    ASSERT_EQ(redis.calls.size(), 5u);
    answer(4, RedisReply::ofInteger(1), 5);
    EXPECT_THAT(outcomes, ElementsAre(Outcome::Written, Outcome::Unknown, Outcome::Unknown));
    EXPECT_EQ(redis.calls.size(), 5u);
}

TEST_F(ConfirmedStreamsTest, AnotherConnectionKnowsNothingOfWhatWasWritten)
{
    append();
    answer(0, written(), 5);
    answer(1, RedisReply::ofInteger(2), 6);
    EXPECT_THAT(outcomes, ElementsAre(Outcome::Unknown));
}

TEST_F(ConfirmedStreamsTest, RepetitionWaitsToo)
{
    append("id");
    EXPECT_EQ(redis.calls[0].args.back(), "1");
    answer(0, words({"repeated"}), 5);
    ASSERT_EQ(redis.calls.size(), 2u);
    answer(1, RedisReply::ofInteger(0), 5);
    EXPECT_THAT(outcomes, ElementsAre(Outcome::Unknown));
    append("id");
    answer(2, words({"conflict"}), 5);
    EXPECT_EQ(outcomes.back(), Outcome::Conflict);
}

TEST_F(RedisStreamsTest, AsksAnewFromWhatItHasPushed)
{
    streams.follow("g", {7, 1});
    EXPECT_THAT(asked(), ElementsAre(stream("g"), "7-0"));
    redis.handlers.back()(RedisAnswer::of(RedisReply::ofArray({RedisReply::ofArray(
        {text(stream("g")), RedisReply::ofArray({entry("8-0", "a"), entry("9-0", "b")})})})));
    EXPECT_THAT(pushes, ElementsAre("g a", "g b"));
    EXPECT_THAT(asked(), ElementsAre(stream("g"), "9-0"));
}

TEST_F(RedisStreamsTest, QuestionThatTheServerHoldsIsEndedForANewGateway)
{
    streams.follow("g", {7, 1});
    streams.follow("h", {3, 1});
    ASSERT_EQ(redis.calls.size(), 1u);
    ASSERT_EQ(redis.unblocks.size(), 1u);
    redis.unblocks.back()(true);
    redis.handlers.back()(RedisAnswer::of({}));
    EXPECT_EQ(asked().size(), 4u);
}

TEST_F(RedisStreamsTest, QuestionThatIsStillOnItsWayIsEndedAgain)
{
    streams.follow("g", {7, 1});
    streams.follow("h", {3, 1});
    redis.unblocks.back()(false);
    EXPECT_EQ(redis.unblocks.size(), 2u);
}

TEST_F(RedisStreamsTest, GatewayThatComesAfterTheLastOneHasGoneIsAskedForAtOnce)
{
    streams.follow("g", {7, 1});
    streams.unfollow("g");
    streams.follow("h", {3, 1});
    ASSERT_EQ(redis.unblocks.size(), 1u);
    redis.unblocks.back()(true);
    redis.handlers.back()(RedisAnswer::of({}));
    EXPECT_THAT(asked(), ElementsAre(stream("h"), "3-0"));
}

TEST_F(RedisStreamsTest, QuestionWithoutAnAnswerIsToldToAllWhoAreFollowed)
{
    streams.follow("g", {7, 1});
    redis.handlers.back()(RedisAnswer::unknown("the link broke"));
    EXPECT_THAT(lost, ElementsAre("g"));
    EXPECT_EQ(redis.calls.size(), 1u);
}

TEST_F(RedisStreamsTest, EntryThatMakesNoSenseIsNotPushed)
{
    streams.follow("g", {7, 1});
    redis.handlers.back()(RedisAnswer::of(RedisReply::ofArray(
        {RedisReply::ofArray({text(stream("g")), RedisReply::ofArray({text("x"), entry("9-0", "b")})})})));
    EXPECT_THAT(pushes, ElementsAre("g b")); // which does not follow: StreamFeed reads the stream
}

} // namespace
} // namespace mws::test
