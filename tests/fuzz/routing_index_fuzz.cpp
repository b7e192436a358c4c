#include "fuzz/fuzz_input.h"
#include "routing/routing_index.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <vector>

using namespace mws;
using namespace mws::test;

namespace {

constexpr size_t socketCount = 24;
constexpr size_t tagCount = 12;

/// Made once: making them over and over would be most of the work.
template <size_t size>
std::array<std::string, size> makeNames(const std::string &prefix)
{
    std::array<std::string, size> names;
    for (size_t i = 0; i < size; ++i)
        names[i] = prefix + char('A' + i);
    return names;
}

const std::array<std::string, socketCount> ids =
    makeNames<socketCount>(std::string(SocketId::length - 1, 'a'));
const std::array<Tag, tagCount> tagNames = makeNames<tagCount>("tag:");

using TagSet = std::bitset<tagCount>;

/// Receivers by their numbers.
struct Named
{
    bool everyone = false;
    std::vector<size_t> sockets;
    std::vector<size_t> tags;
    std::vector<size_t> excluded;
};

/// An index beside a plain map of ids and tags.
class Both
{
public:
    Both()
    {
        for (size_t i = 0; i < socketCount; ++i)
            m_sockets[i].id = *SocketId::parse(ids[i]);
    }

    void step(Choices &choices)
    {
        const size_t i = choices.oneOf(socketCount);
        switch (choices.oneOf(4)) {
        case 0:
            if (m_tags[i])
                m_index.remove(m_sockets[i]);
            m_tags[i].reset();
            return;
        case 1:
            return check(choices);
        default:
            return put(choices, i);
        }
    }

    void check(Choices &choices)
    {
        const Named named = someReceivers(choices);
        std::array<size_t, socketCount> got{};
        const auto matched = m_index.match(
            receiversOf(named), [&](RoutedSocket &socket) { ++got[size_t(&socket - &m_sockets[0])]; });
        uint64_t expected = 0;
        for (size_t i = 0; i < socketCount; ++i) {
            const size_t matches = m_tags[i] ? matchesOf(named, i, *m_tags[i]) : 0;
            expected += matches;
            require(got[i] == (matches > 0 ? 1 : 0));
        }
        require(matched.count == expected);
    }

    void checkLists() const
    {
        size_t count = 0;
        for (size_t i = 0; i < socketCount; ++i) {
            require(m_index.find(m_sockets[i].id) == (m_tags[i] ? &m_sockets[i] : nullptr));
            count += m_tags[i] ? 1 : 0;
        }
        require(m_index.size() == count);
        for (size_t tag = 0; tag < tagCount; ++tag) {
            const auto carries = [&](const std::optional<TagSet> &tags) { return tags && tags->test(tag); };
            const auto carriers = std::count_if(m_tags.begin(), m_tags.end(), carries);
            require(m_index.withTag(tagNames[tag]).size() == size_t(carriers));
        }
    }

private:
    void put(Choices &choices, size_t i)
    {
        TagSet set;
        std::vector<Tag> tags;
        for (size_t left = choices.oneOf(6); left > 0; --left) {
            const size_t tag = choices.oneOf(tagCount); // one may come twice
            tags.push_back(tagNames[tag]);
            set.set(tag);
        }
        const auto shared =
            tags.empty() && choices.flag() ? nullptr : std::make_shared<const std::vector<Tag>>(tags);
        if (m_tags[i])
            m_index.setTags(m_sockets[i], shared);
        else
            m_index.add(m_sockets[i], shared);
        m_tags[i] = set;
    }

    static Named someReceivers(Choices &choices)
    {
        Named named;
        named.everyone = choices.oneOf(8) == 1;
        for (size_t left = choices.oneOf(4); left > 0; --left)
            named.sockets.push_back(choices.oneOf(socketCount));
        for (size_t left = choices.oneOf(4); left > 0; --left)
            named.tags.push_back(choices.oneOf(tagCount));
        for (size_t left = choices.oneOf(3); left > 0; --left)
            named.excluded.push_back(choices.oneOf(socketCount));
        return named;
    }

    static Receivers receiversOf(const Named &named)
    {
        Receivers receivers;
        receivers.everyone = named.everyone;
        for (const size_t i : named.sockets)
            receivers.sockets.push_back(ids[i]);
        for (const size_t tag : named.tags)
            receivers.tags.push_back(tagNames[tag]);
        for (const size_t i : named.excluded)
            receivers.excluded.push_back(ids[i]);
        return receivers;
    }

    /// How many receivers name that socket; none if it is excluded.
    static size_t matchesOf(const Named &named, size_t i, const TagSet &tags)
    {
        if (std::count(named.excluded.begin(), named.excluded.end(), i) > 0)
            return 0;
        size_t matches = named.everyone ? 1 : 0;
        matches += size_t(std::count(named.sockets.begin(), named.sockets.end(), i));
        return matches + size_t(std::count_if(named.tags.begin(), named.tags.end(),
                                              [&](size_t tag) { return tags.test(tag); }));
    }

    std::array<RoutedSocket, socketCount> m_sockets;
    std::array<std::optional<TagSet>, socketCount> m_tags; ///< of those that are in the index
    RoutingIndex m_index;
};

} // namespace

/// Against a plain map: each message reaches just whom it should, once, after any coming and going.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Choices choices(data, size);
    Both both;
    while (choices.left())
        both.step(choices);
    both.check(choices);
    both.checkLists();
    return 0;
}
