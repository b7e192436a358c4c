#include "protocol/deadline_wheel.h"

#include "support/fake_clock.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <memory>
#include <random>

namespace mws::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class Alarm final : public Deadline
{
public:
    explicit Alarm(std::function<void(Alarm &)> ring) : m_ring(std::move(ring)) {}

private:
    void expired(SteadyTime) override
    {
        const std::function<void(Alarm &)> ring = m_ring; // a copy: it may destroy this
        ring(*this);
    }

    std::function<void(Alarm &)> m_ring;
};

class DeadlineWheelTest : public testing::Test
{
protected:
    void advance(std::chrono::milliseconds by)
    {
        m_clock.advance(by);
        m_wheel.advance(m_clock.now());
    }
    SteadyTime in(std::chrono::milliseconds time) const { return m_clock.now() + time; }
    std::unique_ptr<Alarm> alarm(int name)
    {
        return std::make_unique<Alarm>([this, name](Alarm &) { m_rung.push_back(name); });
    }

    FakeClock m_clock;
    DeadlineWheel m_wheel{m_clock.now(), 100ms, 16};
    std::vector<int> m_rung;
};

TEST_F(DeadlineWheelTest, FiresOnceNotBeforeItsTime)
{
    const auto one = alarm(1);
    m_wheel.arm(*one, in(250ms));
    EXPECT_TRUE(one->armed());
    advance(249ms);
    EXPECT_THAT(m_rung, ElementsAre());
    advance(1ms);
    EXPECT_THAT(m_rung, ElementsAre(1));
    EXPECT_FALSE(one->armed());
    advance(10s);
    EXPECT_THAT(m_rung, ElementsAre(1));
    EXPECT_EQ(m_wheel.size(), 0u);
}

TEST_F(DeadlineWheelTest, FiresAPastTimeAtTheNextAdvance)
{
    advance(950ms);
    const auto one = alarm(1);
    m_wheel.arm(*one, in(-500ms));
    m_wheel.advance(m_clock.now());
    EXPECT_THAT(m_rung, ElementsAre(1));
}

TEST_F(DeadlineWheelTest, WaitsBeyondOneTurn)
{
    const auto one = alarm(1);
    m_wheel.arm(*one, in(5000ms));
    for (int i = 0; i < 49; ++i)
        advance(100ms);
    EXPECT_THAT(m_rung, ElementsAre());
    advance(100ms);
    EXPECT_THAT(m_rung, ElementsAre(1));
}

TEST_F(DeadlineWheelTest, FiresAllOfALongGapInOrder)
{
    const auto one = alarm(1), two = alarm(2), three = alarm(3), four = alarm(4), never = alarm(5);
    m_wheel.arm(*three, in(1600ms + 50ms)); // the same slot as the first, a turn later
    m_wheel.arm(*one, in(50ms));
    m_wheel.arm(*four, in(24h));
    m_wheel.arm(*two, in(700ms));
    m_wheel.arm(*never, SteadyTime::max());
    advance(48h);
    EXPECT_THAT(m_rung, ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(m_wheel.size(), 1u);
}

TEST_F(DeadlineWheelTest, RearmsAndDisarms)
{
    const auto one = alarm(1), two = alarm(2);
    m_wheel.arm(*one, in(100ms));
    m_wheel.arm(*one, in(1000ms));
    m_wheel.arm(*two, in(100ms));
    m_wheel.disarm(*two);
    m_wheel.disarm(*two);
    EXPECT_EQ(m_wheel.size(), 1u);
    advance(900ms);
    EXPECT_THAT(m_rung, ElementsAre());
    advance(100ms);
    EXPECT_THAT(m_rung, ElementsAre(1));
}

TEST_F(DeadlineWheelTest, ForgetsADeadlineThatDies)
{
    auto one = alarm(1), two = alarm(2);
    m_wheel.arm(*one, in(100ms));
    m_wheel.arm(*two, in(100ms));
    one.reset();
    advance(1s);
    EXPECT_THAT(m_rung, ElementsAre(2));
}

TEST_F(DeadlineWheelTest, DisarmsAllWhenItDies)
{
    const auto one = alarm(1);
    {
        DeadlineWheel wheel(m_clock.now());
        wheel.arm(*one, in(1s));
        EXPECT_TRUE(one->armed());
    }
    EXPECT_FALSE(one->armed());
}

TEST_F(DeadlineWheelTest, LetsAHandlerRearmItself)
{
    Alarm again([this](Alarm &self) {
        m_rung.push_back(0);
        m_wheel.arm(self, m_clock.now()); // past at once: next advance
    });
    m_wheel.arm(again, in(50ms));
    advance(2s);
    EXPECT_EQ(m_rung.size(), 1u);
    advance(1ms);
    EXPECT_EQ(m_rung.size(), 2u);
}

TEST_F(DeadlineWheelTest, LetsAHandlerDestroyItselfAndOthersOfItsSlot)
{
    std::vector<std::unique_ptr<Alarm>> all;
    for (int i = 0; i < 5; ++i) {
        all.push_back(std::make_unique<Alarm>([&, i](Alarm &) {
            m_rung.push_back(i);
            all.clear();
        }));
        m_wheel.arm(*all.back(), in(10ms));
    }
    advance(100ms);
    EXPECT_EQ(m_rung.size(), 1u);
    EXPECT_EQ(m_wheel.size(), 0u);
}

TEST_F(DeadlineWheelTest, LetsAHandlerPutOffOthersOfItsSlot)
{
    const auto other = alarm(2);
    Alarm one([&](Alarm &) { m_wheel.arm(*other, in(1s)); });
    m_wheel.arm(one, in(10ms));
    m_wheel.arm(*other, in(11ms));
    advance(100ms);
    EXPECT_THAT(m_rung, ElementsAre());
    advance(1s);
    EXPECT_THAT(m_rung, ElementsAre(2));
}

TEST_F(DeadlineWheelTest, FiresLikeASortedMap)
{
    std::mt19937 random(1);
    std::vector<std::unique_ptr<Alarm>> alarms;
    std::map<int, SteadyTime> model;
    for (int i = 0; i < 200; ++i)
        alarms.push_back(std::make_unique<Alarm>([this, i](Alarm &) { m_rung.push_back(i); }));
    for (int step = 0; step < 5000; ++step) {
        const int i = static_cast<int>(random() % 200);
        if (random() % 4 == 0) {
            m_wheel.disarm(*alarms[i]);
            model.erase(i);
        } else {
            model[i] = in(std::chrono::milliseconds(static_cast<int>(random() % 8000) - 200));
            m_wheel.arm(*alarms[i], model[i]);
        }
        if (random() % 3 == 0) {
            m_rung.clear();
            advance(std::chrono::milliseconds(random() % 50 == 0 ? 20000 : random() % 300));
            std::vector<int> due;
            for (const auto &[name, when] : model) {
                if (when <= m_clock.now())
                    due.push_back(name);
            }
            for (const int name : due)
                model.erase(name);
            ASSERT_THAT(m_rung, testing::UnorderedElementsAreArray(due));
        }
        ASSERT_EQ(m_wheel.size(), model.size());
    }
}

} // namespace
} // namespace mws::test
