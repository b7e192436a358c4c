#include "fuzz/fuzz_input.h"
#include "protocol/deadline_wheel.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

using namespace mws;
using namespace mws::test;

namespace {

using std::chrono::milliseconds;
constexpr size_t count = 8;
constexpr milliseconds tick{10};
constexpr size_t slots = 4;

/// Deadlines on a wheel, beside a plain list of when each is due.
class Clockwork
{
public:
    explicit Clockwork(Choices &choices) : m_choices(choices)
    {
        for (size_t i = 0; i < count; ++i)
            m_deadlines[i] = std::make_unique<Bell>(*this, i);
    }

    void step()
    {
        if (m_choices.oneOf(3) == 0)
            advance();
        else
            change();
        check();
    }

private:
    class Bell final : public Deadline
    {
    public:
        Bell(Clockwork &owner, size_t number) : m_owner(owner), m_number(number) {}

    private:
        void expired(SteadyTime now) override { m_owner.rang(m_number, now); }

        Clockwork &m_owner;
        size_t m_number;
    };

    void change()
    {
        const size_t i = m_choices.oneOf(count);
        const size_t action = m_choices.oneOf(6);
        if (action == 0) {
            m_wheel.disarm(*m_deadlines[i]);
            m_due[i].reset();
        } else if (action == 1) {
            m_deadlines[i] = std::make_unique<Bell>(*this, i); // the old one leaves the wheel
            m_due[i].reset();
        } else {
            arm(i);
        }
        m_expected[i] = false; // what a handler changes does not ring in this turn
    }

    void arm(size_t i)
    {
        constexpr std::array<int, 4> scales{1, 3, 40, 500};
        const int distance = int(m_choices.oneOf(64)) - 8;
        const SteadyTime when = m_now + milliseconds(distance * scales[m_choices.oneOf(scales.size())]);
        m_wheel.arm(*m_deadlines[i], when);
        m_due[i] = when;
    }

    void advance()
    {
        constexpr std::array<int, 4> steps{1, 7, 100, 1000};
        m_now += milliseconds(int(m_choices.oneOf(32)) * steps[m_choices.oneOf(steps.size())]);
        for (size_t i = 0; i < count; ++i)
            m_expected[i] = m_due[i] && *m_due[i] <= m_now;
        m_lastTick = SteadyTime::min();
        m_turning = true;
        m_wheel.advance(m_now);
        m_turning = false;
        m_before = m_now;
        require(std::none_of(m_expected.begin(), m_expected.end(), [](bool left) { return left; }));
    }

    void rang(size_t i, SteadyTime now)
    {
        require(m_turning && now == m_now && m_expected[i] && !m_deadlines[i]->armed());
        if (*m_due[i] > m_before) { // those of an earlier turn come first, in any order
            const SteadyTime at{(*m_due[i]).time_since_epoch() / tick * tick};
            require(at >= m_lastTick);
            m_lastTick = at;
        }
        m_expected[i] = false;
        m_due[i].reset();
        for (size_t changes = m_choices.oneOf(3); changes > 0; --changes)
            change();
    }

    void check() const
    {
        size_t armed = 0;
        for (size_t i = 0; i < count; ++i) {
            require(m_deadlines[i]->armed() == m_due[i].has_value());
            require(!m_due[i] || m_deadlines[i]->when() == *m_due[i]);
            armed += m_due[i].has_value() ? 1 : 0;
        }
        require(m_wheel.size() == armed);
    }

    Choices &m_choices;
    SteadyTime m_now{milliseconds(1000)};
    SteadyTime m_before = m_now; ///< the turn before
    DeadlineWheel m_wheel{m_now, tick, slots};
    std::array<std::unique_ptr<Bell>, count> m_deadlines;
    std::array<std::optional<SteadyTime>, count> m_due;
    std::array<bool, count> m_expected{}; ///< still to ring in this turn
    SteadyTime m_lastTick = SteadyTime::min();
    bool m_turning = false;
};

} // namespace

/// Against a plain list: what is due rings once, in order, and nothing else does, whatever handlers change.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Choices choices(data, size);
    Clockwork clockwork(choices);
    while (choices.left())
        clockwork.step();
    return 0;
}
