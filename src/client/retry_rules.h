#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QDateTime>
#include <chrono>

/// What is worth another attempt; docs/client-library.md has the table.
namespace mws::client {

/// The longest Retry-After that is believed.
inline constexpr std::chrono::hours longestRetryAfter{1};

/// Whether asking again can help after an answer with this status: not when the answer was that the request
/// itself is wrong or not permitted.
bool isPassing(int httpStatus);

/// The pause that a Retry-After field asks for (RFC 9110 §10.2.3: seconds or a date), at most an hour; 0 if
/// it is none.
std::chrono::milliseconds parseRetryAfter(const QByteArray &field, const QDateTime &now);

/// The status in the text that QWebSocket has for a refused handshake, which it tells in no other way; 0 if
/// none.
int handshakeStatus(const QString &errorString);

/// "401 Unauthorized"; the number alone for statuses without a common name.
QString statusText(int httpStatus);

} // namespace mws::client
