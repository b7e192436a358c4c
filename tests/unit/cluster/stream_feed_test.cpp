#include "cluster/stream_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StreamEntry entry(uint64_t sequence, uint64_t lineage = 0)
{
    const auto nonce = [lineage](uint64_t of) { return of == 0 ? 0 : of * 1000 + lineage; };
    return {{sequence, nonce(sequence)}, nonce(sequence - 1), std::to_string(sequence), {}};
}

class StreamFeedTest : public ::testing::Test, protected StreamFeedOwner
{
protected:
    void readStream(uint64_t request, std::optional<StreamPosition> after) override
    {
        asked = request;
        askedAfter = after ? after->sequence : 0;
        ++asks;
    }
    void positionHeld() override { ++held; }
    void entryCame(StreamEntry &&came) override { delivered.push_back(came.position.sequence); }
    void entriesLost(const char *reason) override { lost.emplace_back(reason); }

    /// Answers what was asked: the stream ends at `last`, of which the entries after `from` come.
    void answer(uint64_t last, std::initializer_list<uint64_t> sequences, bool more = false,
                uint64_t lineage = 0)
    {
        std::vector<StreamEntry> entries;
        for (const uint64_t sequence : sequences)
            entries.push_back(entry(sequence, lineage));
        feed.read(asked, last == 0 ? StreamPosition() : entry(last, lineage).position, std::move(entries),
                  more);
    }
    void hold(uint64_t at)
    {
        feed.subscribed();
        answer(at, {});
        asks = 0;
    }

    StreamFeed feed{*this};
    uint64_t asked = 0, askedAfter = 0;
    int asks = 0, held = 0;
    std::vector<uint64_t> delivered;
    std::vector<std::string> lost;
};

TEST_F(StreamFeedTest, HoldsThePositionBeforeAnythingIsDelivered)
{
    feed.subscribed();
    EXPECT_EQ(asks, 1);
    EXPECT_FALSE(feed.isHeld());
    answer(7, {});
    EXPECT_EQ(held, 1);
    EXPECT_EQ(feed.position()->sequence, 7u);
    feed.pushed(entry(8));
    feed.pushed(entry(9));
    EXPECT_THAT(delivered, ElementsAre(8, 9));
    EXPECT_EQ(asks, 1);
}

TEST_F(StreamFeedTest, ReadsWhatWasPushedWhileThePositionWasAsked)
{
    feed.subscribed();
    feed.pushed(entry(8)); // written after the answer was made, pushed before it arrives
    answer(7, {});
    EXPECT_EQ(asks, 2);
    EXPECT_EQ(askedAfter, 7u);
    answer(8, {8});
    EXPECT_THAT(delivered, ElementsAre(8));
    feed.pushed(entry(9));
    EXPECT_THAT(delivered, ElementsAre(8, 9));
}

TEST_F(StreamFeedTest, BeginsWithTheFirstEntryOfAnEmptyStream)
{
    hold(0);
    feed.pushed(entry(1));
    EXPECT_THAT(delivered, ElementsAre(1));
}

TEST_F(StreamFeedTest, GapInThePushesIsReadFromTheStream)
{
    hold(7);
    feed.pushed(entry(9));
    EXPECT_THAT(delivered, IsEmpty());
    EXPECT_EQ(askedAfter, 7u);
    feed.pushed(entry(10));
    answer(10, {8, 9, 10});
    EXPECT_THAT(delivered, ElementsAre(8, 9, 10));
    EXPECT_THAT(lost, IsEmpty());
    feed.pushed(entry(11));
    EXPECT_THAT(delivered, ElementsAre(8, 9, 10, 11));
}

TEST_F(StreamFeedTest, AfterABreakItGoesOnWhereItWas)
{
    hold(7);
    feed.linkLost();
    feed.pushed(entry(8)); // of a subscription that is over
    feed.subscribed();
    EXPECT_EQ(askedAfter, 7u);
    answer(9, {8}, true);
    EXPECT_EQ(askedAfter, 8u);
    answer(9, {9});
    EXPECT_THAT(delivered, ElementsAre(8, 9));
    EXPECT_EQ(held, 1);
}

TEST_F(StreamFeedTest, EntryIsNotDeliveredTwice)
{
    hold(7);
    feed.pushed(entry(8));
    feed.pushed(entry(8));
    EXPECT_EQ(asks, 0);
    feed.pushed(entry(9));
    feed.pushed(entry(8)); // an old one: the stream is asked, and is as it was
    answer(9, {});
    EXPECT_THAT(delivered, ElementsAre(8, 9));
    EXPECT_THAT(lost, IsEmpty());
}

TEST_F(StreamFeedTest, AnswerOfBeforeABreakIsIgnored)
{
    hold(7);
    feed.check();
    const uint64_t old = asked;
    feed.linkLost();
    feed.subscribed();
    feed.read(old, entry(9).position, {entry(8), entry(9)}, false);
    EXPECT_THAT(delivered, IsEmpty());
    answer(8, {8});
    EXPECT_THAT(delivered, ElementsAre(8));
}

TEST_F(StreamFeedTest, CheckFindsAnEntryWhosePushWasLost)
{
    hold(7);
    feed.check();
    answer(8, {8});
    EXPECT_THAT(delivered, ElementsAre(8));
}

TEST_F(StreamFeedTest, TrimmedEntriesAreLostAndSaidToBe)
{
    hold(7);
    feed.linkLost();
    feed.subscribed();
    answer(12, {10, 11, 12});
    EXPECT_THAT(delivered, IsEmpty());
    EXPECT_THAT(lost, ElementsAre("entries were trimmed"));
    feed.pushed(entry(13));
    EXPECT_THAT(delivered, ElementsAre(13));
}

TEST_F(StreamFeedTest, StreamOfWhichNothingIsLeftWasTrimmed)
{
    hold(7);
    feed.check();
    answer(12, {});
    EXPECT_THAT(lost, ElementsAre("entries were trimmed"));
    EXPECT_EQ(feed.position()->sequence, 12u);
}

TEST_F(StreamFeedTest, StoreThatComesBackWithoutItsDataIsNoticed)
{
    hold(7);
    feed.linkLost();
    feed.subscribed();
    answer(0, {});
    EXPECT_THAT(lost, ElementsAre("the stream went back"));
    feed.pushed(entry(1, 5));
    EXPECT_THAT(delivered, ElementsAre(1));
}

TEST_F(StreamFeedTest, AnotherHistoryOfTheSameLengthIsNoticed)
{
    hold(7);
    feed.linkLost();
    feed.subscribed();
    answer(7, {}, false, 1);
    EXPECT_THAT(lost, ElementsAre("the stream has another history"));
}

TEST_F(StreamFeedTest, AnotherHistoryThatHasGoneOnIsNoticed)
{
    hold(7);
    feed.linkLost();
    feed.subscribed();
    answer(9, {8, 9}, false, 1);
    EXPECT_THAT(delivered, IsEmpty());
    EXPECT_THAT(lost, ElementsAre("the stream has another history"));
    feed.pushed(entry(10, 1));
    EXPECT_THAT(delivered, ElementsAre(10));
}

TEST_F(StreamFeedTest, PushOfAnotherHistoryIsNotDelivered)
{
    hold(7);
    feed.pushed(entry(8, 1));
    EXPECT_THAT(delivered, IsEmpty());
    EXPECT_EQ(asks, 1);
}

} // namespace
} // namespace mws
