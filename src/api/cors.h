#pragma once

#include "api/api_answer.h"
#include "api/api_request.h"

#include <string>
#include <string_view>
#include <vector>

namespace mws {

/// The header fields that let a browser read the answer (WHATWG Fetch, "CORS protocol"); just Vary for a
/// request without Origin or from one that is not allowed.
std::vector<ApiAnswer::Header> corsHeaders(const std::vector<std::string> &allowed,
                                           const ApiRequest &request);

} // namespace mws
