#pragma once

#include "mws/base/clock.h"

#include <string>

namespace mws {

/// ISO 8601 in UTC with milliseconds and `Z`, e.g. `2026-01-01T00:00:00.000Z`.
std::string isoTime(WallTime time);
/// Without the milliseconds: `2026-01-01T00:00:00Z`.
std::string isoTimeInSeconds(WallTime time);

} // namespace mws
