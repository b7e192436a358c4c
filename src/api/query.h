#pragma once

#include "base/iso_time.h"
#include "mws/base/clock.h"
#include "mws/base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// The value of `key` in a query string, percent-decoded, `+` as a space. Nothing if it is absent; the first
/// one counts. Errors: InvalidData with `key` as its property, if it is empty or not UTF-8.
Result<std::optional<std::string>> queryValue(std::string_view query, std::string_view key);

/// The same for a whole number from `least` to `most`.
Result<std::optional<uint64_t>> queryNumber(std::string_view query, std::string_view key, uint64_t least,
                                            uint64_t most);

/// The same for a point in time: ISO 8601, in UTC unless it says otherwise, or seconds since 1970.
Result<std::optional<WallTime>> queryTime(std::string_view query, std::string_view key);

} // namespace mws
