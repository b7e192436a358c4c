#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mws {

/// Bytes of `64KiB`, `1MiB`, `2GiB` or `512B`; absent if it is none of these.
std::optional<int64_t> parseSize(std::string_view text);
/// Milliseconds of `500ms`, `45s`, `5m`, `1h` or `2d`; absent if it is none of these.
std::optional<int64_t> parseDuration(std::string_view text);

/// As TOML, in the largest unit that fits exactly: `"64KiB"`, or `1000` for bytes.
std::string sizeText(uint64_t bytes);
/// As TOML: `"45s"`.
std::string durationText(std::chrono::milliseconds duration);

} // namespace mws
