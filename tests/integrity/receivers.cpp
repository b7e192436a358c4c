#include "receivers.h"

#include <gtest/gtest.h>

namespace mws::test {

namespace {

constexpr size_t failuresTold = 10;

} // namespace

Receivers::Receivers(const Plan &plan) : m_plan(plan), m_tracks(plan.size().sockets * plan.size().publishers)
{}

void Receivers::take(size_t socket, std::string_view payload)
{
    ++m_taken;
    PayloadHead head;
    if (!readPayloadHead(payload, head) || head.publisher >= m_plan.size().publishers) {
        ADD_FAILURE() << "socket " << socket << " got what nobody sent: " << payload;
        return;
    }
    Track &track = m_tracks[socket * m_plan.size().publishers + head.publisher];
    const std::vector<uint32_t> &expected = m_plan.expected(socket, head.publisher);
    const bool due = track.next < expected.size() && expected[track.next] == head.number;
    if (!due && m_failures++ < failuresTold)
        ADD_FAILURE() << "socket " << socket << ", publisher " << head.publisher << ": got " << head.number
                      << ", due was "
                      << (track.next < expected.size() ? std::to_string(expected[track.next]) : "nothing");
    ++track.next;
    track.hash.add(payload);
}

void Receivers::publish()
{
    received.store(m_taken);
    received.notify_all();
}

void Receivers::release()
{
    received.store(UINT64_MAX / 2);
    received.notify_all();
}

void Receivers::checkEnd() const
{
    EXPECT_EQ(m_failures, 0u);
    EXPECT_EQ(m_taken, m_plan.deliveries());
    for (size_t socket = 0; socket < m_plan.size().sockets; ++socket) {
        for (size_t publisher = 0; publisher < m_plan.size().publishers; ++publisher) {
            const Track &track = m_tracks[socket * m_plan.size().publishers + publisher];
            EXPECT_EQ(track.next, m_plan.expected(socket, publisher).size())
                << "socket " << socket << ", publisher " << publisher;
            EXPECT_TRUE(track.hash == m_plan.expectedHash(socket, publisher))
                << "socket " << socket << ", publisher " << publisher;
        }
    }
}

} // namespace mws::test
