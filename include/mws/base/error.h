#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace mws {

/// Everything that a caller of the gateway can be told to have gone wrong. The table in error.cpp gives each
/// its HTTP status, its wire name (`reason`) and its default message.
enum class ErrorCode {
    BadRequest,           ///< 400 the bytes are not HTTP, or a header field is wrong
    BadHandshake,         ///< 400 an upgrade to WebSocket that RFC 6455 §4.2.1 does not allow
    AuthenticationNeeded, ///< 401 no credentials, or credentials that are not known
    InvalidToken,         ///< 401 a socket token that is missing, malformed, expired, revoked or spent
    AccessDenied,         ///< 403 known, but not permitted
    OriginDenied,         ///< 403 the Origin is not on the gateway's list
    NotFound,             ///< 404 no such path, gateway or socket
    MethodNotAllowed,     ///< 405 with Allow
    RequestTimeout,       ///< 408 head or body did not arrive in time
    Conflict,             ///< 409 a gateway of that id exists
    PayloadTooLarge,      ///< 413
    UriTooLong,           ///< 414
    UnsupportedEncoding,  ///< 415 a content encoding other than identity
    ExpectationFailed,    ///< 417 an Expect other than 100-continue
    InvalidData,          ///< 422 not JSON, or JSON of the wrong shape; carries the property
    UpgradeRequired,      ///< 426 a WebSocket version other than 13
    TooManyRequests,      ///< 429 with Retry-After
    HeadTooLarge,         ///< 431
    Internal,             ///< 500 our fault
    NotImplemented,       ///< 501 a transfer coding or a method that is not known
    Unavailable,          ///< 503 with Retry-After
    VersionNotSupported,  ///< 505
};

/// One row of the error table.
struct ErrorInfo
{
    ErrorCode code;
    int httpStatus;
    std::string_view reason;
    std::string_view message;
    std::string_view when;   ///< for docs/reference/errors.md: what brings it about
    std::string_view advice; ///< likewise: what the caller should do
};

/// The row of `code`.
const ErrorInfo &errorInfo(ErrorCode code);
/// All rows, by status.
std::span<const ErrorInfo> errorTable();

/// What went wrong, for the one who asked. Never holds a secret.
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    std::string detail;                 ///< for a person; empty: the table's message
    std::string property;               ///< for InvalidData: which property, e.g. `receivers.tags[3]`
    std::chrono::seconds retryAfter{0}; ///< for 429 and 503, where it is known; 0: it is not

    std::string_view message() const
    {
        return detail.empty() ? errorInfo(code).message : std::string_view(detail);
    }
    int httpStatus() const { return errorInfo(code).httpStatus; }
    friend bool operator==(const Error &, const Error &) = default;
};

/// 503: what it takes is away for the moment, try again in a second.
inline Error temporarilyUnavailable(std::string detail)
{
    return {ErrorCode::Unavailable, std::move(detail), {}, std::chrono::seconds(1)};
}

} // namespace mws
