#include "app/application.h"
#include "app/signals.h"
#include "app/version.h"
#include "config/command_line.h"
#include "mws/base/clock.h"
#include "net/epoll_dispatcher.h"
#include "ops/async_log.h"
#include "ops/qt_messages.h"
#include "ops/service_manager.h"

#include <QCoreApplication>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

namespace {

int end(const mws::ProgramExit &exit)
{
    std::fputs(exit.out.c_str(), stdout);
    std::fputs(exit.error.c_str(), stderr);
    return exit.code;
}

/// What ending takes beyond the drain: events, the journal, the log.
constexpr auto endingGrace = std::chrono::seconds(15);

int serve(const mws::ServiceConfig &config, mws::EpollDispatcher &dispatcher,
          const mws::ServiceManager &manager)
{
    mws::Application application(config, dispatcher);
    const auto terminate = [&] {
        manager.stopping(config.server.drainDelay + config.server.drain + endingGrace);
        application.drain();
    };
    const auto reload = [&] {
        manager.reloading();
        application.reload();
        manager.ready();
    };
    const mws::ProcessSignals signals({.terminate = terminate, .reload = reload});
    if (const mws::Result<void> started = application.start(); !started) {
        mws::log(mws::LogLevel::Error, started.error().message());
        return 2;
    }
    manager.ready();
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char *argv[])
{
    const mws::Environment environment = mws::processEnvironment();
    const auto commandLine =
        mws::parseCommandLine(std::vector<std::string>(argv + 1, argv + argc), environment, mws::versionText);
    if (const auto *exit = std::get_if<mws::ProgramExit>(&commandLine))
        return end(*exit);
    const auto configured = mws::configure(std::get<mws::CommandLine>(commandLine), environment);
    if (const auto *exit = std::get_if<mws::ProgramExit>(&configured))
        return end(*exit);

    mws::ProcessSignals::block();
    ::setenv("LC_ALL", "C.UTF-8", 1); // Qt complains about any other, and nothing here depends on the locale
    mws::logQtMessages();
    auto *dispatcher = new mws::EpollDispatcher;
    QCoreApplication::setEventDispatcher(dispatcher); // takes it over
    QCoreApplication qt(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("mws-gateway"));
    QCoreApplication::setApplicationVersion(QString::fromLatin1(mws::version));

    const auto &config = std::get<mws::ServiceConfig>(configured);
    const mws::SystemClock clock;
    const auto style = config.log.format == mws::LogFormat::Json ? mws::LogStyle::Json : mws::LogStyle::Text;
    const auto writer = mws::AsyncLog::create({.style = style}, clock);
    if (!writer) {
        std::fprintf(stderr, "mws-gateway: %s\n", std::string(writer.error().message()).c_str());
        return 1;
    }
    mws::setLogSink(writer->get(), config.log.level);
    const auto notifySocket = environment.find("NOTIFY_SOCKET");
    const mws::ServiceManager manager(notifySocket == environment.end() ? std::string()
                                                                        : notifySocket->second);
    const int code = serve(config, *dispatcher, manager);
    mws::setLogSink(nullptr);
    return code;
}
