#pragma once

#include "mws/base/result.h"

#include <string_view>

namespace mws {

/// What a request line says. The views point into it.
struct RequestLine
{
    std::string_view method;
    std::string_view target;    ///< origin-form or `*`
    std::string_view authority; ///< of a target in absolute-form, else empty
    int minorVersion = 1;       ///< of HTTP/1.x
};

/// Checks what has come of a request line against the limits on method and target; `line` has no CRLF. Any
/// beginning of a line that passes may be checked again when it is longer.
Result<void> checkRequestLineLimits(std::string_view line, size_t targetBytes);

/// Parses a whole request line, without its CRLF (RFC 9112 §3). An absolute-form target is reduced to
/// origin-form; one with a query but no path is refused, since no view of it would be in origin-form.
/// Errors: BadRequest, UriTooLong, VersionNotSupported.
Result<RequestLine> parseRequestLine(std::string_view line, size_t targetBytes);

/// True for what may stand in Host (RFC 9110 §7.2): a name, an IPv4 address or an [IPv6 address], with or
/// without a port. The empty text is none.
bool isAuthority(std::string_view text);

} // namespace mws
