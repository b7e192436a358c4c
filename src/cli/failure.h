#pragma once

#include "cli/command.h"

#include <string>
#include <vector>

namespace mws::cli {

/// Says it, in the form that the user asked for, and answers its code.
int fail(Context &context, const Failure &failure);

/// The same with what is wrong in file and environment; each line names its place. Answers BadUsage.
int failConfiguration(Context &context, const std::vector<std::string> &errors);

/// `{"error": {"reason", "message", "status", "code", "errors"}}` of a command that ends with `code`: like
/// the gateway's own error body, so that one reader does for both. `status` is there where a gateway
/// answered, `errors` where there is more than one thing to name.
std::string errorJson(const std::vector<Failure> &failures, int code);

/// `action` for programs: all that it has to say on standard error is JSON, an object a line; if it ends with
/// another code than 0, the last one is errorJson().
Action inJson(Action action);

} // namespace mws::cli
