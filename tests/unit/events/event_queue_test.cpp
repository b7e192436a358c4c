#include "events/event_queue.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::FakeClock;
using End = EventQueue::End;

EventSettings settingsOf(seconds fold = seconds(0))
{
    EventSettings settings;
    settings.url = "https://backend.example.com/events";
    settings.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
    settings.fold = fold;
    return settings;
}

SocketId socketOf(char name)
{
    return *SocketId::parse(std::string(32, name));
}

/// A queue with a clock and no jitter.
class EventQueueTest : public ::testing::Test
{
protected:
    uint64_t add(char socket, EventType type = EventType::Message, const std::string &user = {},
                 const std::string &body = "{}")
    {
        QueuedEvent event;
        event.sequence = ++m_last;
        event.id = "msg_" + std::to_string(m_last);
        event.socket = socketOf(socket);
        event.type = type;
        event.user = user;
        event.created = clock.wall();
        if (type == EventType::Disconnected && queue.settings().fold.count() > 0)
            event.heldUntil = clock.wall() + queue.settings().fold;
        event.body = body;
        queue.add(event);
        return m_last;
    }
    /// All that can be sent now.
    std::vector<uint64_t> sent()
    {
        std::vector<uint64_t> sequences;
        while (const QueuedEvent *event = queue.next())
            sequences.push_back(event->sequence);
        return sequences;
    }
    /// What left for a reason since the last call of any kind.
    std::vector<uint64_t> ended(End end)
    {
        std::vector<uint64_t> sequences;
        for (const EventQueue::Ended &one : queue.takeEnded())
            if (one.end == end)
                sequences.push_back(one.sequence);
        return sequences;
    }
    void accept(uint64_t sequence) { queue.answered(sequence, {204, std::nullopt}); }
    void fail(uint64_t sequence, int status = 500, std::optional<seconds> retryAfter = {})
    {
        queue.answered(sequence, {status, retryAfter});
    }

    FakeClock clock;
    EventQueue queue{settingsOf(), clock, [] { return 0.5; }};

private:
    uint64_t m_last = 0;
};

using Sequences = std::vector<uint64_t>;

} // namespace

TEST_F(EventQueueTest, SendsTheNextOfASocketWhenTheOneBeforeIsAccepted)
{
    add('a'), add('a'), add('b'), add('a');
    EXPECT_EQ(sent(), (Sequences{1, 3}));
    accept(3);
    EXPECT_EQ(sent(), Sequences{});
    accept(1);
    EXPECT_EQ(sent(), Sequences{2});
    accept(2);
    EXPECT_EQ(sent(), Sequences{4});
    accept(4);
    EXPECT_EQ(ended(End::Accepted), (Sequences{3, 1, 2, 4}));
    EXPECT_EQ(queue.size(), 0u);
    EXPECT_EQ(queue.bytes(), 0u);
}

TEST_F(EventQueueTest, KeepsItsOrderOverFailures)
{
    add('a'), add('a');
    EXPECT_EQ(sent(), Sequences{1});
    fail(1);
    EXPECT_EQ(sent(), Sequences{});
    clock.advance(milliseconds(4999));
    EXPECT_EQ(sent(), Sequences{});
    clock.advance(milliseconds(1));
    EXPECT_EQ(sent(), Sequences{1});
    fail(1, 0);
    clock.advance(milliseconds(9999));
    EXPECT_EQ(sent(), Sequences{});
    EXPECT_EQ(*queue.due(), clock.now() + milliseconds(1));
    clock.advance(milliseconds(1));
    EXPECT_EQ(sent(), Sequences{1});
    accept(1);
    EXPECT_EQ(sent(), Sequences{2});
}

TEST_F(EventQueueTest, HasSoManyUnderWay)
{
    for (char socket = 'a'; socket < char('a' + EventQueue::parallel + 4); ++socket)
        add(socket);
    EXPECT_EQ(sent().size(), EventQueue::parallel);
    EXPECT_FALSE(queue.due());
    accept(3);
    EXPECT_EQ(sent(), Sequences{EventQueue::parallel + 1});
}

