#include "cluster/cluster_message.h"

#include "cluster/wire.h"

#include <cstdint>
#include <utility>

namespace mws {

namespace {

/// The first byte: format 1. A node that does not know a format skips the entry; see docs/cluster.md
/// "Upgrades".
constexpr char format = 1;

enum Flag : uint8_t { Binary = 1, Everyone = 2, Lives = 4, Traced = 8 };
constexpr uint8_t knownFlags = Binary | Everyone | Lives | Traced;

constexpr uint64_t longestTtl = uint64_t(1) << 40; // ms, 34 years

} // namespace

std::string encode(const ClusterMessage &message)
{
    std::string out;
    out.reserve(message.payload.size() + 64);
    out.push_back(format);
    out.push_back(char((message.type == PayloadType::Binary ? Binary : 0) |
                       (message.receivers.everyone ? Everyone : 0) | (message.ttl ? Lives : 0) |
                       (message.requestId.empty() ? 0 : Traced)));
    putTexts(out, message.receivers.sockets);
    putTexts(out, message.receivers.tags);
    putTexts(out, message.receivers.excluded);
    if (message.ttl)
        putNumber(out, uint64_t(message.ttl->count()));
    if (!message.requestId.empty())
        putText(out, message.requestId);
    out += message.payload;
    return out;
}

std::optional<ClusterMessage> decodeClusterMessage(std::string_view bytes)
{
    WireReader reader(bytes);
    const auto version = reader.byte();
    const auto flags = reader.byte();
    if (!version || char(*version) != format || !flags || (*flags & ~knownFlags) != 0)
        return std::nullopt;
    ClusterMessage message;
    message.type = *flags & Binary ? PayloadType::Binary : PayloadType::Text;
    message.receivers.everyone = (*flags & Everyone) != 0;
    for (auto *list : {&message.receivers.sockets, &message.receivers.tags, &message.receivers.excluded}) {
        auto texts = reader.texts();
        if (!texts)
            return std::nullopt;
        *list = *std::move(texts);
    }
    if (*flags & Lives) {
        const auto milliseconds = reader.number();
        if (!milliseconds || *milliseconds > longestTtl)
            return std::nullopt;
        message.ttl = std::chrono::milliseconds(int64_t(*milliseconds));
    }
    if (*flags & Traced) {
        const auto id = reader.text();
        if (!id)
            return std::nullopt;
        message.requestId = *id;
    }
    message.payload = reader.rest();
    return message;
}

} // namespace mws
