#pragma once

#include "cluster/node_id.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace mws {

/// Is told what comes in by itself.
class NodePostListener
{
public:
    /// A letter to this node, once; letters of one sender in the order in which it sent them. `age`: since
    /// the post took it, by the post's clock.
    virtual void letterCame(std::string &&letter, std::chrono::milliseconds age) = 0;

protected:
    ~NodePostListener() = default;
};

/// Letters to other nodes, kept by Redis until they are read; in tests a fake. None is delivered twice; one
/// whose node does not read for 15 s is lost, and nobody is told.
/// Thread: one. Handlers and the listener are called from the event loop, never from within a call.
class NodePost
{
public:
    enum class Sent {
        Yes,
        No,      ///< nothing was sent; it is safe to repeat
        Unknown, ///< it was sent, or it was not, or it still will be
        TooLong, ///< longer than longestLetter; nothing was sent
    };

    virtual ~NodePost() = default;

    virtual void setListener(NodePostListener *listener) = 0;
    /// `done` is called once, in any case.
    virtual void send(const NodeId &to, std::string letter, std::function<void(Sent)> done) = 0;

    static constexpr size_t longestLetter = 1 << 20;
    /// Older ones are not delivered.
    static constexpr std::chrono::milliseconds longestAge{15000};
};

} // namespace mws