TEST_F(EventQueueTest, AnEventThatFailsHoldsUpNoOtherSocket)
{
    add('a');
    EXPECT_EQ(sent(), Sequences{1});
    for (uint64_t next = 2; next < 50; ++next) {
        fail(1);
        add('b');
        EXPECT_EQ(sent(), Sequences{next});
        accept(next);
        EXPECT_EQ(queue.failures(), 0u);
        clock.advance(hours(2));
        if (sent() != Sequences{1})
            break; // given up after a day
    }
    EXPECT_EQ(ended(End::GivenUp), Sequences{1});
}

TEST_F(EventQueueTest, ADeadEndpointIsAskedByOneEventAtATime)
{
    for (char socket = 'a'; socket < 'z'; ++socket)
        add(socket);
    Sequences first = sent();
    EXPECT_EQ(first.size(), EventQueue::parallel);
    for (const uint64_t sequence : first) // they began together: one failure is all that is known
        fail(sequence, 0);
    EXPECT_EQ(queue.failures(), 1u);
    for (int round = 0; round < 2; ++round) {
        first = sent();
        EXPECT_GT(first.size(), 1u);
        for (const uint64_t sequence : first)
            fail(sequence, 0);
        clock.advance(seconds(60));
    }
    EXPECT_EQ(queue.failures(), 3u);
    const Sequences probe = sent();
    EXPECT_EQ(probe.size(), 1u);
    fail(probe.front(), 503);
    EXPECT_EQ(sent(), Sequences{});
    EXPECT_LE(*queue.due() - clock.now(), EventQueue::longestProbePause);
    clock.advance(EventQueue::longestProbePause);
    const Sequences again = sent();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_NE(again, probe); // one that fails by its own fault must not stand in the way
    accept(again.front());
    EXPECT_EQ(sent().size(), EventQueue::parallel); // all are set free
}

TEST_F(EventQueueTest, WaitsAsLongAsItIsToldWithinAnHour)
{
    add('a'), add('b');
    EXPECT_EQ(sent(), (Sequences{1, 2}));
    fail(1, 429, seconds(30));
    accept(2);
    add('c');
    EXPECT_EQ(sent(), Sequences{}); // all of the endpoint wait
    clock.advance(seconds(30));
    EXPECT_EQ(sent(), (Sequences{3, 1}));
    fail(1, 503, hours(1000));
    clock.advance(milliseconds(3599999));
    EXPECT_EQ(sent(), Sequences{});
    clock.advance(milliseconds(1));
    EXPECT_EQ(sent(), Sequences{1});
    fail(1, 503, seconds(-5));
    clock.advance(seconds(20));
    EXPECT_EQ(sent(), Sequences{1});
}

TEST_F(EventQueueTest, GivesUpAfterADay)
{
    add('a'), add('a');
    EXPECT_EQ(sent(), Sequences{1});
    clock.advance(hours(24) - milliseconds(1));
    fail(1);
    EXPECT_EQ(ended(End::GivenUp), Sequences{});
    clock.advance(hours(1));
    EXPECT_EQ(sent(), Sequences{});
    EXPECT_EQ(ended(End::GivenUp), (Sequences{1, 2}));
    add('a');
    EXPECT_EQ(sent(), Sequences{3});
    clock.advance(hours(24));
    fail(3);
    EXPECT_EQ(ended(End::GivenUp), Sequences{3});
}

TEST_F(EventQueueTest, TheOldestGiveWay)
{
    EventSettings settings = settingsOf();
    settings.queueEvents = 3;
    queue.configure(settings);
    add('a'), add('a'), add('b');
    EXPECT_EQ(queue.next()->sequence, 1u);
    add('c');
    EXPECT_EQ(ended(End::Dropped), Sequences{2}); // not the one that is under way
    add('c');
    EXPECT_EQ(ended(End::Dropped), Sequences{3});
    accept(1);
    EXPECT_EQ(sent(), Sequences{4});
    EXPECT_EQ(queue.size(), 2u);
}

TEST_F(EventQueueTest, BytesAreBounded)
{
    EventSettings settings = settingsOf();
    settings.queueBytes = 10;
    queue.configure(settings);
    add('a', EventType::Message, {}, "1234");
    add('b', EventType::Message, {}, "123456");
    EXPECT_EQ(queue.bytes(), 10u);
    add('c', EventType::Message, {}, "12345");
    EXPECT_EQ(ended(End::Dropped), (Sequences{1, 2}));
    EXPECT_EQ(queue.bytes(), 5u);
    add('d', EventType::Message, {}, "12345678901");
    EXPECT_EQ(ended(End::Dropped), Sequences{4});
    EXPECT_EQ(sent(), Sequences{3});
}

