#pragma once

#include "mws/base/clock.h"
#include "mws/base/log.h"
#include "mws/base/result.h"

#include <chrono>
#include <cstdint>
#include <memory>

namespace mws {

/// How a line looks; see log_line.h.
enum class LogStyle { Text, Json };

struct AsyncLogOptions
{
    LogStyle style = LogStyle::Text;
    int descriptor = 2;       ///< stays the caller's
    size_t queueLines = 2048; ///< when full, the oldest line gives way
    std::chrono::milliseconds closeWithin{2000};
};

/// Writes log lines to a descriptor from a thread of its own (spdlog's): a slow terminal, a pipe that nobody
/// reads or a full disk costs lines and never time. How many were lost is said in a line as soon as one can
/// be written. Thread: write() from any; made and destroyed on one. Install it with setLogSink(), and take it
/// out before it dies. SIGPIPE must be ignored by the program.
class AsyncLog final : public LogSink
{
public:
    /// Errors: Internal if there can be no further thread.
    static Result<std::unique_ptr<AsyncLog>> create(const AsyncLogOptions &options, const Clock &clock);
    /// Writes what waits, for at most AsyncLogOptions::closeWithin; the rest is dropped.
    ~AsyncLog() override;

    /// Cost: one string, one mutex held briefly.
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override;

    /// Waits for at most AsyncLogOptions::closeWithin.
    void flush() override;

    /// Lines that were lost so far.
    uint64_t dropped() const;

private:
    AsyncLog(const AsyncLogOptions &options, const Clock &clock);
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace mws
