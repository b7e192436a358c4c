#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// The candidate that `name` was probably meant to be: few letters differ (Damerau-Levenshtein). Absent if
/// none is near.
std::optional<std::string> nearName(std::string_view name, const std::vector<std::string> &candidates);

/// `; did you mean NAME?`, or nothing.
std::string didYouMean(std::string_view name, const std::vector<std::string> &candidates);

} // namespace mws
