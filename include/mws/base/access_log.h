#pragma once

#include "mws/base/log.h"

#include <initializer_list>
#include <string_view>

namespace mws {

/// Which requests have a line of their own in the log. Those lines come whatever the log's level is.
enum class AccessLog {
    Off,
    Errors, ///< answered 400 or above; sockets that were closed with another code than 1000 or 1001
    All,
};

/// Call before threads start. Off at first.
void setAccessLog(AccessLog which);

/// True if any line may be written: ask before anything is done for one.
bool accessLogOn();

/// True if what went well is written, too.
bool accessLogsAll();

/// Writes one line at level `info`. Fields never hold a token. Thread: any. Never blocks.
void logAccess(std::string_view event, std::initializer_list<LogField> fields);

} // namespace mws
