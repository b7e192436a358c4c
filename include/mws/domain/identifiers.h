#pragma once

#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// A routing label on a socket, e.g. `user:42`. See Limits::tagLength.
using Tag = std::string;

/// 1 to 64 characters of `A-Za-z0-9_-`; isGatewayId() tells.
using GatewayId = std::string;

bool isGatewayId(std::string_view text);

/// The gateway through which the console gets its live data. Nobody can make, list, configure or call it.
inline constexpr std::string_view consoleGatewayId = "_console";
/// Ids that begin with `_` are the service's own.
inline bool isReservedGatewayId(std::string_view id)
{
    return id.starts_with('_');
}

/// The id of a socket or reservation: 32 characters of `A-Za-z0-9`, made from random numbers.
class SocketId
{
public:
    static constexpr size_t length = 32;

    static SocketId random();
    static std::optional<SocketId> parse(std::string_view text);

    std::string_view view() const { return {m_text.data(), length}; }
    std::string string() const { return std::string(view()); }
    friend auto operator<=>(const SocketId &, const SocketId &) = default;

private:
    std::array<char, length> m_text{};
};

} // namespace mws

template <>
struct std::hash<mws::SocketId>
{
    size_t operator()(const mws::SocketId &id) const noexcept
    {
        return std::hash<std::string_view>{}(
            id.view()); // a minted token may name any id: no shortcut by randomness
    }
};
