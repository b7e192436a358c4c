#pragma once

#include "mws/domain/reservation.h"

#include <optional>
#include <string>

namespace mws {

/// A token is at most 4 KiB, and its reservation is not longer.
inline constexpr size_t maxTokenRowBytes = 8192;

/// What Redis keeps of an open reservation, so that it can be revoked: `EXPIRES ISSUED IDSIZE USERSIZE:`, the
/// token's id, the user, and each tag as `SIZE:TAG`. Times are whole seconds since 1970, sizes are bytes.
/// Only the scripts of redis_token_scripts.h read it. Nothing if it would be longer than maxTokenRowBytes, or
/// a time is before 1970. Thread: any.
std::optional<std::string> tokenRow(const Reservation &reservation);

} // namespace mws
