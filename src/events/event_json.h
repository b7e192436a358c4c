#pragma once

#include "mws/domain/socket_event.h"

#include <string>

namespace mws {

/// The body that is POSTed for an event: `{"type","timestamp","data"}`, compact, as docs/events.md shows.
std::string eventJson(const SocketEvent &event);

} // namespace mws
