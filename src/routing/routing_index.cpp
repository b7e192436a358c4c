#include "routing/routing_index.h"

#include <algorithm>
#include <functional>

namespace mws {
namespace {

size_t hashOf(std::string_view text)
{
    return std::hash<std::string_view>{}(text);
}

} // namespace

/// The sockets of one tag. A single one, as a tag like `user:42` has, needs no list.
struct RoutedSocket::TagList
{
    explicit TagList(const Tag &name) : tag(name) {}

    std::span<RoutedSocket *const> sockets() const
    {
        return many ? std::span<RoutedSocket *const>(*many)
                    : std::span<RoutedSocket *const>(&one, one ? 1 : 0);
    }
    uint32_t add(RoutedSocket &socket);
    /// Gives the one that took over the position; null if it was the last.
    RoutedSocket *removeAt(uint32_t position);

    Tag tag;
    RoutedSocket *one = nullptr;
    std::unique_ptr<std::vector<RoutedSocket *>> many;
};

uint32_t RoutedSocket::TagList::add(RoutedSocket &socket)
{
    if (!many && !one) {
        one = &socket;
        return 0;
    }
    if (!many)
        many = std::make_unique<std::vector<RoutedSocket *>>(1, one);
    many->push_back(&socket);
    return static_cast<uint32_t>(many->size() - 1);
}

RoutedSocket *RoutedSocket::TagList::removeAt(uint32_t position)
{
    if (!many) {
        one = nullptr;
        return nullptr;
    }
    RoutedSocket *const moved = position + 1 == many->size() ? nullptr : many->back();
    if (moved)
        (*many)[position] = moved;
    many->pop_back();
    if (many->size() == 1) {
        one = many->front();
        many.reset();
    }
    return moved;
}

/// One message on its way: marks who had it and who must not.
class RoutingIndex::Matching
{
public:
    Matching(Deliver deliver, uint64_t mark, bool alone) : m_deliver(deliver), m_taken(mark), m_alone(alone)
    {}

    void exclude(RoutedSocket &socket) const { socket.lastMatch = excludedMark(); }
    void take(RoutedSocket &socket)
    {
        if (!m_alone) {
            if (socket.lastMatch == excludedMark())
                return;
            if (std::exchange(socket.lastMatch, m_taken) == m_taken) {
                ++m_count;
                return;
            }
        }
        ++m_count;
        m_deliver(socket);
    }
    void takeAll(std::span<RoutedSocket *const> sockets)
    {
        constexpr size_t ahead = 8;
        for (size_t i = 0; i < sockets.size(); ++i) {
            if (i + ahead < sockets.size())
                __builtin_prefetch(sockets[i + ahead]);
            take(*sockets[i]);
        }
    }
    uint64_t count() const { return m_count; }

private:
    uint64_t excludedMark() const { return m_taken + 1; }

    Deliver m_deliver;
    uint64_t m_taken;
    uint64_t m_count = 0;
    bool m_alone; ///< only one receiver: nobody can match twice
};

RoutingIndex::RoutingIndex() = default;

RoutingIndex::~RoutingIndex()
{
    for (RoutedSocket *socket : m_all)
        leaveTags(*socket);
}

void RoutingIndex::add(RoutedSocket &socket, SharedTags tags)
{
    socket.position = static_cast<uint32_t>(m_all.size());
    socket.lastMatch = 0;
    m_all.push_back(&socket);
    m_byId.insert(hashOf(socket.id.view()), socket);
    joinTags(socket, std::move(tags));
}

void RoutingIndex::remove(RoutedSocket &socket)
{
    leaveTags(socket);
    m_byId.erase(hashOf(socket.id.view()), socket);
    m_all.back()->position = socket.position;
    m_all[socket.position] = m_all.back();
    m_all.pop_back();
    if (m_all.size() * 4 < m_all.capacity())
        m_all.shrink_to_fit();
}

void RoutingIndex::setTags(RoutedSocket &socket, SharedTags tags)
{
    if (socket.tags == tags)
        return;
    leaveTags(socket);
    joinTags(socket, std::move(tags));
}

void RoutingIndex::joinTags(RoutedSocket &socket, SharedTags tags)
{
    static const SharedTags none = std::make_shared<const std::vector<Tag>>();
    socket.tags = tags ? std::move(tags) : none;
    if (socket.tags->empty())
        return;
    socket.memberships = std::make_unique<RoutedSocket::Membership[]>(socket.tags->size());
    for (const Tag &tag : *socket.tags) {
        TagList &list = tagList(tag);
        const auto begin = socket.memberships.get();
        const auto end = begin + socket.membershipCount;
        if (std::none_of(begin, end,
                         [&](const RoutedSocket::Membership &joined) { return joined.list == &list; }))
            socket.memberships[socket.membershipCount++] = {&list, list.add(socket)};
    }
}

void RoutingIndex::leaveTags(RoutedSocket &socket)
{
    for (uint32_t i = 0; i < socket.membershipCount; ++i)
        leave(socket.memberships[i]);
    socket.memberships.reset();
    socket.membershipCount = 0;
}

void RoutingIndex::leave(const RoutedSocket::Membership &membership)
{
    TagList *const list = membership.list;
    if (RoutedSocket *const moved = list->removeAt(membership.position)) {
        const auto theirs =
            std::find_if(moved->memberships.get(), moved->memberships.get() + moved->membershipCount,
                         [&](const RoutedSocket::Membership &other) { return other.list == list; });
        theirs->position = membership.position;
    }
    if (list->sockets().empty()) {
        m_byTag.erase(hashOf(list->tag), *list);
        delete list;
    }
}

RoutingIndex::TagList *RoutingIndex::findTag(std::string_view tag) const
{
    return m_byTag.find(hashOf(tag), [&](const TagList &list) { return list.tag == tag; });
}

RoutingIndex::TagList &RoutingIndex::tagList(const Tag &tag)
{
    if (TagList *const found = findTag(tag))
        return *found;
    auto list = std::make_unique<TagList>(tag);
    m_byTag.insert(hashOf(tag), *list);
    return *list.release();
}

RoutedSocket *RoutingIndex::findId(std::string_view id) const
{
    return m_byId.find(hashOf(id), [&](const RoutedSocket &socket) { return socket.id.view() == id; });
}

RoutedSocket *RoutingIndex::find(const SocketId &id) const
{
    return findId(id.view());
}

RoutingIndex::Matched RoutingIndex::match(const Receivers &receivers, Deliver deliver)
{
    const size_t named = receivers.sockets.size() + receivers.tags.size() + (receivers.everyone ? 1 : 0);
    m_lastMark += 2; // one mark for those who had it, the next for the excluded
    Matching matching(deliver, m_lastMark, named == 1 && receivers.excluded.empty());
    for (const std::string &id : receivers.excluded) {
        if (RoutedSocket *const socket = findId(id))
            matching.exclude(*socket);
    }
    if (receivers.everyone)
        matching.takeAll(m_all);
    for (const std::string &id : receivers.sockets) {
        if (RoutedSocket *const socket = findId(id))
            matching.take(*socket);
    }
    for (const Tag &tag : receivers.tags)
        matching.takeAll(withTag(tag));
    return {matching.count()};
}

std::span<RoutedSocket *const> RoutingIndex::withTag(const Tag &tag) const
{
    const TagList *const list = findTag(tag);
    return list ? list->sockets() : std::span<RoutedSocket *const>();
}

std::span<RoutedSocket *const> RoutingIndex::all() const
{
    return m_all;
}

} // namespace mws
