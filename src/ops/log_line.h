#pragma once

#include "mws/base/clock.h"
#include "mws/base/log.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace mws {

/// `2026-11-22T03:45:30.123Z`
std::string logTime(WallTime time);

/// `2026-11-22T03:45:30.123Z info  socket opened gateway=default id=…`: values with spaces, quotes, `=` or
/// control characters are quoted, and nothing in a line can steer a terminal. Values over 1 KiB are cut. No
/// line end.
std::string textLogLine(WallTime time, LogLevel level, std::string_view event,
                        std::initializer_list<LogField> fields);

/// `{"time":"…","level":"info","event":"socket opened","gateway":"default"}`; numbers are numbers, what is
/// not UTF-8 is replaced. Values over 1 KiB are cut. No line end.
std::string jsonLogLine(WallTime time, LogLevel level, std::string_view event,
                        std::initializer_list<LogField> fields);

} // namespace mws
