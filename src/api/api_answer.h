#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mws {

/// What a handler answers. A body that is not empty is JSON unless `contentType` says otherwise.
struct ApiAnswer
{
    using Header = std::pair<std::string, std::string>;

    int status = 200;
    std::string body;
    std::vector<Header> headers;
};

/// Takes the answer, at once or later, exactly once, on the worker's thread.
using Respond = std::function<void(ApiAnswer)>;

} // namespace mws
