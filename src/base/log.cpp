#include "mws/base/log.h"

#include <atomic>

namespace mws {

namespace {

std::atomic<LogSink *> currentSink{nullptr};
std::atomic<LogLevel> currentThreshold{LogLevel::Off};

} // namespace

void setLogSink(LogSink *sink, LogLevel threshold)
{
    currentSink.store(sink);
    currentThreshold.store(sink ? threshold : LogLevel::Off);
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

} // namespace mws
