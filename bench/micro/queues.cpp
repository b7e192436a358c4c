#include "hot_paths.h"
#include "measured.h"

#include <array>

namespace mws::micro {

namespace {

using namespace std::chrono_literals;

constexpr auto pingInterval = 45s;

} // namespace

void Output::passOne()
{
    m_queue.pushShared(m_frame, OutputQueue::Kind::Data);
    gather(1);
}

void Output::passMany()
{
    for (int i = 0; i < 64; ++i)
        m_queue.pushShared(m_frame, OutputQueue::Kind::Data);
    gather(64);
}

void Output::gather(size_t frames)
{
    std::array<iovec, 64> vectors;
    uint64_t expired = 0;
    const size_t used = m_queue.gather(vectors, SteadyTime(), expired);
    require(used == frames && expired == 0, "frames are missing");
    keep(vectors);
    m_queue.consume(m_queue.bytes());
    require(m_queue.empty(), "the queue is not empty");
}

struct Deadlines::Ping final : Deadline
{
    explicit Ping(DeadlineWheel &owner) : wheel(owner) {}
    void expired(SteadyTime now) override { wheel.arm(*this, now + pingInterval); }
    DeadlineWheel &wheel;
};

Deadlines::Deadlines(size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        Ping &ping = m_pings.emplace_back(m_wheel);
        m_wheel.arm(ping, m_now + 1ms + std::chrono::nanoseconds(pingInterval) * i / count);
    }
}

Deadlines::~Deadlines() = default;

void Deadlines::rearm()
{
    m_step = (m_step + 7919) % m_pings.size();
    m_wheel.arm(m_pings[m_step], m_now + pingInterval);
    require(m_wheel.size() == m_pings.size(), "a deadline was lost");
}

void Deadlines::tick()
{
    m_now += m_wheel.tick();
    m_wheel.advance(m_now);
    require(m_wheel.size() == m_pings.size(), "a deadline was lost");
}

size_t Deadlines::duePerTick() const
{
    return m_pings.size() * size_t(m_wheel.tick() / 1ms) / size_t(pingInterval / 1ms);
}

} // namespace mws::micro
