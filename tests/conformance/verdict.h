#pragma once

#include "conformance/corpus.h"
#include "conformance/exchange.h"

#include <string>

namespace mws::test {

/// What is asked of the answers beside their number, status and framing.
enum class Contract {
    Ours, ///< error bodies, X-Request-Id and the fields that go with a status are checked, too
    Any   ///< another server: it has words of its own
};

/// Asked behind a case; the connection ends with its answer.
inline constexpr char innocentRequest[] =
    "GET / HTTP/1.1\r\nHost: innocent\r\nX-Request-Id: innocent\r\nConnection: close\r\n\r\n";

/// What a session hears behind a case that leaves it open.
std::string sessionFarewell();

/// What is wrong with what came after `sent` and, if `followed`, the innocent request; empty if nothing is.
std::string httpProblem(const ConformanceCase &sent, const Heard &heard, bool followed, Contract contract);

/// The same for a case on a WebSocket, with its handshake and then the farewell.
std::string sessionProblem(const ConformanceCase &sent, const Heard &heard, Contract contract);

} // namespace mws::test
