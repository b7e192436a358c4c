#include "cluster/stream_feed.h"
#include "simulation.h"

#include <deque>
#include <gtest/gtest.h>
#include <memory>

// Nodes that read one stream, and a store that loses pushes, breaks links, trims, fails over and forgets, in
// an order that a seed decides. Whatever happens, a node that was not told otherwise has got each entry once
// and in order.

namespace mws {
namespace {

using test::Chance;
using test::forEachSeed;

/// The stream as it is now, and the copy that a replica has of it.
class Store
{
public:
    explicit Store(Chance &chance) : m_chance(chance) {}

    StreamEntry append()
    {
        const StreamPosition last = this->last();
        m_entries.push_back({{last.sequence + 1, m_chance.nonce()}, last.nonce, {}, {}});
        return m_entries.back();
    }
    StreamPosition last() const { return m_entries.empty() ? m_base : m_entries.back().position; }
    void replicate() { m_replica = {m_base, m_entries}; }
    void failOver() { std::tie(m_base, m_entries) = m_replica; }
    void forget()
    {
        m_base = {};
        m_entries.clear();
        replicate();
    }
    void trim(size_t keep)
    {
        while (m_entries.size() > keep) {
            m_base = m_entries.front().position;
            m_entries.pop_front();
        }
    }
    std::vector<StreamEntry> after(uint64_t sequence) const
    {
        std::vector<StreamEntry> result;
        for (const StreamEntry &entry : m_entries)
            if (entry.position.sequence > sequence)
                result.push_back(entry);
        return result;
    }

private:
    Chance &m_chance;
    StreamPosition m_base; ///< of what was trimmed
    std::deque<StreamEntry> m_entries;
    std::pair<StreamPosition, std::deque<StreamEntry>> m_replica;
};

class Node final : private StreamFeedOwner
{
public:
    Node(Store &store, Chance &chance) : m_store(store), m_chance(chance) {}

    void written(const StreamEntry &entry)
    {
        if (m_subscribed)
            m_pushes.push_back(entry);
    }
    void losePush()
    {
        if (!m_pushes.empty())
            m_pushes.erase(m_pushes.begin() + std::ptrdiff_t(m_chance.below(m_pushes.size())));
    }
    void takePush()
    {
        if (m_pushes.empty())
            return;
        StreamEntry entry = m_pushes.front();
        m_pushes.pop_front();
        feed.pushed(std::move(entry));
    }
    /// The store answers what was asked, and the answer waits until takeAnswer().
    void answer()
    {
        if (!m_question)
            return;
        m_disturbedSinceAnswer = false;
        const auto [request, after] = *m_question;
        m_question.reset();
        std::vector<StreamEntry> entries;
        bool more = false;
        if (after) {
            entries = m_store.after(after->sequence);
            const size_t most = 1 + m_chance.below(5);
            more = entries.size() > most;
            entries.resize(std::min(entries.size(), most));
        }
        m_answer = Answer{request, m_store.last(), std::move(entries), more};
    }
    void takeAnswer()
    {
        if (!m_answer)
            return;
        Answer answer = *std::exchange(m_answer, std::nullopt);
        feed.read(answer.request, answer.last, std::move(answer.entries), answer.more);
    }
    void breakLink()
    {
        m_subscribed = false;
        m_pushes.clear();
        m_question.reset();
        m_answer.reset();
        feed.linkLost();
    }
    void subscribe()
    {
        if (m_subscribed)
            return;
        m_subscribed = true;
        feed.subscribed();
    }
    /// Something was trimmed or another history began.
    void disturbed() { m_disturbed = m_disturbedSinceAnswer = true; }
    bool busy() const { return !m_pushes.empty() || m_question || m_answer; }

    /// When all is quiet: what it has got since it was last told that something is missing.
    void expectComplete() const
    {
        EXPECT_EQ(feed.position(), m_store.last());
        const std::vector<StreamEntry> there = m_store.after(m_from.sequence);
        if (m_got.size() < there.size()) {
            ADD_FAILURE() << m_got.size() << " entries of " << there.size();
            return;
        }
        // What was trimmed since then it has got, too.
        const std::vector<StreamEntry> got(m_got.end() - std::ptrdiff_t(there.size()), m_got.end());
        EXPECT_TRUE(got == there) << "it has got something else";
        EXPECT_EQ(m_got.size(), m_store.last().sequence - m_from.sequence);
    }