TEST_F(EventQueueTest, GoneTurnsItOffUntilAnotherUrlIsSet)
{
    add('a'), add('b'), add('a');
    EXPECT_EQ(sent(), (Sequences{1, 2}));
    fail(1, 410);
    EXPECT_TRUE(queue.isOff());
    EXPECT_EQ(ended(End::Dropped), (Sequences{1, 2, 3}));
    accept(2); // nobody asks any more
    add('a');
    EXPECT_EQ(ended(End::Dropped), Sequences{4});
    queue.configure(settingsOf());
    EXPECT_TRUE(queue.isOff());
    EventSettings other = settingsOf();
    other.url += "/new";
    queue.configure(other);
    EXPECT_FALSE(queue.isOff());
    add('a');
    EXPECT_EQ(sent(), Sequences{5});
}

TEST_F(EventQueueTest, WhatAnOldUrlAnswersDoesNotCountForANewOne)
{
    add('a'), add('b');
    EXPECT_EQ(sent(), (Sequences{1, 2}));
    EventSettings other = settingsOf();
    other.url += "/new";
    queue.configure(other);
    fail(1, 410);
    fail(2, 503, hours(1));
    EXPECT_FALSE(queue.isOff());
    EXPECT_EQ(queue.failures(), 0u);
    add('c');
    EXPECT_EQ(sent(), Sequences{3});
    clock.advance(seconds(5));
    EXPECT_EQ(sent(), Sequences{1});
}

TEST_F(EventQueueTest, FoldsAReconnectOfTheSameUser)
{
    queue.configure(settingsOf(seconds(5)));
    add('a', EventType::Disconnected, "eva");
    EXPECT_EQ(sent(), Sequences{});
    EXPECT_EQ(*queue.due(), clock.now() + seconds(5));
    clock.advance(seconds(4));
    add('b', EventType::Connected, "adam");
    add('c', EventType::Connected, "eva");
    EXPECT_EQ(ended(End::Folded), (Sequences{1, 3}));
    add('d', EventType::Connected, "eva"); // only one for one
    EXPECT_EQ(sent(), (Sequences{2, 4}));
}

TEST_F(EventQueueTest, FoldsAReconnectOfTheSameSocketWhereThereIsNoUser)
{
    queue.configure(settingsOf(seconds(5)));
    add('a', EventType::Disconnected), add('b', EventType::Disconnected);
    add('a', EventType::Connected), add('c', EventType::Connected);
    EXPECT_EQ(ended(End::Folded), (Sequences{1, 3}));
    EXPECT_EQ(sent(), Sequences{4});
}

TEST_F(EventQueueTest, SendsADisconnectThatNothingUndid)
{
    queue.configure(settingsOf(seconds(5)));
    add('a', EventType::Disconnected, "eva");
    clock.advance(seconds(5));
    add('b', EventType::Connected, "eva");
    EXPECT_EQ(sent(), (Sequences{1, 2}));
    EXPECT_EQ(ended(End::Folded), Sequences{});
}

TEST_F(EventQueueTest, FoldsADisconnectBehindOtherEventsOfItsSocket)
{
    queue.configure(settingsOf(seconds(5)));
    add('a', EventType::Connected, "eva"), add('a', EventType::Message, "eva");
    add('a', EventType::Disconnected, "eva");
    EXPECT_EQ(sent(), Sequences{1});
    add('b', EventType::Connected, "eva");
    EXPECT_EQ(ended(End::Folded), (Sequences{3, 4}));
    accept(1);
    EXPECT_EQ(sent(), Sequences{2});
    accept(2);
    EXPECT_EQ(queue.size(), 0u);
}

TEST_F(EventQueueTest, AskedWithoutUrlItSendsNothing)
{
    queue.configure(EventSettings());
    add('a');
    EXPECT_EQ(sent(), Sequences{});
    EXPECT_FALSE(queue.due());
}

} // namespace mws
