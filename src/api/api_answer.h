#pragma once

#include "mws/base/error.h"
#include "mws/base/result.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mws {

/// What a handler answers. A body that is not empty is JSON, unless there is a Content-Type.
struct ApiAnswer
{
    using Header = std::pair<std::string, std::string>;

    int status = 200;
    std::string body;
    std::vector<Header> headers;
};

/// Takes the answer, at once or later, exactly once, on the worker's thread.
using Respond = std::function<void(ApiAnswer)>;

/// The error as CONTRACT.md "Errors" has it, with Retry-After or WWW-Authenticate where the status asks for
/// it.
ApiAnswer errorAnswer(const Error &error);

/// `[{"reason", "property", "message"}]` of an InvalidData error.
void appendErrorList(std::string &out, const Error &error);

/// Puts in what stands in every answer with a body, and then `common`, which is given up.
void completeAnswer(ApiAnswer &answer, std::vector<ApiAnswer::Header> common);

/// An id for logs: nobody needs to be unable to guess it.
std::string makeRequestId();

/// The whole answer in HTTP/1.1. `connection`: a field line, or empty. `headOnly`: without its body.
void appendHttpAnswer(std::string &out, const ApiAnswer &answer, std::string_view connection,
                      bool headOnly = false);

/// Not to be kept by anyone on the way: it holds a token.
ApiAnswer secretAnswer(int status, std::string body);

} // namespace mws
