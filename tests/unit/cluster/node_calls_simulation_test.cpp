#include "cluster/node_calls.h"
#include "fake_node_post.h"
#include "simulation.h"
#include "support/fake_clock.h"

#include <gtest/gtest.h>
#include <memory>
#include <set>

// Nodes that ask each other, with letters that are late or lost, links that break, nodes that crash and come
// back under another id, and a Redis that forgets or goes back, in an order that a seed decides. Each
// question is answered exactly once and in time, with the answers to it and to no other; each node executes
// it once at most; and where nothing fails, all answer.

namespace mws::test {
namespace {

using namespace std::chrono_literals;

struct SimulatedQuestion
{
    NodeId asker;
    std::vector<NodeId> nodes;
    SteadyTime deadline;
};

class CallsSimulation
{
public:
    CallsSimulation(uint64_t seed, bool failing) : m_chance(seed), m_failing(failing)
    {
        for (size_t i = 0; i < nodeCount; ++i)
            m_nodes.push_back(start());
    }

    void run()
    {
        for (int step = 0; step < 80 && !::testing::Test::HasFailure(); ++step) {
            this->step(m_chance.below(nodeCount));
            m_clock.advance(std::chrono::milliseconds(m_chance.below(m_failing ? 60 : 2)));
        }
        settle();
        EXPECT_TRUE(m_failing || m_silent == 0) << "a node did not answer, although nothing failed";
        askAllAndBeAnswered();
        m_nodes.clear(); // ends what is open
        EXPECT_TRUE(m_open.empty()) << "a question was never answered";
    }

private:
    static constexpr size_t nodeCount = 3;

    struct Node
    {
        Node(FakePostOffice &office, const Clock &clock, NodeId nodeId)
            : id(std::move(nodeId)), post(office, id), calls(id, post, clock, metrics)
        {}
        NodeId id;
        BrokerMetrics metrics;
        FakeNodePost post;
        std::vector<std::function<void()>> unanswered; ///< what it was asked
        NodeCalls calls;
    };

    std::unique_ptr<Node> start()
    {
        auto node = std::make_unique<Node>(m_office, m_clock, "node" + std::to_string(++m_started));
        node->calls.setHandler(
            [this, one = node.get()](std::string &&request, std::function<void(std::string)> answer) {
                EXPECT_TRUE(m_executed.insert(one->id + " " + request).second)
                    << one->id << " executes " << request << " again";
                auto now = [answer = std::move(answer), text = request + " by " + one->id] { answer(text); };
                if (m_chance.oneIn(3))
                    one->unanswered.push_back(std::move(now));
                else
                    now();
            });
        return node;
    }