    StreamFeed feed{*this};

private:
    struct Answer
    {
        uint64_t request;
        StreamPosition last;
        std::vector<StreamEntry> entries;
        bool more;
    };

    void readStream(uint64_t request, std::optional<StreamPosition> after) override
    {
        m_question = {request, after};
    }
    void positionHeld() override { begin(); }
    void entryCame(StreamEntry &&entry) override
    {
        const StreamPosition before = m_got.empty() ? m_from : m_got.back().position;
        EXPECT_TRUE(entry.follows(before)) << entry.position.sequence << " after " << before.sequence;
        m_got.push_back(std::move(entry));
    }
    void entriesLost(const char *reason) override
    {
        EXPECT_TRUE(m_disturbed) << reason;
        begin();
    }
    void begin()
    {
        m_from = *feed.position();
        m_got.clear();
        m_disturbed = m_disturbedSinceAnswer;
    }

    Store &m_store;
    Chance &m_chance;
    bool m_subscribed = false;
    bool m_disturbed = false;
    bool m_disturbedSinceAnswer = false;
    std::deque<StreamEntry> m_pushes;
    std::optional<std::pair<uint64_t, std::optional<StreamPosition>>> m_question;
    std::optional<Answer> m_answer;
    StreamPosition m_from; ///< where the position was held, or entries were lost
    std::vector<StreamEntry> m_got;
};

class Simulation
{
public:
    /// `disasters`: the store may trim what nobody has read, fail over without it, or come back empty.
    Simulation(uint64_t seed, bool disasters) : m_chance(seed), m_store(m_chance), m_disasters(disasters)
    {
        for (int i = 0; i < 3; ++i)
            m_nodes.push_back(std::make_unique<Node>(m_store, m_chance));
    }

    void run()
    {
        for (int step = 0; step < 200; ++step)
            this->step(*m_nodes[m_chance.below(m_nodes.size())]);
        settle();
        for (const auto &node : m_nodes)
            node->expectComplete();
    }

private:
    void step(Node &node)
    {
        switch (m_chance.below(12)) {
        case 0:
        case 1:
        case 2: {
            const StreamEntry entry = m_store.append();
            for (const auto &each : m_nodes)
                each->written(entry);
            break;
        }
        case 3:
        case 4:
            node.takePush();
            break;
        case 5:
            node.answer();
            break;
        case 6:
            node.takeAnswer();
            break;
        case 7:
            node.subscribe();
            break;
        case 8:
            node.feed.check();
            break;
        case 9:
            if (m_chance.oneIn(4))
                node.breakLink();
            break;
        case 10:
            if (m_chance.oneIn(4))
                node.losePush();
            break;
        case 11:
            disaster();
            break;
        }
    }
    /// The store's links break with it, but for trimming.
    void disaster()
    {
        const uint64_t kind = m_chance.below(20);
        if (kind > 3)
            return m_store.replicate();
        if (!m_disasters)
            return;
        if (kind == 0) {
            m_store.trim(m_chance.below(8));
        } else {
            kind == 1 ? m_store.forget() : m_store.failOver();
            for (const auto &node : m_nodes)
                node->breakLink();
        }
        for (const auto &node : m_nodes)
            node->disturbed();
    }
    void settle()
    {
        for (const auto &node : m_nodes) {
            node->subscribe();
            for (int round = 0; round < 2; ++round) {
                while (node->busy()) {
                    node->takePush();
                    node->answer();
                    node->takeAnswer();
                }
                node->feed.check(); // the last push may have been lost
            }
            while (node->busy()) {
                node->answer();
                node->takeAnswer();
            }
        }
    }

    Chance m_chance;
    Store m_store;
    const bool m_disasters;
    std::vector<std::unique_ptr<Node>> m_nodes;
};

class StreamSimulation : public ::testing::TestWithParam<bool>
{};

TEST_P(StreamSimulation, EveryNodeGetsEachEntryOnceAndInOrderOrIsTold)
{
    forEachSeed(10000, [](uint64_t seed) { Simulation(seed, GetParam()).run(); });
}

INSTANTIATE_TEST_SUITE_P(Disasters, StreamSimulation, ::testing::Bool());

} // namespace
} // namespace mws
