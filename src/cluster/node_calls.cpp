#include "cluster/node_calls.h"

#include "cluster/node_letter.h"
#include "mws/base/log.h"

#include <algorithm>
#include <utility>

namespace mws {

namespace {

/// Nothing that an asker sent before is delivered any more, so that its last number need not be known.
constexpr auto askerLife = 2 * NodePost::longestAge;

Unexpected tooLong(size_t bytes)
{
    return Unexpected(ErrorCode::PayloadTooLarge, "A question to other nodes has " + std::to_string(bytes) +
                                                      " bytes, at most " +
                                                      std::to_string(NodeCalls::longestBody) + " are sent");
}

} // namespace

NodeCalls::NodeCalls(NodeId self, NodePost &post, const Clock &clock, BrokerMetrics &metrics,
                     NodeCallsOptions options)
    : m_self(std::move(self)), m_post(post), m_clock(clock), m_metrics(metrics), m_options(options)
{
    m_post.setListener(this);
}

NodeCalls::~NodeCalls()
{
    *m_alive = false;
    m_post.setListener(nullptr);
    for (auto &[id, question] : std::exchange(m_questions, {}))
        question.done(std::move(question.answers));
}

void NodeCalls::ask(const std::vector<NodeId> &nodes, const std::string &request,
                    std::chrono::milliseconds patience, std::function<void(Result<Answers>)> done)
{
    if (request.size() > longestBody)
        return done(tooLong(request.size()));
    if (nodes.size() > m_options.calls - std::min(m_options.calls, m_calls.size()))
        return done(Unexpected(temporarilyUnavailable("Too many questions wait for other nodes")));
    if (nodes.empty())
        return done(Answers());
    patience = std::clamp(patience, std::chrono::milliseconds(0), NodePost::longestAge);
    const uint64_t id = ++m_lastQuestion;
    const uint64_t first = m_lastCall + 1;
    m_questions.emplace(id, Question{Answers(nodes.size()), std::move(done), first, nodes.size(), 0,
                                     m_clock.now() + patience});
    for (size_t i = 0; i < nodes.size(); ++i)
        m_calls.emplace(++m_lastCall, Call{id, i, nodes[i]});
    for (size_t i = 0; i < nodes.size(); ++i)
        m_post.send(nodes[i], encode({NodeLetter::Kind::Request, first + i, m_self, patience, request}),
                    [this, alive = m_alive, number = first + i](NodePost::Sent sent) {
                        if (*alive && (sent == NodePost::Sent::No || sent == NodePost::Sent::TooLong))
                            end(number, CallResult::NotSent, std::nullopt);
                    });
}

void NodeCalls::tick()
{
    const SteadyTime now = m_clock.now();
    std::vector<uint64_t> late;
    for (const auto &[id, question] : m_questions)
        if (question.deadline <= now)
            late.push_back(id);
    for (const uint64_t id : late)
        giveUp(id);
    std::erase_if(m_askers, [now](const auto &asker) { return now - asker.second.heard > askerLife; });
}

void NodeCalls::letterCame(std::string &&bytes, std::chrono::milliseconds age)
{
    auto letter = decodeNodeLetter(bytes);
    if (!letter)
        return log(LogLevel::Warning, "a letter of another version of the gateway is passed over",
                   {{"bytes", uint64_t(bytes.size())}});
    bytes = {}; // the body is in the letter
    if (letter->kind == NodeLetter::Kind::Request)
        execute(*std::move(letter), age);
    else
        answered(*std::move(letter));
}

void NodeCalls::execute(NodeLetter &&letter, std::chrono::milliseconds age)
{
    if (!isNew(letter) || age >= letter.patience || !m_handler)
        return;
    m_metrics.callsExecuted.add();
    const SteadyTime deadline = m_clock.now() + letter.patience - age;
    m_handler(std::move(letter.body), [this, alive = m_alive, asker = std::move(letter.from),
                                       number = letter.number, deadline](std::string answer) {
        if (*alive && m_clock.now() < deadline)
            answerTo(asker, number, std::move(answer));
    });
}

/// An asker counts up and its letters come in order. So this holds also where Redis came back with data of
/// the past, which has letters that were read already.
bool NodeCalls::isNew(const NodeLetter &letter)
{
    Asker &asker = m_askers[letter.from];
    asker.heard = m_clock.now();
    if (letter.number <= asker.last)
        return false;
    asker.last = letter.number;
    return true;
}

void NodeCalls::answerTo(const NodeId &node, uint64_t number, std::string &&answer)
{
    NodeLetter letter{NodeLetter::Kind::Answer, number, m_self, {}, std::move(answer)};
    if (letter.body.size() > longestBody) {
        log(LogLevel::Warning, "the answer to another node is too long",
            {{"node", node}, {"bytes", uint64_t(letter.body.size())}, {"most", uint64_t(longestBody)}});
        letter = {NodeLetter::Kind::Refusal, number, m_self, {}, {}};
    }
    m_post.send(node, encode(letter), [](NodePost::Sent) {}); // the asker's patience ends what is lost
}

void NodeCalls::answered(NodeLetter &&letter)
{
    const auto it = m_calls.find(letter.number);
    if (it == m_calls.end() || it->second.node != letter.from)
        return; // too late
    if (letter.kind == NodeLetter::Kind::Refusal)
        end(letter.number, CallResult::Refused, std::nullopt);
    else if (letter.body.size() > m_options.answerBytes - m_answerBytes)
        end(letter.number, CallResult::TooMuch, std::nullopt);
    else
        end(letter.number, CallResult::Answered, std::move(letter.body));
}

void NodeCalls::end(uint64_t number, CallResult result, std::optional<std::string> answer)
{
    const auto it = m_calls.find(number);
    if (it == m_calls.end())
        return;
    m_metrics.calls[result].add();
    const Call call = std::move(it->second);
    m_calls.erase(it);
    Question &question = m_questions.at(call.question);
    if (answer) {
        question.bytes += answer->size();
        m_answerBytes += answer->size();
    }
    question.answers[call.index] = std::move(answer);
    if (--question.missing == 0)
        finish(call.question);
}

void NodeCalls::giveUp(uint64_t id)
{
    const Question &question = m_questions.at(id);
    for (size_t i = 0; i < question.answers.size(); ++i)
        if (m_calls.erase(question.firstCall + i) > 0)
            m_metrics.calls[CallResult::TimedOut].add();
    finish(id);
}

void NodeCalls::finish(uint64_t id)
{
    auto node = m_questions.extract(id);
    m_answerBytes -= node.mapped().bytes;
    node.mapped().done(std::move(node.mapped().answers));
}

} // namespace mws
