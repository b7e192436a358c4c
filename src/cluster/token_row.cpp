#include "cluster/token_row.h"

#include <chrono>

namespace mws {

std::optional<std::string> tokenRow(const Reservation &reservation)
{
    const auto seconds = [](WallTime time) {
        return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
    };
    const auto expires = seconds(reservation.expiresAt);
    const auto issued = seconds(reservation.issuedAt);
    if (expires < 0 || issued < 0)
        return std::nullopt;
    std::string row = std::to_string(expires) + " " + std::to_string(issued) + " " +
                      std::to_string(reservation.tokenId.size()) + " " +
                      std::to_string(reservation.user.size()) + ":";
    row.append(reservation.tokenId).append(reservation.user);
    for (const Tag &tag : reservation.tags) {
        row.append(std::to_string(tag.size())).append(":").append(tag);
        if (row.size() > maxTokenRowBytes)
            return std::nullopt;
    }
    return row.size() > maxTokenRowBytes ? std::nullopt : std::optional(std::move(row));
}

} // namespace mws
