#pragma once

#include "mws/base/result.h"
#include "mws/domain/gateway.h"
#include "json/json_reader.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// The body of POST sockets.
struct SocketRequest
{
    std::vector<Tag> tags; ///< each once
    std::string user;      ///< empty: none
    std::optional<ClientMessages> clientMessages;
    std::optional<std::chrono::seconds> expiresIn;
    std::optional<bool> reuse;
};

/// The body of PATCH sockets/{id}.
struct TagChange
{
    std::vector<Tag> add;
    std::vector<Tag> remove;
};

/// Reads what a backend posts about a socket.
/// Thread: one at a time.
class SocketRequestParser
{
public:
    explicit SocketRequestParser(size_t jsonDepth = 64) : m_reader(jsonDepth) {}

    /// An empty body asks for a socket without tags. Numbers among the tags are taken as their text, as older
    /// SDKs send them. Errors: InvalidData with the property.
    Result<SocketRequest> parse(std::string_view body, const GatewaySettings &settings);
    /// Errors: InvalidData with the property.
    Result<TagChange> parseChange(std::string_view body, const Limits &limits);

private:
    JsonReader m_reader;
};

} // namespace mws
