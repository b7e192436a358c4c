#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace mws {

enum class LogLevel { Trace, Debug, Info, Warning, Error, Off };

/// A named value of a log line, e.g. {"gateway", "default"}. Never a secret.
struct LogField
{
    LogField(std::string_view name, std::string_view value) : name(name), value(value) {}
    LogField(std::string_view name, const char *value) : name(name), value(value) {}
    LogField(std::string_view name, const std::string &value) : name(name), value(value) {}
    template <typename Number>
    requires std::is_arithmetic_v<Number> LogField(std::string_view name, Number value)
        : name(name), value(std::to_string(value)), isNumber(true)
    {}
    std::string_view name;
    std::string value;
    bool isNumber = false;
};

/// Where log lines go; the program installs one (src/ops), tests install their own.
/// Thread: write() is called from any thread and must not block.
class LogSink
{
public:
    virtual ~LogSink() = default;
    virtual void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) = 0;
    /// Waits until what was written so far is out, for a bounded time. Thread: any.
    virtual void flush() {}
};

/// Makes `sink` the one that log() writes to; null: lines are dropped. Call before threads start and after
/// they ended.
void setLogSink(LogSink *sink, LogLevel threshold = LogLevel::Info);

/// From now on lines of `threshold` and above are written, if there is a sink. Thread: any.
void setLogThreshold(LogLevel threshold);

/// True if a line of `level` would be written: ask before building costly fields.
bool logEnabled(LogLevel level);

/// Writes one line for one event: a short sentence in the past tense ("socket opened") and its fields.
/// Thread: any. Never blocks.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

/// Waits for LogSink::flush(): for who is about to end the process without destructors.
void flushLog();

} // namespace mws
