#include "cluster/node_calls.h"

#include "cluster/node_letter.h"
#include "fake_node_post.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct TestNode
{
    TestNode(FakePostOffice &office, const Clock &clock, const NodeId &id, NodeCallsOptions options = {})
        : post(office, id), calls(id, post, clock, metrics, options)
    {
        calls.setHandler([this, id](std::string &&request, std::function<void(std::string)> answer) {
            executed.push_back(request);
            if (later)
                waiting.push_back(std::move(answer));
            else
                answer(reply.empty() ? id + " heard " + request : reply);
        });
    }

    BrokerMetrics metrics;
    FakeNodePost post;
    NodeCalls calls;
    std::vector<std::string> executed;
    std::string reply;
    bool later = false;
    std::vector<std::function<void(std::string)>> waiting;
};

class NodeCallsTest : public ::testing::Test
{
protected:
    using Asked = std::optional<Result<NodeCalls::Answers>>;

    void ask(std::vector<NodeId> nodes, const std::string &request = "who?",
             std::chrono::milliseconds patience = 2s)
    {
        result.reset();
        a.calls.ask(nodes, request, patience, [this](Result<NodeCalls::Answers> answers) {
            ++timesAnswered;
            result = std::move(answers);
        });
    }
    NodeCalls::Answers answers() const
    {
        EXPECT_TRUE(result && *result);
        return result && *result ? **result : NodeCalls::Answers();
    }
    void settle()
    {
        while (a.post.settle() | b.post.settle() | c.post.settle()) {
        }
    }

    Asked result; // before the nodes, which answer at their end what is open
    int timesAnswered = 0;
    FakeClock clock;
    FakePostOffice office{clock};
    TestNode a{office, clock, "a"};
    TestNode b{office, clock, "b"};
    TestNode c{office, clock, "c"};
};

TEST_F(NodeCallsTest, AnswersComeInTheOrderOfTheNodesThatWereAsked)
{
    ask({"c", "b", "a"});
    EXPECT_FALSE(result);
    settle();
    EXPECT_THAT(answers(), ElementsAre("c heard who?", "b heard who?", "a heard who?"));
    EXPECT_EQ(a.metrics.calls[CallResult::Answered].value(), 3u);
    EXPECT_EQ(b.metrics.callsExecuted.value(), 1u);
    EXPECT_EQ(a.calls.open(), 0u);
}

TEST_F(NodeCallsTest, AnyBytesAreAskedAndAnswered)
{
    b.reply = std::string("\x00\xff\n", 3);
    ask({"b"}, std::string("\x00", 1));
    settle();
    EXPECT_THAT(answers(), ElementsAre(b.reply));
    EXPECT_THAT(b.executed, ElementsAre(std::string("\x00", 1)));
}

TEST_F(NodeCallsTest, WithNobodyToAskItAnswersAtOnce)
{
    ask({});
    EXPECT_THAT(answers(), IsEmpty());
}

TEST_F(NodeCallsTest, NodeThatDoesNotAnswerIsWaitedForUntilPatienceEnds)
{
    ask({"b", "gone"}, "who?", 2s);
    settle();
    clock.advance(1999ms);
    a.calls.tick();
    EXPECT_FALSE(result);
    clock.advance(1ms);
    a.calls.tick();
    EXPECT_THAT(answers(), ElementsAre("b heard who?", std::nullopt));
    EXPECT_EQ(a.metrics.calls[CallResult::TimedOut].value(), 1u);
    EXPECT_EQ(a.calls.open(), 0u);
}

TEST_F(NodeCallsTest, AnswerThatComesTooLateIsLeftAlone)
{
    ask({"b"});
    a.post.perform();
    b.post.read();
    b.post.perform();
    clock.advance(2s);
    a.calls.tick();
    EXPECT_THAT(answers(), ElementsAre(std::nullopt));
    settle();
    EXPECT_EQ(timesAnswered, 1);
}

