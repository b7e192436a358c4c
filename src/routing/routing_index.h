#pragma once

#include "mws/domain/identifiers.h"
#include "mws/domain/message.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
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
    uint32_t position = 0;  ///< in the list of all
    uint64_t lastMatch = 0; ///< serial of the last message that took this socket: each gets it once
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

    /// Precondition: the id is not in the index.
    void add(RoutedSocket &socket, SharedTags tags);
    void remove(RoutedSocket &socket);
    void setTags(RoutedSocket &socket, SharedTags tags);

    RoutedSocket *find(const SocketId &id) const;
    /// Calls `deliver` once for each socket that `receivers` match, excluded ones left out.
    /// `deliver` must not change the index.
    Matched match(const Receivers &receivers, const std::function<void(RoutedSocket &)> &deliver);
    /// Those that carry `tag`.
    std::span<RoutedSocket *const> withTag(const Tag &tag) const;
    std::span<RoutedSocket *const> all() const;
    size_t size() const { return all().size(); }

private:
    // Implementation's business: a list of all with swap-remove, a hash by id, a hash from tag to list.
    struct Impl;
};

} // namespace mws
