#include "redis/redis_pipeline.h"

#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using namespace std::chrono_literals;
using Outcome = RedisAnswer::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

class RedisPipelineTest : public testing::Test
{
protected:
    /// Why it was not taken. Its end goes to `told`, by its name.
    std::string add(const std::string &name, RedisCall call = {})
    {
        call.args = {name};
        RedisHandler handler = [this, name](const RedisAnswer &answer) {
            told.push_back(name + (answer.answered()                    ? " answered"
                                   : answer.outcome == Outcome::NotSent ? " not sent"
                                                                        : " unknown"));
        };
        return pipeline.add(call, handler, clock.now());
    }
    std::string take(size_t most = 1000) { return pipeline.take(most, clock.now()); }
    static std::string wire(const std::string &name)
    {
        return "*1\r\n$" + std::to_string(name.size()) + "\r\n" + name + "\r\n";
    }
    void answer()
    {
        const auto handler = pipeline.answered(clock.now());
        ASSERT_TRUE(handler);
        if (*handler)
            (*handler)(RedisAnswer::of({}));
    }
    void tell(RedisPipeline::Endings endings)
    {
        for (auto &[handler, ending] : endings)
            handler(ending);
    }

    test::FakeClock clock;
    RedisPipeline pipeline{{.commands = 4, .bytes = 1000, .replyTimeout = 2s}};
    std::vector<std::string> told;
};

} // namespace

TEST_F(RedisPipelineTest, AnswersInOrder)
{
    for (const char *name : {"a", "b", "c"})
        EXPECT_EQ(add(name), "");
    EXPECT_EQ(take(), wire("a") + wire("b") + wire("c"));
    for (int i = 0; i < 3; ++i)
        answer();
    EXPECT_THAT(told, ElementsAre("a answered", "b answered", "c answered"));
    EXPECT_FALSE(pipeline.answered(clock.now())); // to nothing
    EXPECT_EQ(pipeline.bytes(), 0u);
}

TEST_F(RedisPipelineTest, TellsWhatWasSentFromWhatWasNot)
{
    for (const char *name : {"a", "b", "c", "d"})
        add(name);
    EXPECT_EQ(take(12), wire("a") + wire("b")); // whole ones
    answer();
    tell(pipeline.end("gone"));
    EXPECT_THAT(told, ElementsAre("a answered", "b unknown", "c not sent", "d not sent"));
    EXPECT_EQ(pipeline.size(), 0u);
    EXPECT_EQ(pipeline.bytes(), 0u);
    EXPECT_EQ(add("e"), "");
    EXPECT_EQ(take(), wire("e"));
}

TEST_F(RedisPipelineTest, HoldsNoMoreThanItsLimits)
{
    EXPECT_EQ(add(std::string(2000, 'x')), "too many bytes wait for Redis");
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(add("a"), "");
    EXPECT_EQ(add("b"), "too many commands wait for Redis");
    take();
    EXPECT_EQ(add("b"), "too many commands wait for Redis"); // sent ones count
    answer();
    EXPECT_EQ(add("b"), "");
    RedisHandler nobody;
    EXPECT_EQ(pipeline.add({}, nobody, clock.now()), "a command without a name");
}

TEST_F(RedisPipelineTest, DropsAtTheDeadlineWhatWasNotSent)
{
    add("a", {.deadline = 1s});
    add("b", {.deadline = 3s});
    EXPECT_EQ(pipeline.nextDeadline(), clock.now() + 1s);
    clock.advance(999ms);
    EXPECT_THAT(pipeline.expire(clock.now()), IsEmpty());
    clock.advance(1ms);
    tell(pipeline.expire(clock.now()));
    EXPECT_THAT(told, ElementsAre("a not sent"));
    EXPECT_EQ(take(), wire("b"));
}

TEST_F(RedisPipelineTest, KeepsThePlaceOfALateAnswer)
{
    add("a", {.deadline = 1s});
    add("b", {.deadline = 3s});
    take();
    clock.advance(1s);
    tell(pipeline.expire(clock.now()));
    EXPECT_THAT(told, ElementsAre("a unknown"));
    answer(); // to a: nobody hears it
    answer();
    EXPECT_THAT(told, ElementsAre("a unknown", "b answered"));
}

TEST_F(RedisPipelineTest, GivesABlockingCommandItsTime)
{
    add("block", {.blocks = 5s});
    EXPECT_EQ(pipeline.nextDeadline(), clock.now() + 7s);
    EXPECT_FALSE(pipeline.overdueAt(clock.now())); // not sent, so nothing is owed
    take();
    EXPECT_EQ(pipeline.overdueAt(clock.now() - 1h), clock.now() + 7s);
    clock.advance(6999ms);
    EXPECT_FALSE(pipeline.isOverdue({}, clock.now()));
    clock.advance(1ms);
    EXPECT_TRUE(pipeline.isOverdue({}, clock.now()));
}

TEST_F(RedisPipelineTest, IsPatientWhileBytesCome)
{
    add("a", {.deadline = 1h});
    take();
    const SteadyTime begun = clock.now();
    clock.advance(2s);
    EXPECT_TRUE(pipeline.isOverdue(begun, clock.now()));
    EXPECT_FALSE(pipeline.isOverdue(clock.now() - 1ms, clock.now()));
    // But not for ever: a server that trickles would hold everybody up.
    clock.advance(18s);
    EXPECT_TRUE(pipeline.isOverdue(clock.now(), clock.now()));
}

} // namespace mws
