#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace mws::test {

/// Carries commands of one node to a simulated server and answers back. Each waits until it is let through,
/// in its order.
class FakeLink
{
public:
    /// One that the server has done or not, and whose asker is told once.
    class Command
    {
    public:
        virtual ~Command() = default;
        virtual void perform() = 0;
        virtual void tell() = 0; ///< what the server said
        virtual void lose() = 0; ///< that the answer is lost
    };
    using Commands = std::deque<std::shared_ptr<Command>>;
    struct UnderWay
    {
        Commands answers;  ///< that the server has done
        Commands commands; ///< that it has not
    };

    explicit FakeLink(bool isUp = true) : m_up(isUp) {}

    bool isUp() const { return m_up; }
    /// `refused` is told where the link is down, `lost` where it breaks on the way.
    template <typename Value, typename Perform>
    void send(Perform perform, std::function<void(Value)> done, Value refused, Value lost)
    {
        if (m_up)
            m_commands.push_back(std::make_shared<Carried<Value, Perform>>(std::move(perform),
                                                                           std::move(done), std::move(lost)));
        else
            refuse(std::move(done), std::move(refused));
    }
    /// An answer that no server gives.
    template <typename Value>
    void refuse(std::function<void(Value)> done, Value refused)
    {
        const auto nothing = [refused] { return refused; };
        m_answers.push_back(
            std::make_shared<Carried<Value, decltype(nothing)>>(nothing, std::move(done), refused));
    }

    /// The server does the next command.
    void perform()
    {
        if (m_commands.empty())
            return;
        m_commands.front()->perform();
        m_answers.push_back(std::move(m_commands.front()));
        m_commands.pop_front();
    }
    /// The node gets the next answer.
    void answer()
    {
        if (m_answers.empty())
            return;
        const std::shared_ptr<Command> next = std::move(m_answers.front());
        m_answers.pop_front();
        next->tell();
    }
    /// What was under way is the caller's, who loses all of it, and may have some performed even later.
    UnderWay breakOff()
    {
        m_up = false;
        return {std::exchange(m_answers, {}), std::exchange(m_commands, {})};
    }
    static void lose(const Commands &commands)
    {
        for (const auto &command : commands)
            command->lose();
    }
    void mend() { m_up = true; }

    bool busy() const { return !m_commands.empty() || !m_answers.empty(); }
    size_t commands() const { return m_commands.size(); }

private:
    template <typename Value, typename Perform>
    class Carried final : public Command
    {
    public:
        Carried(Perform perform, std::function<void(Value)> done, Value lost)
            : m_perform(std::move(perform)), m_done(std::move(done)), m_said(lost), m_lost(std::move(lost))
        {}
        void perform() override { m_said = m_perform(); }
        void tell() override { std::exchange(m_done, {})(std::move(m_said)); }
        void lose() override { std::exchange(m_done, {})(std::move(m_lost)); }

    private:
        Perform m_perform;
        std::function<void(Value)> m_done;
        Value m_said;
        Value m_lost;
    };

    bool m_up;
    Commands m_commands;
    Commands m_answers;
};

} // namespace mws::test