TEST_F(NodeCallsTest, QuestionThatWasNotSentIsAnsweredAtOnce)
{
    a.post.breakLink(0);
    ask({"b", "c"});
    a.post.settle();
    EXPECT_THAT(answers(), ElementsAre(std::nullopt, std::nullopt));
    EXPECT_EQ(a.metrics.calls[CallResult::NotSent].value(), 2u);
}

TEST_F(NodeCallsTest, QuestionWhoseFateIsUnknownMayStillBeAnswered)
{
    ask({"b"});
    a.post.breakLink(1);
    EXPECT_FALSE(result);
    a.post.mendLink();
    settle();
    EXPECT_THAT(answers(), ElementsAre("b heard who?"));
}

TEST_F(NodeCallsTest, QuestionWhoseFateIsUnknownIsNotRepeated)
{
    ask({"b"});
    a.post.breakLink(0);
    a.post.mendLink();
    settle();
    clock.advance(2s);
    a.calls.tick();
    settle();
    EXPECT_THAT(answers(), ElementsAre(std::nullopt));
    EXPECT_THAT(b.executed, IsEmpty());
}

TEST_F(NodeCallsTest, QuestionOlderThanTheAskersPatienceIsNotExecuted)
{
    ask({"b", "c"}, "who?", 2s);
    a.post.settle();
    clock.advance(1999ms);
    b.post.settle();
    EXPECT_THAT(b.executed, ElementsAre("who?"));
    clock.advance(1ms);
    c.post.settle();
    EXPECT_THAT(c.executed, IsEmpty());
}

TEST_F(NodeCallsTest, AnswerAfterTheAskersPatienceIsNotSent)
{
    b.later = true;
    ask({"b"}, "who?", 2s);
    settle();
    ASSERT_EQ(b.waiting.size(), 1u);
    clock.advance(2s);
    b.waiting[0]("me");
    EXPECT_FALSE(b.post.settle());
}

TEST_F(NodeCallsTest, HandlerMayAnswerLater)
{
    b.later = true;
    ask({"b"});
    settle();
    EXPECT_FALSE(result);
    b.waiting[0]("me");
    b.waiting[0]("me again");
    settle();
    EXPECT_THAT(answers(), ElementsAre("me"));
    EXPECT_EQ(timesAnswered, 1);
}

/// Redis that comes back with data of the past has them once more.
TEST_F(NodeCallsTest, LettersThatComeAgainAreNotExecutedAgain)
{
    ask({"b"});
    settle();
    office.goBack();
    settle();
    EXPECT_THAT(b.executed, ElementsAre("who?"));
    EXPECT_EQ(timesAnswered, 1);
}

TEST_F(NodeCallsTest, AnswerOfAnotherNodeThanTheOneThatWasAskedIsLeftAlone)
{
    ask({"b"});
    c.post.send("a", encode(NodeLetter{NodeLetter::Kind::Answer, 1, "c", {}, "me"}), [](NodePost::Sent) {});
    c.post.settle();
    a.post.read();
    EXPECT_FALSE(result);
}

TEST_F(NodeCallsTest, LetterThatMakesNoSenseIsPassedOver)
{
    c.post.send("b", "nonsense", [](NodePost::Sent) {});
    settle();
    ask({"b"});
    settle();
    EXPECT_THAT(answers(), ElementsAre("b heard who?"));
}

TEST_F(NodeCallsTest, QuestionThatIsTooLongIsRefused)
{
    ask({"b"}, std::string(NodeCalls::longestBody, 'x'));
    settle();
    EXPECT_EQ(answers().size(), 1u);
    EXPECT_EQ(b.executed.size(), 1u);
    ask({"b"}, std::string(NodeCalls::longestBody + 1, 'x'));
    ASSERT_TRUE(result && !*result);
    EXPECT_EQ(result->error().code, ErrorCode::PayloadTooLarge);
    EXPECT_EQ(result->error().detail,
              "A question to other nodes has 1047553 bytes, at most 1047552 are sent");
    EXPECT_FALSE(a.post.settle());
}

