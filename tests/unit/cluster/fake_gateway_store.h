#pragma once

#include "cluster/gateway_fields.h"
#include "cluster/gateway_state_store.h"

#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace mws::test {

/// What all nodes of a simulated cluster read and write, with a copy that a replica has of it. Nothing
/// happens by itself.
class FakeGatewayServer
{
public:
    std::string head() const
    {
        const auto it = fields.find(headField);
        return it == fields.end() ? std::string() : it->second;
    }
    GatewayFieldsWritten write(const GatewayFieldsWrite &write)
    {
        if (head() != write.expected)
            return GatewayFieldsWritten::Outdated;
        if (write.replace)
            fields.clear();
        for (const auto &[name, text] : write.set)
            fields[name] = text;
        for (const std::string &name : write.remove)
            fields.erase(name);
        return GatewayFieldsWritten::Written;
    }
    void replicate() { m_replica = fields; }
    void failOver() { fields = m_replica; }
    void forget()
    {
        fields.clear();
        replicate();
    }

    GatewayFields fields;

private:
    GatewayFields m_replica;
};

/// One node's way to the server. Commands and answers wait until they are let through, each in its order; the
/// link can break at any point, and what was on its way may be done all the same, even much later.
class FakeGatewayStore final : public GatewayStateStore
{
public:
    explicit FakeGatewayStore(FakeGatewayServer &server) : m_server(server) {}

    void readHead(std::function<void(std::optional<std::string>)> done) override
    {
        command<std::optional<std::string>>([this] { return m_server.head(); }, std::move(done), std::nullopt,
                                            std::nullopt);
    }
    void readAll(std::function<void(std::optional<GatewayFields>)> done) override
    {
        command<std::optional<GatewayFields>>([this] { return m_server.fields; }, std::move(done),
                                              std::nullopt, std::nullopt);
    }
    void write(GatewayFieldsWrite write, std::function<void(GatewayFieldsWritten)> done) override
    {
        command<GatewayFieldsWritten>([this, write = std::move(write)] { return m_server.write(write); },
                                      std::move(done), GatewayFieldsWritten::Refused,
                                      GatewayFieldsWritten::Unknown);
    }

    /// The server does the next command.
    void perform()
    {
        if (!m_late.empty()) {
            m_late.front()();
            m_late.pop_front();
        }
        if (m_commands.empty())
            return;
        Command next = std::move(m_commands.front());
        m_commands.pop_front();
        m_answers.push_back({next.perform(), std::move(next.lost)});
    }
    /// The node gets the next answer.
    void answer()
    {
        if (m_answers.empty())
            return;
        const auto next = std::move(m_answers.front());
        m_answers.pop_front();
        next.first();
    }
    /// The commands' fate is unknown; what was not performed will be if it `isLate`. The link may be back at
    /// once.
    void breakLink(bool isLate, bool isBack = false)
    {
        m_up = isBack;
        std::vector<std::function<void()>> lost;
        for (auto &[answer, whenLost] : std::exchange(m_answers, {}))
            lost.push_back(std::move(whenLost));
        for (Command &command : std::exchange(m_commands, {})) {
            if (isLate)
                m_late.push_back([perform = std::move(command.perform)] { perform(); });
            lost.push_back(std::move(command.lost));
        }
        for (const auto &each : lost)
            each();
    }
    void mendLink() { m_up = true; }
    bool isUp() const { return m_up; }
    bool busy() const { return !m_commands.empty() || !m_answers.empty() || !m_late.empty(); }

private:
    struct Command
    {
        std::function<std::function<void()>()> perform; ///< answers how the node is told
        std::function<void()> lost;
    };

    template <typename Answer>
    void command(std::function<Answer()> perform, std::function<void(Answer)> done, Answer refused,
                 Answer lost)
    {
        if (!m_up) {
            m_answers.push_back({[done, refused] { done(refused); }, [done, refused] { done(refused); }});
            return;
        }
        m_commands.push_back({[perform = std::move(perform), done]() -> std::function<void()> {
                                  return [done, answer = perform()] { done(answer); };
                              },
                              [done, lost] { done(lost); }});
    }

    FakeGatewayServer &m_server;
    bool m_up = true;
    std::deque<Command> m_commands;
    std::deque<std::pair<std::function<void()>, std::function<void()>>> m_answers;
    std::deque<std::function<void()>> m_late;
};

} // namespace mws::test
