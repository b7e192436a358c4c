#pragma once

#include "limit/ip_address.h"
#include "protocol/request_parser.h"

#include <string>
#include <string_view>

namespace mws {

/// Answers requests on the Channel itself, without an HTTP server: the short way for the busiest calls.
/// Thread: the worker's.
class DirectLane
{
public:
    /// Appends the whole answer to `out` and returns true; or leaves the request to the HTTP server, having
    /// done nothing. `head` is vetted and `body` whole; both live as long as the call. `connection` is a
    /// field line for the answer, or empty.
    virtual bool answer(const RequestHead &head, std::string_view body, const IpAddress &peer,
                        std::string_view connection, std::string &out) = 0;

protected:
    ~DirectLane() = default;
};

} // namespace mws
