#pragma once

#include "mws/base/result.h"
#include "mws/domain/identifiers.h"
#include "mws/domain/limits.h"

#include <string_view>
#include <vector>

namespace mws {

/// Checks the tags that a socket is to carry: number, length of each, length of all.
/// Errors: InvalidData with `property`, or the one tag in it, e.g. `tags[3]`.
Result<void> checkTags(const std::vector<Tag> &tags, const Limits &limits, std::string_view property);

} // namespace mws
