#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// True if a browser's page of `origin` may use a gateway with this list: `*`, the origin itself (without
/// regard to case, RFC 6454 §4), or a pattern `https://*.example.com`, which stands for every host below
/// example.com but not for example.com. An empty list allows any origin. `null` is allowed only by `*`, by an
/// empty list, or by name.
bool originAllowed(const std::vector<std::string> &allowed, std::string_view origin);

} // namespace mws
