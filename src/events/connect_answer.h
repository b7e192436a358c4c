#pragma once

#include "events/http_sender.h"
#include "mws/base/result.h"
#include "mws/domain/limits.h"
#include "mws/domain/socket_event.h"

namespace mws {

/// What a backend answered to the event `socket.connect`: 2xx lets the socket open, with what the body (a
/// JSON object, or nothing) sets. Errors: AccessDenied for a 4xx other than 408 and 429; Unavailable, with a
/// detail for the log, for all else, also for a body of the wrong shape.
Result<ConnectAnswer> readConnectAnswer(const HttpReply &reply, const Limits &limits);

} // namespace mws
