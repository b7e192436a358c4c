#pragma once

#include "base/log_allowance.h"
#include "hub/client_publisher.h"
#include "hub/hub.h"
#include "hub/relay.h"
#include "limit/ip_address.h"
#include "limit/token_bucket.h"
#include "mws/base/metrics.h"
#include "mws/domain/socket_event.h"
#include "net/channel.h"
#include "routing/routing_index.h"

#include <memory>
#include <string>

namespace mws {

struct LocalGateway;

/// One open WebSocket, or one that is being opened.
/// Thread: its worker's. Owned by its Channel.
struct SocketSession final : Session, RoutedSocket
{
    LocalGateway *gateway = nullptr;
    Channel *channel = nullptr;
    std::unique_ptr<SocketTraffic> traffic; ///< only where its end is told: to the backend, or the access log
    std::string user;
    WallTime issuedAt{}; ///< of the reservation; now for an anonymous socket
    WallTime connectedAt{};
    ClientMessages clientMessages = ClientMessages::Ignore;
    std::unique_ptr<Reservation> held; ///< while it opens; with `reuse` until this socket ends
    SteadyTime pinged{};
    bool pongAwaited = false;
    bool joined = false;                  ///< counted by the broker
    bool leaving = false;                 ///< of a drain: out of the SocketDirectory, its Close comes next
    uint64_t addressKey = noAddressKey;   ///< counted under it by GatewayRates
    std::unique_ptr<ClientSender> sender; ///< with policy `publish`
    std::unique_ptr<RelayState> relay;    ///< once it has to do with relaying
    TokenBucket clientRate;               ///< Limits::clientMessagesPerSecond
    SteadyTime dropLogged{};              ///< when the log last said that its messages are dropped

    SocketInfo info() const;
    /// That one frame was put into its queue.
    void countSent(const std::string &frame)
    {
        if (!traffic)
            return;
        ++traffic->messagesOut;
        traffic->bytesOut += payloadBytes(frame);
    }
};

/// The session of a channel that has one.
inline SocketSession &sessionOf(Channel &channel)
{
    return static_cast<SocketSession &>(*channel.session());
}

/// Pings of a second go out together, so that an idle worker wakes up for many of them at once: `at`, or a
/// little before.
SteadyTime pingTime(SteadyTime at, std::chrono::milliseconds interval);

/// Whose permissions a socket has; its groups are the tags that its reservation named, or the backend's
/// answer.
Identity identityOf(const std::string &user, const std::vector<Tag> &tags);
/// Each tag once, in their order.
SharedTags distinctTags(std::vector<Tag> tags);

/// What a worker keeps for one gateway that has or had sockets here.
struct LocalGateway
{
    std::shared_ptr<const Gateway> settings; ///< replaced when the configuration changes
    RoutingIndex index;
    size_t sessions = 0; ///< open, or being opened
    std::shared_ptr<GatewayCounters> counters;
    LogAllowance slowLines;
};

} // namespace mws
