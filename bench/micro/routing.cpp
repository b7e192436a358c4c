#include "hot_paths.h"
#include "measured.h"

namespace mws::micro {

namespace {

SocketId idOf(size_t number)
{
    const std::string text = std::to_string(number);
    return *SocketId::parse(std::string(SocketId::length - text.size(), 'a') + text);
}

Receivers toSocketOf(const RoutedSocket &socket)
{
    Receivers receivers;
    receivers.sockets.push_back(socket.id.string());
    return receivers;
}

Receivers toTagsOf(std::vector<Tag> tags)
{
    Receivers receivers;
    receivers.tags = std::move(tags);
    return receivers;
}

/// Coprime to all numbers of sockets and tags that are asked for, so that all come by.
constexpr size_t stride = 7919;

} // namespace

Routing::Routing(size_t sockets, size_t tags)
{
    require(tags <= sockets && tags > 0, "more tags than sockets");
    for (size_t i = 0; i < tags; ++i)
        m_tags.push_back(std::make_shared<const std::vector<Tag>>(1, "t" + std::to_string(i)));
    for (size_t i = 0; i < sockets; ++i) {
        RoutedSocket &socket = m_sockets.emplace_back();
        socket.id = idOf(i);
        m_index.add(socket, m_tags[i % tags]);
    }
    for (const RoutedSocket &socket : m_sockets)
        m_bySocket.push_back(toSocketOf(socket));
    for (size_t i = 0; i < tags; ++i) {
        const Tag &tag = m_tags[i]->front();
        m_byTag.push_back(toTagsOf({tag}));
        m_byTwoTags.push_back(toTagsOf({tag, m_tags[(i + 1) % tags]->front()}));
    }
    m_everyone.everyone = true;
}

Routing::~Routing()
{
    for (RoutedSocket &socket : m_sockets)
        m_index.remove(socket);
}

size_t Routing::next(size_t below)
{
    m_step = (m_step + stride) % (m_sockets.size() * m_tags.size());
    return m_step % below;
}

size_t Routing::match(const Receivers &receivers, size_t atLeast)
{
    const size_t before = m_delivered;
    const RoutingIndex::Matched matched = m_index.match(receivers, [this](RoutedSocket &socket) {
        keep(socket);
        ++m_delivered;
    });
    require(m_delivered - before >= atLeast && matched.count >= atLeast, "a receiver was not found");
    return m_delivered - before;
}

size_t Routing::toSocket()
{
    return match(m_bySocket[next(m_sockets.size())], 1);
}

size_t Routing::toTag()
{
    return match(m_byTag[next(m_tags.size())], m_sockets.size() / m_tags.size());
}

size_t Routing::toTwoTags()
{
    return match(m_byTwoTags[next(m_tags.size())], m_sockets.size() / m_tags.size());
}

size_t Routing::toAll()
{
    return match(m_everyone, m_sockets.size());
}

void Routing::reconnect()
{
    RoutedSocket &socket = m_sockets[next(m_sockets.size())];
    const SharedTags tags = socket.tags;
    m_index.remove(socket);
    m_index.add(socket, tags);
    require(m_index.size() == m_sockets.size(), "the socket did not come back");
}

} // namespace mws::micro
