#include "protocol/queue_memory.h"

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

} // namespace mws
