#include "ops/qt_messages.h"

#include "mws/base/log.h"

#include <QDebug>
#include <gtest/gtest.h>
#include <string>

namespace mws {

namespace {

class Recorder final : public LogSink
{
public:
    void write(LogLevel level, std::string_view, std::initializer_list<LogField> fields) override
    {
        lastLevel = level;
        lastMessage = (fields.end() - 1)->value;
    }
    LogLevel lastLevel = LogLevel::Off;
    std::string lastMessage;
};

} // namespace

TEST(QtMessages, GoToTheLog)
{
    Recorder recorder;
    setLogSink(&recorder, LogLevel::Trace);
    logQtMessages();
    qWarning("something %d", 7);
    EXPECT_EQ(recorder.lastLevel, LogLevel::Warning);
    EXPECT_EQ(recorder.lastMessage, "something 7");
    qDebug("small");
    EXPECT_EQ(recorder.lastLevel, LogLevel::Trace);
    setLogSink(nullptr);
    qInstallMessageHandler(nullptr);
}

} // namespace mws
