#include "protocol/queue_memory.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>
#include <vector>

namespace mws {

TEST(QueueMemory, CountsASharedFrameOnceUntilTheLastQueueLetsGo)
{
    QueueMemory memory;
    const auto original = std::make_shared<const std::string>(1000, 'x');
    SharedBytes frame = memory.share(original);
    EXPECT_EQ(*frame, *original);
    EXPECT_EQ(frame.get(), original.get()) << "the same bytes";
    EXPECT_EQ(memory.bytes(), 1000 + QueueMemory::frameOverhead);
    std::vector<OutputQueue> queues(100);
    for (OutputQueue &queue : queues)
        queue.pushShared(frame, OutputQueue::Kind::Data);
    frame.reset();
    EXPECT_EQ(memory.bytes(), 1000 + QueueMemory::frameOverhead);
    for (size_t i = 1; i < queues.size(); ++i)
        queues[i].clear();
    EXPECT_EQ(memory.bytes(), 1000 + QueueMemory::frameOverhead);
    queues[0].consume(500);
    EXPECT_EQ(memory.bytes(), 1000 + QueueMemory::frameOverhead) << "what has begun is held whole";
    queues[0].consume(500);
    EXPECT_EQ(memory.bytes(), 0u);
}

TEST(QueueMemory, CountsReferences)
{
    QueueMemory memory;
    memory.addReferences(3);
    memory.removeReferences(1);
    EXPECT_EQ(memory.bytes(), 2 * QueueMemory::referenceBytes);
}

TEST(QueueMemory, TakesTheTimeUntilTheLastQueueHasWrittenIt)
{
    test::FakeClock clock;
    Histogram times;
    QueueMemory memory(&clock, &times);
    OutputQueue quick;
    OutputQueue slow;
    {
        const SharedBytes frame = memory.share(std::make_shared<const std::string>(100, 'x'), clock.now());
        quick.pushShared(frame, OutputQueue::Kind::Data);
        slow.pushShared(frame, OutputQueue::Kind::Data);
    }
    clock.advance(std::chrono::milliseconds(1));
    quick.consume(100);
    slow.consume(99);
    EXPECT_EQ(times.sum(), std::chrono::microseconds(0)) << "one still waits";
    clock.advance(std::chrono::milliseconds(2));
    slow.consume(1);
    EXPECT_EQ(times.sum(), std::chrono::milliseconds(3));
}

TEST(QueueMemory, TakesNoTimeOfWhatIsDroppedOrWasNotAskedFor)
{
    test::FakeClock clock;
    Histogram times;
    QueueMemory memory(&clock, &times);
    OutputQueue queue;
    const auto bytes = std::make_shared<const std::string>(100, 'x');
    queue.pushShared(memory.share(bytes, clock.now()), OutputQueue::Kind::Data);
    clock.advance(std::chrono::milliseconds(1));
    {
        const QueueMemory::Dropping dropping(memory);
        queue.dropOldest(0);
    }
    queue.pushShared(memory.share(bytes), OutputQueue::Kind::Data);
    queue.consume(100);
    EXPECT_EQ(times.sum(), std::chrono::microseconds(0));
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(memory.bytes(), 0u);
}

} // namespace mws
