#pragma once

#include <string>
#include <string_view>

namespace mws::test {

/// What docs/openapi.yaml has of an answer that a test got, so that whatever the tests provoke is described:
/// one line for each method and path with its statuses, made by tests/api_description/list_answers.py.
/// Nothing if it is described, else what is missing there. Whether `upgrade` was asked for matters for other
/// paths than sockets'. Thread: any.
std::string missingFromDescription(std::string_view method, std::string_view target, int status,
                                   bool upgrade = false);

} // namespace mws::test
