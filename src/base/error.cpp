#include "mws/base/error.h"

#include <array>

namespace mws {

namespace {

constexpr std::array table{
    ErrorInfo{ErrorCode::BadRequest, 400, "BadRequest", "The request is not valid HTTP"},
    ErrorInfo{ErrorCode::BadHandshake, 400, "BadHandshake", "The WebSocket handshake is not valid"},
    ErrorInfo{ErrorCode::AuthenticationNeeded, 401, "AuthenticationNeeded", "Valid credentials are needed"},
    ErrorInfo{ErrorCode::InvalidToken, 401, "InvalidToken",
              "The token is missing, invalid, expired or spent"},
    ErrorInfo{ErrorCode::AccessDenied, 403, "AccessDenied", "Access denied"},
    ErrorInfo{ErrorCode::OriginDenied, 403, "OriginDenied", "This origin is not allowed"},
    ErrorInfo{ErrorCode::NotFound, 404, "NotFound", "Not found"},
    ErrorInfo{ErrorCode::MethodNotAllowed, 405, "MethodNotAllowed", "This path does not take this method"},
    ErrorInfo{ErrorCode::RequestTimeout, 408, "RequestTimeout", "The request did not arrive in time"},
    ErrorInfo{ErrorCode::Conflict, 409, "Conflict", "It exists already"},
    ErrorInfo{ErrorCode::PayloadTooLarge, 413, "PayloadTooLarge", "The body is too large"},
    ErrorInfo{ErrorCode::UriTooLong, 414, "UriTooLong", "The request target is too long"},
    ErrorInfo{ErrorCode::UnsupportedEncoding, 415, "UnsupportedEncoding",
              "Only the identity content encoding is read"},
    ErrorInfo{ErrorCode::ExpectationFailed, 417, "ExpectationFailed", "Only Expect: 100-continue is known"},
    ErrorInfo{ErrorCode::InvalidData, 422, "InvalidData", "The data is not valid"},
    ErrorInfo{ErrorCode::UpgradeRequired, 426, "UpgradeRequired", "Only WebSocket version 13 is spoken"},
    ErrorInfo{ErrorCode::TooManyRequests, 429, "TooManyRequests", "Too many requests"},
    ErrorInfo{ErrorCode::HeadTooLarge, 431, "HeadTooLarge", "The request head is too large"},
    ErrorInfo{ErrorCode::Internal, 500, "Internal", "Internal error"},
    ErrorInfo{ErrorCode::NotImplemented, 501, "NotImplemented",
              "The transfer coding or the method is not known"},
    ErrorInfo{ErrorCode::Unavailable, 503, "Unavailable", "Temporarily unavailable"},
    ErrorInfo{ErrorCode::VersionNotSupported, 505, "VersionNotSupported",
              "Only HTTP/1.0 and HTTP/1.1 are spoken"},
};

constexpr bool rowsInOrder()
{
    for (size_t i = 0; i < table.size(); ++i)
        if (table[i].code != ErrorCode(i))
            return false;
    return table.size() == size_t(ErrorCode::VersionNotSupported) + 1;
}
static_assert(rowsInOrder(), "a row for each ErrorCode, in the enum's order");

} // namespace

const ErrorInfo &errorInfo(ErrorCode code)
{
    return table[size_t(code)];
}

} // namespace mws
