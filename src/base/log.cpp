#include "mws/base/log.h"

#include "mws/base/access_log.h"

#include <atomic>

namespace mws {

namespace {

std::atomic<LogSink *> currentSink{nullptr};
std::atomic<LogLevel> currentThreshold{LogLevel::Off};
std::atomic<AccessLog> currentAccessLog{AccessLog::Off};

} // namespace

void setLogSink(LogSink *sink, LogLevel threshold)
{
    currentSink.store(sink);
    currentThreshold.store(sink ? threshold : LogLevel::Off);
}

void setLogThreshold(LogLevel threshold)
{
    if (currentSink.load())
        currentThreshold.store(threshold);
}

bool logEnabled(LogLevel level)
{
    return level >= currentThreshold.load(std::memory_order_relaxed) && level != LogLevel::Off;
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields)
{
    if (!logEnabled(level))
        return;
    if (LogSink *sink = currentSink.load())
        sink->write(level, event, fields);
}

void flushLog()
{
    if (LogSink *sink = currentSink.load())
        sink->flush();
}

void setAccessLog(AccessLog which)
{
    currentAccessLog.store(which);
}

bool accessLogOn()
{
    return currentAccessLog.load(std::memory_order_relaxed) != AccessLog::Off;
}

bool accessLogsAll()
{
    return currentAccessLog.load(std::memory_order_relaxed) == AccessLog::All;
}

void logAccess(std::string_view event, std::initializer_list<LogField> fields)
{
    if (LogSink *sink = currentSink.load())
        sink->write(LogLevel::Info, event, fields);
}

} // namespace mws
