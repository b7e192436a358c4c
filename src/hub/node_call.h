#pragma once

#include "hub/hub.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// What one node asks of another about the sockets there.
struct NodeCall
{
    enum class Kind : uint8_t { Show = 1, ChangeTags, Close, CloseMany };
    Kind kind = Kind::Show;
    GatewayId gateway;
    SocketId id;                        ///< of Show, ChangeTags and Close
    std::vector<Tag> add;               ///< of ChangeTags
    std::vector<Tag> remove;            ///< likewise
    CloseCode code = CloseCode::Normal; ///< of Close and CloseMany
    std::string reason;                 ///< likewise
    SocketFilter filter;                ///< of CloseMany
};

std::string encode(const NodeCall &call);
/// Nothing if `bytes` are not what encode() makes.
std::optional<NodeCall> decodeNodeCall(std::string_view bytes);

/// The answer to Show and ChangeTags. Of an error code, detail and property.
std::string encodeSocketAnswer(const Result<SocketInfo> &answer);
/// Errors: Unavailable if `bytes` are no such answer, as from a node of another version.
Result<SocketInfo> decodeSocketAnswer(std::string_view bytes);

/// The answer to Close (0 or 1) and CloseMany: how many were closed.
std::string encodeCount(size_t count);
std::optional<size_t> decodeCount(std::string_view bytes);

} // namespace mws
