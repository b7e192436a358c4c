#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "mws/domain/message.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// What went over one socket. Bytes are those of payloads, without frame headers.
struct SocketTraffic
{
    uint64_t bytesIn = 0; ///< from the client
    uint64_t bytesOut = 0;
    uint64_t messagesIn = 0;
    uint64_t messagesOut = 0; ///< put into the socket's queue
};

/// Who ended a socket.
enum class ClosedBy {
    Client,
    Gateway,
    Network, ///< the connection was lost, without a Close of either
};

/// Something that happened to a socket, for the backend of its gateway.
struct SocketEvent
{
    EventType type = EventType::Connected;
    std::shared_ptr<const Gateway> gateway;
    SocketId socket;
    std::shared_ptr<const std::vector<Tag>> tags;
    std::string user;   ///< empty: none
    std::string remote; ///< address and port of the client
    WallTime time{};
    // of Disconnected
    WallTime connectedAt{};
    uint16_t code = 0;
    std::string reason;
    ClosedBy by = ClosedBy::Network;
    SocketTraffic traffic;
    // of Message
    PayloadType payloadType = PayloadType::Text;
    std::string payload;
};

/// What a backend says of a socket that is about to open.
struct ConnectAnswer
{
    std::optional<std::string> user;      ///< in place of the reservation's
    std::optional<std::vector<Tag>> tags; ///< likewise
};

/// Takes what is to be told to backends. Thread: any; what one thread hands over stays in its order. Never
/// waits for a disk or a network.
class EventSink
{
public:
    virtual ~EventSink() = default;
    virtual void take(SocketEvent &&event) = 0;

    using Decide = std::function<void(Result<ConnectAnswer>)>;
    /// Asks the backend whether a socket may open. `decide` comes once, on another thread, or never where the
    /// gateway stops. Errors: AccessDenied; Unavailable.
    virtual void ask(SocketEvent &&event, Decide decide) = 0;
};

} // namespace mws
