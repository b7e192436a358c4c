#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mws {

/// A POST of JSON to somewhere outside.
struct HttpPost
{
    std::string url;
    std::vector<std::string> fields; ///< `name: value`
    std::string body;
    std::chrono::milliseconds timeout{15000}; ///< from the name's look-up to the answer's last byte
};

struct HttpReply
{
    int status = 0; ///< 0: no answer
    std::optional<std::chrono::seconds> retryAfter = {};
    std::string body = {};    ///< what came of it, up to HttpSender::longestBody
    bool isWhole = false;     ///< the body is all there is
    std::string failure = {}; ///< why there is no whole answer, for the log; names no URL
};

/// Sends requests over the network. Follows no redirect, uses no proxy, cookie or stored credentials.
/// Thread: any.
class HttpSender
{
public:
    static constexpr size_t longestBody = 65536;
    using Answer = std::function<void(HttpReply)>;

    virtual ~HttpSender() = default;
    /// `answer` comes once, on a thread of the sender, which it must not hold up.
    virtual void post(HttpPost post, Answer answer) = 0;
};

} // namespace mws
