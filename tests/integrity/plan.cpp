#include "plan.h"

#include <charconv>

namespace mws::test {

namespace {

/// SplitMix64's finaliser.
uint64_t mixed(uint64_t value)
{
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

} // namespace

void RunningHash::add(std::string_view bytes)
{
    for (const char byte : bytes)
        m_state = (m_state ^ uint8_t(byte)) * 0x100000001b3;
}

Plan::Plan(uint64_t seed, Size size) : m_seed(seed), m_size(size), m_expected(size.sockets * size.publishers)
{
    for (size_t publisher = 0; publisher < size.publishers; ++publisher) {
        for (uint32_t number = 0; number < perPublisher(); ++number) {
            const Message next = message(publisher, number);
            switch (next.kind) {
            case Kind::Id:
                expect(next.target, publisher, number);
                break;
            case Kind::Tag:
                for (size_t socket = next.target; socket < size.sockets; socket += size.groups)
                    expect(socket, publisher, number);
                break;
            case Kind::All:
                for (size_t socket = 0; socket < size.sockets; ++socket)
                    expect(socket, publisher, number);
                break;
            }
        }
    }
}

uint64_t Plan::random(size_t publisher, uint32_t number, uint64_t what) const
{
    return mixed(mixed(m_seed + publisher) + (uint64_t(number) << 8) + what);
}

void Plan::expect(size_t socket, size_t publisher, uint32_t number)
{
    m_expected[socket * m_size.publishers + publisher].push_back(number);
    ++m_deliveries;
}

Plan::Message Plan::message(size_t publisher, uint32_t number) const
{
    const uint64_t lot = random(publisher, number, 0) % 1000;
    const uint64_t target = random(publisher, number, 1);
    if (lot < 980)
        return {Kind::Id, target % m_size.sockets, 1};
    if (lot < 999)
        return {Kind::Tag, target % m_size.groups, m_size.sockets / m_size.groups};
    return {Kind::All, 0, m_size.sockets};
}

std::string Plan::payload(size_t publisher, uint32_t number) const
{
    std::string text = std::to_string(publisher) + ' ' + std::to_string(number) + ' ';
    uint64_t filling = random(publisher, number, 2);
    const size_t size = text.size() + 20 + filling % 201;
    while (text.size() < size) {
        filling = mixed(filling);
        for (uint64_t rest = filling; rest > 0 && text.size() < size; rest >>= 5)
            text += char('a' + rest % 26);
    }
    return text;
}

RunningHash Plan::expectedHash(size_t socket, size_t publisher) const
{
    RunningHash hash;
    for (const uint32_t number : expected(socket, publisher))
        hash.add(payload(publisher, number));
    return hash;
}

bool readPayloadHead(std::string_view payload, PayloadHead &head)
{
    const char *end = payload.data() + payload.size();
    const auto publisher = std::from_chars(payload.data(), end, head.publisher);
    if (publisher.ec != std::errc() || publisher.ptr == end || *publisher.ptr != ' ')
        return false;
    const auto number = std::from_chars(publisher.ptr + 1, end, head.number);
    return number.ec == std::errc() && number.ptr != end && *number.ptr == ' ';
}

} // namespace mws::test
