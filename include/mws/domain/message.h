#pragma once

#include "mws/domain/identifiers.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// The two kinds of WebSocket data message (RFC 6455 §5.6).
enum class PayloadType : uint8_t { Text, Binary };

/// Whom a message is for. A socket that matches several ways gets it once.
struct Receivers
{
    bool everyone = false;             ///< `*` among the sockets
    std::vector<std::string> sockets;  ///< ids, as given; what is no SocketId matches nobody
    std::vector<Tag> tags;             ///< sockets that carry any of them
    std::vector<std::string> excluded; ///< ids that do not get it in any case
    friend bool operator==(const Receivers &, const Receivers &) = default;
};

/// A message on its way to sockets, whatever its origin.
struct Message
{
    std::string payload; ///< what goes over the wire; for Text valid UTF-8
    PayloadType type = PayloadType::Text;
    Receivers receivers;
    std::optional<std::chrono::milliseconds> ttl; ///< how long it may wait in a socket's queue
    std::string idempotencyId;                    ///< empty: none
    std::string requestId; ///< of the request that brought it, where deliveries are logged; else empty
};

/// What became of a message at this node; the header `Mws-Receivers`.
struct PublishOutcome
{
    uint64_t matched = 0; ///< open sockets of this node, counted for each receiver that named them
    uint64_t dropped = 0; ///< sockets of the answering worker that were over their queue limit
};

} // namespace mws
