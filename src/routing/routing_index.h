#pragma once

#include "mws/domain/identifiers.h"
#include "mws/domain/message.h"
#include "routing/pointer_table.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mws {

using SharedTags = std::shared_ptr<const std::vector<Tag>>;

/// What the index knows of a socket; the owner derives its session from it. Not movable while it is in an
/// index.
struct RoutedSocket
{
    SocketId id;
    SharedTags tags; ///< never null while in an index
private:
    friend class RoutingIndex;
    struct TagList;
    struct Membership
    {
        TagList *list;
        uint32_t position; ///< in it
    };

    std::unique_ptr<Membership[]> memberships; ///< one for each different tag
    uint32_t membershipCount = 0;
    uint32_t position = 0;  ///< in the list of all
    uint64_t lastMatch = 0; ///< mark of the last message that took or left out this socket: each gets it once
};

/// Sockets of one gateway on one worker, reachable by id, by tag, or all. Pure: knows neither sockets nor
/// threads.
class RoutingIndex
{
public:
    struct Matched
    {
        uint64_t count =
            0; ///< matches summed over the receivers that named them, without the excluded sockets
    };

    /// A callable taken by reference for the time of a call; costs no allocation, whatever it captures.
    class Deliver
    {
    public:
        template <typename F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, Deliver>) Deliver(F &&call)
            : m_call(const_cast<void *>(static_cast<const void *>(&call))),
              m_run([](void *target, RoutedSocket &socket) {
                  (*static_cast<std::remove_reference_t<F> *>(target))(socket);
              })
        {}
        void operator()(RoutedSocket &socket) const { m_run(m_call, socket); }

    private:
        void *m_call;
        void (*m_run)(void *, RoutedSocket &);
    };

    RoutingIndex();
    ~RoutingIndex();
    RoutingIndex(const RoutingIndex &) = delete;
    RoutingIndex &operator=(const RoutingIndex &) = delete;

    /// Precondition: the id is not in the index.
    void add(RoutedSocket &socket, SharedTags tags);
    void remove(RoutedSocket &socket);
    void setTags(RoutedSocket &socket, SharedTags tags);

    RoutedSocket *find(const SocketId &id) const;
    /// Calls `deliver` once for each socket that `receivers` match, excluded ones left out.
    /// `deliver` must not change the index.
    Matched match(const Receivers &receivers, Deliver deliver);
    /// Those that carry `tag`.
    std::span<RoutedSocket *const> withTag(const Tag &tag) const;
    std::span<RoutedSocket *const> all() const;
    size_t size() const { return all().size(); }

private:
    using TagList = RoutedSocket::TagList;
    class Matching;

    RoutedSocket *findId(std::string_view id) const;
    TagList *findTag(std::string_view tag) const;
    TagList &tagList(const Tag &tag);
    void joinTags(RoutedSocket &socket, SharedTags tags);
    void leaveTags(RoutedSocket &socket);
    void leave(const RoutedSocket::Membership &membership);

    std::vector<RoutedSocket *> m_all;
    PointerTable<RoutedSocket> m_byId;
    PointerTable<TagList> m_byTag; ///< owns its lists
    uint64_t m_lastMark = 0;
};

} // namespace mws
