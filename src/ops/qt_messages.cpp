#include "ops/qt_messages.h"

#include "mws/base/log.h"

#include <QString>

namespace mws {

namespace {

LogLevel levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return LogLevel::Trace;
    case QtInfoMsg:
        return LogLevel::Debug;
    case QtWarningMsg:
        return LogLevel::Warning;
    case QtCriticalMsg:
    case QtFatalMsg:
        break;
    }
    return LogLevel::Error;
}

void handle(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    log(levelOf(type), "Qt says something",
        {{"category", context.category ? context.category : ""}, {"message", message.toStdString()}});
}

} // namespace

void logQtMessages()
{
    qInstallMessageHandler(handle);
}

} // namespace mws
