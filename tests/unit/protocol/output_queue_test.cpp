#include "protocol/output_queue.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>

namespace mws::test {
namespace {

using namespace std::chrono_literals;
using Kind = OutputQueue::Kind;

SharedBytes shared(std::string bytes)
{
    return std::make_shared<const std::string>(std::move(bytes));
}

class OutputQueueTest : public testing::Test
{
protected:
    std::string gathered(size_t most = 64)
    {
        std::array<iovec, 64> vectors;
        m_used = m_queue.gather(std::span(vectors).first(most), m_clock.now(), m_expired);
        std::string all;
        for (size_t i = 0; i < m_used; ++i)
            all.append(static_cast<const char *>(vectors[i].iov_base), vectors[i].iov_len);
        return all;
    }

    FakeClock m_clock;
    OutputQueue m_queue;
    uint64_t m_expired = 0;
    size_t m_used = 0;
};

TEST_F(OutputQueueTest, StaysSmall)
{
    EXPECT_LE(sizeof(OutputQueue), 64u);
}

TEST_F(OutputQueueTest, GivesBytesInOrder)
{
    m_queue.pushShared(shared("one"), Kind::Data);
    m_queue.pushCopy("two", Kind::Control);
    m_queue.pushShared(shared("three"), Kind::Data);
    EXPECT_EQ(m_queue.bytes(), 11u);
    EXPECT_EQ(gathered(), "onetwothree");
    m_queue.consume(4);
    EXPECT_EQ(gathered(), "wothree");
    m_queue.consume(7);
    EXPECT_TRUE(m_queue.empty());
    EXPECT_EQ(gathered(), "");
    EXPECT_EQ(m_used, 0u);
}

TEST_F(OutputQueueTest, SharesFramesAndLetsThemGo)
{
    const SharedBytes frame = shared("frame");
    m_queue.pushShared(frame, Kind::Data);
    m_queue.pushShared(frame, Kind::Data);
    EXPECT_EQ(frame.use_count(), 3);
    m_queue.consume(5);
    EXPECT_EQ(frame.use_count(), 2);
    m_queue.consume(5);
    EXPECT_EQ(frame.use_count(), 1);
}

TEST_F(OutputQueueTest, IgnoresWhatIsEmpty)
{
    m_queue.pushShared(shared(""), Kind::Data);
    m_queue.pushShared(nullptr, Kind::Data);
    m_queue.pushCopy("", Kind::Control);
    EXPECT_TRUE(m_queue.empty());
}

TEST_F(OutputQueueTest, GathersSmallControlBytesIntoOneChunk)
{
    m_queue.pushCopy("a", Kind::Control);
    m_queue.pushCopy("b", Kind::Control);
    EXPECT_EQ(gathered(), "ab");
    EXPECT_EQ(m_used, 1u);
    m_queue.consume(1); // it has begun
    m_queue.pushCopy("c", Kind::Control);
    EXPECT_EQ(gathered(), "bc");
    EXPECT_EQ(m_used, 2u);
    m_queue.pushShared(shared("d"), Kind::Control);
    m_queue.pushCopy("e", Kind::Control);
    EXPECT_EQ(gathered(), "bcde");
    EXPECT_EQ(m_used, 4u);
    m_queue.pushCopy(std::string(5000, 'f'), Kind::Control);
    EXPECT_EQ(gathered().size(), 5004u);
    EXPECT_EQ(m_used, 5u);
}

TEST_F(OutputQueueTest, GivesNoMoreVectorsThanThereIsRoomFor)
{
    for (int i = 0; i < 100; ++i)
        m_queue.pushShared(shared("x"), Kind::Data);
    EXPECT_EQ(gathered(3), "xxx");
    EXPECT_EQ(gathered(0), "");
    EXPECT_EQ(gathered().size(), 64u);
}

TEST_F(OutputQueueTest, DropsOldestDataButNeitherControlNorWhatHasBegun)
{
    m_queue.pushShared(shared("aaaa"), Kind::Data);
    m_queue.pushCopy("C", Kind::Control);
    m_queue.pushShared(shared("bbbb"), Kind::Data);
    m_queue.pushShared(shared("cccc"), Kind::Data);
    m_queue.consume(1);
    EXPECT_EQ(m_queue.dropOldest(8), 1u);
    EXPECT_EQ(gathered(), "aaaCcccc");
    EXPECT_EQ(m_queue.dropOldest(8), 0u);
    EXPECT_EQ(m_queue.dropOldest(0), 1u);
    EXPECT_EQ(gathered(), "aaaC");
}

TEST_F(OutputQueueTest, DropsTheFirstIfItHasNotBegun)
{
    m_queue.pushShared(shared("aaaa"), Kind::Data);
    m_queue.pushShared(shared("bb"), Kind::Data);
    EXPECT_EQ(m_queue.dropOldest(5), 1u);
    EXPECT_EQ(gathered(), "bb");
    EXPECT_EQ(m_queue.dropOldest(0), 1u);
    EXPECT_TRUE(m_queue.empty());
    EXPECT_EQ(m_queue.dropOldest(0), 0u);
}

TEST_F(OutputQueueTest, DropsExpiredDataThatHasNotBegun)
{
    const SteadyTime soon = m_clock.now() + 1s;
    m_queue.pushShared(shared("begun"), Kind::Data, soon);
    m_queue.pushShared(shared("dies"), Kind::Data, soon);
    m_queue.pushShared(shared("later"), Kind::Data, soon + 1s);
    m_queue.pushShared(shared("stays"), Kind::Data);
    m_queue.consume(1);
    m_clock.advance(999ms);
    EXPECT_EQ(gathered(), "egundieslaterstays");
    m_clock.advance(1ms);
    EXPECT_EQ(gathered(), "egunlaterstays");
    EXPECT_EQ(m_expired, 1u);
    m_clock.advance(1s);
    EXPECT_EQ(gathered(), "egunstays");
    EXPECT_EQ(m_expired, 2u);
    EXPECT_EQ(m_queue.bytes(), 9u);
}

TEST_F(OutputQueueTest, DropsUnsentButWhatHasBegun)
{
    m_queue.pushShared(shared("begun"), Kind::Data);
    m_queue.pushCopy("control", Kind::Control);
    m_queue.consume(2);
    m_queue.dropUnsent();
    EXPECT_EQ(gathered(), "gun");
    m_queue.pushCopy("close", Kind::Control);
    EXPECT_EQ(gathered(), "gunclose");
    m_queue.consume(3);
    m_queue.dropUnsent();
    EXPECT_TRUE(m_queue.empty());
}

TEST_F(OutputQueueTest, MovesWhole)
{
    m_queue.pushShared(shared("a"), Kind::Data);
    m_queue.pushShared(shared("b"), Kind::Data);
    OutputQueue other = std::move(m_queue);
    EXPECT_EQ(other.bytes(), 2u);
    EXPECT_TRUE(m_queue.empty());
    m_queue = std::move(other);
    EXPECT_EQ(gathered(), "ab");
    m_queue.clear();
    EXPECT_TRUE(m_queue.empty());
}

/// The documented behaviour in the plainest form.
class NaiveQueue
{
public:
    struct Chunk
    {
        std::string bytes;
        Kind kind;
        SteadyTime expires;
    };