    void step(size_t index)
    {
        Node &node = *m_nodes[index];
        switch (m_chance.below(m_failing ? 13 : 10)) {
        case 0:
        case 1:
            return ask(index, randomNodes(), 1000ms + std::chrono::milliseconds(m_chance.below(1000)));
        case 2:
        case 3:
        case 4:
            return node.post.perform();
        case 5:
            return node.post.answer();
        case 6:
        case 7:
            node.post.read();
            return;
        case 8:
            return answerOne(node);
        case 9:
            return tick(index);
        case 10:
            return node.post.isUp() ? node.post.breakLink(m_chance.below(4)) : node.post.mendLink();
        case 11:
            return node.post.mendLink();
        case 12:
            return disaster(index);
        }
    }
    /// Different ones; some may be nodes that were; one may be the asker.
    std::vector<NodeId> randomNodes()
    {
        std::set<NodeId> nodes;
        for (uint64_t i = m_chance.below(4); i > 0; --i)
            nodes.insert(m_failing && m_chance.oneIn(5)
                             ? "node" + std::to_string(1 + m_chance.below(m_started))
                             : m_nodes[m_chance.below(nodeCount)]->id);
        return {nodes.begin(), nodes.end()};
    }
    void ask(size_t index, std::vector<NodeId> nodes, std::chrono::milliseconds patience)
    {
        const size_t number = m_questions.size();
        m_open.insert(number);
        m_questions.push_back({m_nodes[index]->id, nodes, m_clock.now() + patience});
        m_nodes[index]->calls.ask(nodes, "question" + std::to_string(number), patience,
                                  [this, number](const Result<NodeCalls::Answers> &answers) {
                                      ASSERT_TRUE(answers);
                                      check(m_questions[number], number, *answers);
                                  });
    }
    void check(const SimulatedQuestion &question, size_t number, const NodeCalls::Answers &answers)
    {
        EXPECT_EQ(m_open.erase(number), 1u) << "answered twice";
        ASSERT_EQ(answers.size(), question.nodes.size());
        for (size_t i = 0; i < answers.size(); ++i) {
            const std::string wanted = "question" + std::to_string(number) + " by " + question.nodes[i];
            EXPECT_EQ(answers[i].value_or(wanted), wanted);
            m_silent += answers[i] ? 0 : 1;
        }
    }
    void answerOne(Node &node)
    {
        if (node.unanswered.empty())
            return;
        const size_t at = m_chance.below(node.unanswered.size());
        const auto answer = std::move(node.unanswered[at]);
        node.unanswered.erase(node.unanswered.begin() + ptrdiff_t(at));
        answer();
    }
    void tick(size_t index)
    {
        Node &node = *m_nodes[index];
        node.calls.tick();
        for (const size_t number : m_open)
            EXPECT_TRUE(m_questions[number].asker != node.id || m_questions[number].deadline > m_clock.now())
                << "question" << number << " is late";
    }
    void disaster(size_t index)
    {
        switch (m_chance.below(6)) {
        case 0:
            m_office.forget();
            break;
        case 1:
            m_office.goBack();
            break;
        case 2: {
            auto next = start();
            m_nodes[index]->post.breakLink(m_chance.below(3));
            m_nodes[index] = std::move(next);
            break;
        }
        default:
            break;
        }
    }
    void settle()
    {
        for (const auto &node : m_nodes)
            node->post.mendLink();
        for (bool any = true; any;) {
            any = false;
            for (const auto &node : m_nodes) {
                any |= node->post.settle() || !node->unanswered.empty();
                while (!node->unanswered.empty())
                    answerOne(*node);
            }
        }
    }
    /// Nothing of what was hinders what comes.
    void askAllAndBeAnswered()
    {
        m_clock.advance(3s);
        for (size_t i = 0; i < nodeCount; ++i)
            tick(i);
        EXPECT_TRUE(m_open.empty()) << "a question was not answered in time";
        m_silent = 0;
        for (size_t i = 0; i < nodeCount; ++i)
            ask(i, {m_nodes[0]->id, m_nodes[1]->id, m_nodes[2]->id}, 1s);
        settle();
        EXPECT_TRUE(m_open.empty());
        EXPECT_EQ(m_silent, 0u) << "a node that is up did not answer";
    }

    FakeClock m_clock;
    Chance m_chance;
    const bool m_failing;
    FakePostOffice m_office{m_clock};
    size_t m_started = 0;
    size_t m_silent = 0; ///< nodes that did not answer
    std::set<std::string> m_executed;
    std::vector<SimulatedQuestion> m_questions;
    std::set<size_t> m_open; ///< not answered yet
    std::vector<std::unique_ptr<Node>> m_nodes;
};

class CallsSimulationTest : public ::testing::TestWithParam<bool>
{};

TEST_P(CallsSimulationTest, EachQuestionIsAnsweredOnceInTimeAndExecutedOnceAtMost)
{
    forEachSeed(5000, [](uint64_t seed) { CallsSimulation(seed, GetParam()).run(); });
}

INSTANTIATE_TEST_SUITE_P(Failing, CallsSimulationTest, ::testing::Bool());

} // namespace
} // namespace mws::test
