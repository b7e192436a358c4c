#pragma once

#include "mws/domain/gateway.h"

#include <optional>
#include <string_view>

namespace mws {

/// An entry of `security_tokens`: the token, or the token, a space, and the time in UTC (ISO 8601, `Z`) at
/// which it ends. Nothing if it is neither.
std::optional<SecurityToken> readSecurityToken(std::string_view text);

} // namespace mws
