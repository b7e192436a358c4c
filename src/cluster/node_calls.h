#pragma once

#include "cluster/node_post.h"
#include "mws/base/clock.h"
#include "mws/base/metrics.h"
#include "mws/base/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mws {

struct NodeLetter;

struct NodeCallsOptions
{
    size_t calls = 10000;          ///< most that wait for an answer, one for each node that was asked
    size_t answerBytes = 64 << 20; ///< most that the answers of all open questions hold together
};

/// Questions to other nodes and their answers, which are any bytes. A question is executed once at most, and
/// not by a node that comes to it after the asker's patience: one whose fate is unknown is never repeated. So
/// a node that did not answer may have done what it was asked.
/// Knows no Redis; tick() is its clock. Thread: the post's.
class NodeCalls final : private NodePostListener
{
public:
    /// By node, as they were asked; nothing for one that did not answer.
    using Answers = std::vector<std::optional<std::string>>;
    /// Runs what another node asks; `answer` is called once, at once or later, or never. An answer that is
    /// longer than longestBody, or comes after the asker's patience, is not sent.
    using Handler = std::function<void(std::string &&request, std::function<void(std::string)> answer)>;

    /// `self`: whose letters `post` reads. All outlive this.
    NodeCalls(NodeId self, NodePost &post, const Clock &clock, BrokerMetrics &metrics,
              NodeCallsOptions options = {});
    ~NodeCalls(); ///< ends all that is open, with the answers that are there

    /// Before it is set, nothing is answered.
    void setHandler(Handler handler) { m_handler = std::move(handler); }

    /// One answer for each of `nodes`, in their order; nothing for one that did not answer within `patience`
    /// (at most NodePost::longestAge), was not reached, or gave more than is taken. `done` is called once, at
    /// once or later. Errors, where no node was asked: PayloadTooLarge (the request is longer than
    /// longestBody); Unavailable (too many wait already).
    void ask(const std::vector<NodeId> &nodes, const std::string &request, std::chrono::milliseconds patience,
             std::function<void(Result<Answers>)> done);
    /// Call it several times a second.
    void tick();

    /// How many nodes have not answered yet.
    size_t open() const { return m_calls.size(); }

    /// Of a request or an answer; what is around it in a letter is less than a kilobyte.
    static constexpr size_t longestBody = NodePost::longestLetter - 1024;

private:
    /// A question to some nodes.
    struct Question
    {
        Answers answers;
        std::function<void(Result<Answers>)> done;
        uint64_t firstCall = 0; ///< to the first node; the others' numbers follow
        size_t missing = 0;     ///< answers
        size_t bytes = 0;       ///< of the answers that are there
        SteadyTime deadline{};
    };
    /// To one node.
    struct Call
    {
        uint64_t question = 0;
        size_t index = 0; ///< of its answer
        NodeId node;
    };
    /// A node that has asked this one.
    struct Asker
    {
        uint64_t last = 0; ///< highest number that it used
        SteadyTime heard{};
    };

    // NodePostListener
    void letterCame(std::string &&letter, std::chrono::milliseconds age) override;

    void execute(NodeLetter &&letter, std::chrono::milliseconds age);
    bool isNew(const NodeLetter &letter);
    void answerTo(const NodeId &node, uint64_t number, std::string &&answer);
    void answered(NodeLetter &&letter);
    void end(uint64_t number, CallResult result, std::optional<std::string> answer);
    void giveUp(uint64_t question);
    void finish(uint64_t question);

    const NodeId m_self;
    NodePost &m_post;
    const Clock &m_clock;
    BrokerMetrics &m_metrics;
    const NodeCallsOptions m_options;
    Handler m_handler;
    uint64_t m_lastCall = 0;
    uint64_t m_lastQuestion = 0;
    std::unordered_map<uint64_t, Call> m_calls; ///< by number, which the letters carry
    std::unordered_map<uint64_t, Question> m_questions;
    size_t m_answerBytes = 0; ///< of all questions
    std::unordered_map<NodeId, Asker> m_askers;
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); ///< for handlers that come when this has gone
};

} // namespace mws
