#include "streams.h"

#include <charconv>
#include <gtest/gtest.h>

namespace mws::test {

size_t Streams::add(std::vector<size_t> members)
{
    auto stream = std::make_unique<Stream>();
    stream->members = std::move(members);
    stream->next.resize(m_sockets);
    m_streams.push_back(std::move(stream));
    return m_streams.size() - 1;
}

std::string Streams::next(size_t stream)
{
    return '<' + std::to_string(stream) + ' ' + std::to_string(m_streams[stream]->sent++) + '>';
}

void Streams::received(size_t socket, std::string_view payload)
{
    const size_t start = payload.find('<');
    if (start == payload.npos)
        return; // not one of ours
    size_t stream = 0;
    uint64_t number = 0;
    const char *end = payload.data() + payload.size();
    const auto first = std::from_chars(payload.data() + start + 1, end, stream);
    std::from_chars(first.ptr + 1, end, number);
    ASSERT_LT(stream, m_streams.size()) << payload;
    uint64_t &next = m_streams[stream]->next[socket];
    EXPECT_EQ(number, next) << "stream " << stream << " at socket " << socket;
    next = number + 1;
    ++m_received;
}

uint64_t Streams::expectedDeliveries() const
{
    uint64_t sum = 0;
    for (const auto &stream : m_streams)
        sum += stream->sent * stream->members.size();
    return sum;
}

} // namespace mws::test
