#pragma once

#include "mws/base/clock.h"
#include "mws/domain/message.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// A message on its way between nodes: what an entry of a gateway's stream holds.
struct ClusterMessage
{
    PayloadType type = PayloadType::Text;
    Receivers receivers;
    std::optional<std::chrono::milliseconds>
        ttl; ///< from the moment that the broker took it, by the broker's clock
    std::string payload;
    std::string requestId = {}; ///< see Message::requestId
    /// Where this node has accepted it; default: another one has. Not among the bytes.
    SteadyTime accepted{};
    friend bool operator==(const ClusterMessage &, const ClusterMessage &) = default;
};

/// As bytes; the receivers come first, so that an entry that is for nobody here is skipped without a look at
/// its payload.
std::string encode(const ClusterMessage &message);

/// Nothing if `bytes` are not what encode() makes. Lengths are checked against what is there, so that no more
/// memory is taken than `bytes` have. The payload of a text is not checked: who wrote the entry has done so.
std::optional<ClusterMessage> decodeClusterMessage(std::string_view bytes);

} // namespace mws
