#pragma once

#include "mws/base/result.h"
#include "mws/domain/permissions.h"

#include <string_view>

namespace mws {

/// Reads what an Enginio server answered to GET /v1/user: status 200 with
/// `{"id": …, "usergroups": [{"id", "objectType"} or string]}`.
/// Errors: AuthenticationNeeded for 401, 403 and 404; Unavailable for all else.
/// Thread: any.
Result<Identity> parseEnginioAnswer(int status, std::string_view body);

} // namespace mws
