#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mws::test {

/// FNV-1a (64 bits) over all that one socket gets of one publisher.
class RunningHash
{
public:
    void add(std::string_view bytes);
    friend bool operator==(const RunningHash &, const RunningHash &) = default;

private:
    uint64_t m_state = 0xcbf29ce484222325;
};

/// Which messages are posted and who must get each: by seed, so that both sides know without asking.
class Plan
{
public:
    struct Size
    {
        size_t messages = 1'000'000; ///< of all publishers
        size_t publishers = 8;
        size_t sockets = 200;
        size_t groups = 10; ///< socket i carries the tag of group i modulo this
    };
    enum class Kind : uint8_t { Id, Tag, All };
    struct Message
    {
        Kind kind;
        size_t target;  ///< the socket, or the group
        size_t matched; ///< how many of the plan's sockets get it
    };

    Plan(uint64_t seed, Size size);

    const Size &size() const { return m_size; }
    uint32_t perPublisher() const { return uint32_t(m_size.messages / m_size.publishers); }
    /// 98 % go to one socket by its id, 1.9 % to a group by its tag, 0.1 % to all.
    Message message(size_t publisher, uint32_t number) const;
    /// `PUBLISHER NUMBER ` and 20 to 220 characters that depend on both.
    std::string payload(size_t publisher, uint32_t number) const;
    /// The numbers that a socket must get of a publisher, in their order.
    const std::vector<uint32_t> &expected(size_t socket, size_t publisher) const
    {
        return m_expected[socket * m_size.publishers + publisher];
    }
    size_t deliveries() const { return m_deliveries; }
    RunningHash expectedHash(size_t socket, size_t publisher) const;

    static std::string groupTag(size_t group) { return "group" + std::to_string(group); }

private:
    uint64_t random(size_t publisher, uint32_t number, uint64_t what) const;
    void expect(size_t socket, size_t publisher, uint32_t number);

    uint64_t m_seed;
    Size m_size;
    size_t m_deliveries = 0;
    std::vector<std::vector<uint32_t>> m_expected;
};

/// What stands before the filling of a payload.
struct PayloadHead
{
    size_t publisher = 0;
    uint32_t number = 0;
};
/// False if it is none of Plan::payload().
bool readPayloadHead(std::string_view payload, PayloadHead &head);

} // namespace mws::test
