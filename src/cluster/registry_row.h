#pragma once

#include "cluster/socket_registry.h"

#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// Of a row's body, in bytes.
constexpr size_t longestRegistryRow = 16 << 10;

/// A socket without its id, as nodes write it for each other: a byte that names the format, six bytes of
/// connectedAt, and the rest. Tags that do not fit into longestRegistryRow are left out.
std::string encodeRegistryRow(const RegisteredSocket &socket);
/// Nothing if another version wrote it, or it is damaged.
std::optional<RegisteredSocket> decodeRegistryRow(const SocketId &id, std::string_view body);

/// The beginning of a body, which stays the same while the socket is open.
constexpr size_t registryRowLife = 7;
/// What the body of a socket with this tag contains.
std::string registryRowTag(const Tag &tag);

} // namespace mws
