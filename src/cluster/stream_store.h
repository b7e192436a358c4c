#pragma once

#include "cluster/stream_entry.h"
#include "mws/base/clock.h"
#include "mws/domain/identifiers.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// How much of each gateway's stream is kept.
struct StreamLimits
{
    size_t entries = 10000;                ///< at least so many, and some more, as the store trims in blocks
    std::chrono::milliseconds age{120000}; ///< older ones go, about an eighth later
    std::chrono::milliseconds idLife{300000}; ///< of an idempotency id
    uint32_t replicas = 0;                    ///< that must have an entry before it counts as written
    std::chrono::milliseconds replicaTimeout{1000};
};

/// An entry to be written.
struct StreamAppend
{
    GatewayId gateway;
    uint64_t nonce = 0; ///< random, not 0
    std::string body;
    std::string idempotencyId; ///< empty: none
    std::string digest;        ///< of what the id stands for
};

struct StreamAppended
{
    enum class Outcome {
        Written,
        Repeated, ///< the id is known with the same digest; nothing was written
        Conflict, ///< the id is known with another digest; nothing was written
        Refused,  ///< nothing was written; it is safe to repeat
        Unknown,  ///< it was written, or it was not, or it still will be
    };
    Outcome outcome = Outcome::Refused;
    StreamPosition position; ///< of what was written
    std::string detail;      ///< why it was not, for the log
};

struct StreamRead
{
    StreamPosition last; ///< of the stream at that moment
    std::vector<StreamEntry> entries;
    bool more = false; ///< there are further ones
};

/// Is told what comes in by itself.
class StreamListener
{
public:
    virtual void pushed(const GatewayId &gateway, StreamEntry &&entry) = 0;
    /// Pushes of this gateway may have been missed; it is not followed any more.
    virtual void pushesLost(const GatewayId &gateway) = 0;
    /// All of the store can be used.
    virtual void storeUp() = 0;
    /// Some of it cannot: StreamStore::isUp() says for which gateways.
    virtual void storeDown() = 0;

protected:
    ~StreamListener() = default;
};

/// Streams of messages, one for each gateway, that all nodes write and read: Redis, or in tests a fake.
/// Thread: one. Handlers and the listener are called from the event loop, never from within a call.
class StreamStore
{
public:
    virtual ~StreamStore() = default;

    virtual void setListener(StreamListener *listener) = 0;
    /// Whether what has this gateway's stream takes commands.
    virtual bool isUp(const GatewayId &gateway) const = 0;
    /// Once, in any case.
    virtual void append(StreamAppend append, std::function<void(StreamAppended)> done) = 0;
    /// The stream's last position and, if `after` is given, some of the entries after it. Nothing if the
    /// store does not answer.
    virtual void read(const GatewayId &gateway, std::optional<StreamPosition> after,
                      std::function<void(std::optional<StreamRead>)> done) = 0;
    /// From now on entries after `after` are pushed.
    virtual void follow(const GatewayId &gateway, const StreamPosition &after) = 0;
    virtual void unfollow(const GatewayId &gateway) = 0;
};

} // namespace mws