    void push(std::string bytes, Kind kind, SteadyTime expires)
    {
        m_chunks.push_back({std::move(bytes), kind, expires});
    }
    size_t bytes() const { return all().size(); }
    std::string all() const
    {
        std::string text;
        for (const Chunk &chunk : m_chunks)
            text += chunk.bytes;
        return text.substr(m_offset);
    }
    template <typename Unwanted>
    size_t drop(Unwanted unwanted)
    {
        size_t dropped = 0;
        for (size_t i = m_offset > 0 ? 1 : 0; i < m_chunks.size();) {
            if (m_chunks[i].kind == Kind::Data && unwanted(m_chunks[i])) {
                m_chunks.erase(m_chunks.begin() + static_cast<ptrdiff_t>(i));
                ++dropped;
            } else {
                ++i;
            }
        }
        return dropped;
    }
    size_t dropOldest(size_t limit)
    {
        return drop([&](const Chunk &) { return bytes() > limit; });
    }
    size_t expire(SteadyTime now)
    {
        return drop(
            [&](const Chunk &chunk) { return chunk.expires != SteadyTime{} && chunk.expires <= now; });
    }
    void dropUnsent() { m_chunks.resize(m_offset > 0 ? 1 : 0); }
    void consume(size_t written)
    {
        m_offset += written;
        while (!m_chunks.empty() && m_offset >= m_chunks.front().bytes.size()) {
            m_offset -= m_chunks.front().bytes.size();
            m_chunks.pop_front();
        }
    }

private:
    std::deque<Chunk> m_chunks;
    size_t m_offset = 0;
};

TEST_F(OutputQueueTest, BehavesLikeTheNaiveOne)
{
    for (unsigned seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        NaiveQueue naive;
        m_queue.clear();
        uint64_t expired = m_expired;
        for (int step = 0; step < 600; ++step) {
            const std::string bytes(random() % 20 + 1, static_cast<char>('a' + step % 26));
            switch (random() % (seed % 2 == 0 ? 12 : 8)) {
            case 0:
            case 1:
            case 8:
            case 9:
            case 10: {
                const SteadyTime expires =
                    random() % 3 == 0 ? m_clock.now() + 5ms * static_cast<int>(random() % 40) : SteadyTime{};
                m_queue.pushShared(shared(bytes), Kind::Data, expires);
                naive.push(bytes, Kind::Data, expires);
                break;
            }
            case 2:
                m_queue.pushShared(shared(bytes), Kind::Control);
                naive.push(bytes, Kind::Control, {});
                break;
            case 3:
                m_queue.pushCopy(bytes, Kind::Data);
                naive.push(bytes, Kind::Data, {});
                break;
            case 4: {
                const size_t limit = random() % 300;
                ASSERT_EQ(m_queue.dropOldest(limit), naive.dropOldest(limit));
                break;
            }
            case 5:
                if (random() % 20 == 0) {
                    m_queue.dropUnsent();
                    naive.dropUnsent();
                }
                break;
            default: {
                m_clock.advance(std::chrono::milliseconds(random() % 10));
                expired += naive.expire(m_clock.now());
                const std::string now = gathered();
                ASSERT_EQ(m_expired, expired);
                ASSERT_EQ(now, naive.all().substr(0, now.size()));
                const size_t written = now.empty() ? 0 : random() % (now.size() + 1);
                m_queue.consume(written);
                naive.consume(written);
            }
            }
            ASSERT_EQ(m_queue.bytes(), naive.bytes()) << "seed " << seed << " step " << step;
        }
    }
}

TEST_F(OutputQueueTest, CountsWhatItHoldsBesideTheBytes)
{
    EXPECT_EQ(m_queue.frames(), 0u);
    EXPECT_EQ(m_queue.heldBytes(), 0u);
    for (int i = 0; i < 10; ++i)
        m_queue.pushShared(shared("abc"), Kind::Data);
    EXPECT_EQ(m_queue.frames(), 10u);
    EXPECT_EQ(m_queue.heldBytes(), 10 * (3 + OutputQueue::frameOverhead));
    m_queue.consume(4);
    EXPECT_EQ(m_queue.frames(), 9u);
}

TEST_F(OutputQueueTest, DropsTheOldestUntilItHoldsNoMore)
{
    for (int i = 0; i < 10; ++i)
        m_queue.pushShared(shared(std::string(3, char('0' + i))), Kind::Data);
    const size_t each = 3 + OutputQueue::frameOverhead;
    EXPECT_EQ(m_queue.dropOldest(4 * each, OutputQueue::frameOverhead), 6u);
    EXPECT_EQ(gathered(), "666777888999");
    m_queue.consume(1);
    EXPECT_EQ(m_queue.dropOldest(0, OutputQueue::frameOverhead), 3u) << "all but the one that has begun";
    EXPECT_EQ(gathered(), "66");
}

} // namespace
} // namespace mws::test