TEST_F(NodeCallsTest, AnswerThatIsTooLongEndsTheCallAtOnce)
{
    b.reply = std::string(NodeCalls::longestBody + 1, 'x');
    ask({"b"});
    settle();
    EXPECT_THAT(answers(), ElementsAre(std::nullopt));
    EXPECT_EQ(a.metrics.calls[CallResult::Refused].value(), 1u);
    b.reply.pop_back();
    ask({"b"});
    settle();
    EXPECT_EQ(answers()[0].value_or("").size(), NodeCalls::longestBody);
}

TEST_F(NodeCallsTest, AskerTakesOnlySoManyBytesOfAnswers)
{
    NodeCallsOptions small;
    small.answerBytes = 10;
    TestNode d(office, clock, "d", small);
    b.reply = c.reply = "123456";
    for (int round = 0; round < 2; ++round) { // the bytes of the first are free again
        std::optional<NodeCalls::Answers> got;
        d.calls.ask({"b", "c"}, "who?", 2s, [&](Result<NodeCalls::Answers> all) { got = *std::move(all); });
        d.post.settle();
        settle();
        d.post.settle();
        ASSERT_TRUE(got);
        EXPECT_THAT(*got, ElementsAre("123456", std::nullopt));
    }
    EXPECT_EQ(d.metrics.calls[CallResult::TooMuch].value(), 2u);
}

TEST_F(NodeCallsTest, AskerWaitsForOnlySoMany)
{
    NodeCallsOptions few;
    few.calls = 3;
    TestNode d(office, clock, "d", few);
    int good = 0;
    std::optional<Error> error;
    const auto count = [&](const Result<NodeCalls::Answers> &all) {
        good += all ? 1 : 0;
        if (!all)
            error = all.error();
    };
    d.calls.ask({"b", "c"}, "who?", 2s, count);
    d.calls.ask({"b", "c"}, "who?", 2s, count);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::Unavailable);
    EXPECT_GT(error->retryAfter.count(), 0);
    d.calls.ask({"b"}, "who?", 2s, count);
    d.post.settle();
    settle();
    d.post.settle();
    EXPECT_EQ(good, 2);
}

TEST_F(NodeCallsTest, WhatIsOpenAtTheEndIsAnswered)
{
    int times = 0;
    {
        TestNode d(office, clock, "d");
        d.calls.ask({"b", "gone"}, "who?", 2s, [&](Result<NodeCalls::Answers> all) {
            ++times;
            EXPECT_THAT(*all, ElementsAre("b heard who?", std::nullopt));
        });
        d.post.settle();
        settle();
        d.post.settle();
        EXPECT_EQ(times, 0);
    }
    EXPECT_EQ(times, 1);
}

TEST_F(NodeCallsTest, HandlersAnswerAfterTheEndIsDropped)
{
    std::function<void(std::string)> answer;
    {
        TestNode d(office, clock, "d");
        d.later = true;
        ask({"d"});
        settle();
        d.post.settle();
        ASSERT_EQ(d.waiting.size(), 1u);
        answer = d.waiting[0];
    }
    answer("too late");
    clock.advance(2s);
    a.calls.tick();
    EXPECT_THAT(answers(), ElementsAre(std::nullopt));
}

TEST_F(NodeCallsTest, DoneMayAskAgain)
{
    std::vector<std::string> got;
    a.calls.ask({"gone"}, "first", 1s, [&](const Result<NodeCalls::Answers> &) {
        a.calls.ask({"b"}, "second", 1s,
                    [&](const Result<NodeCalls::Answers> &all) { got.push_back((*all)[0].value_or("")); });
    });
    a.post.settle();
    clock.advance(1s);
    a.calls.tick();
    settle();
    EXPECT_THAT(got, ElementsAre("b heard second"));
}

} // namespace
} // namespace mws::test
