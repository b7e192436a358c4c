#pragma once

#include "support/http_client.h"

#include <optional>
#include <string>
#include <string_view>

namespace mws::test {

/// Takes one answer off the front of `bytes`, strictly by RFC 9112 §4 and §6: whole, with a status line, a
/// length or chunks where content may follow. Nothing if it is not so. `headOnly`: it answers HEAD.
std::optional<HttpAnswer> takeAnswer(std::string_view &bytes, bool headOnly);

} // namespace mws::test
