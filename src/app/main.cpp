#include "app/application.h"
#include "app/document_tables.h"
#include "app/signals.h"
#include "app/version.h"
#include "cli/command_line.h"
#include "cli/terminal.h"
#include "mws/base/clock.h"
#include "net/epoll_dispatcher.h"
#include "ops/async_log.h"
#include "ops/qt_messages.h"
#include "ops/service_manager.h"

#include <QCoreApplication>
#include <cstdio>
#include <cstdlib>
#include <openssl/crypto.h>
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

void nameProgram()
{
    QCoreApplication::setApplicationName(QStringLiteral("mws-gateway"));
    QCoreApplication::setApplicationVersion(QString::fromLatin1(mws::version));
}

/// Qt complains about any other, and nothing here depends on the locale.
void useLocaleOfQt()
{
    ::setenv("LC_ALL", "C.UTF-8", 1);
}

/// OpenSSL is not taken down at exit: the thread of a QNetworkAccessManager may be ending at that moment, as
/// QThread::wait() returns before the thread's own destructors have run, and OpenSSL's is one of them. Call
/// it before anything else does of OpenSSL: the first call decides.
void keepOpenSslToTheEnd()
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
}

/// A command that is none of the service's: on Qt's own event loop, and with signals as programs have them.
int run(const mws::cli::Action &command, const mws::Environment &environment, int &argc, char *argv[])
{
    useLocaleOfQt();
    QCoreApplication qt(argc, argv);
    nameProgram();
    mws::cli::Terminal terminal(environment);
    mws::cli::Context context{environment, terminal, mws::version};
    return command(context);
}

/// What ending takes beyond the drain: events, the journal, the log.
constexpr auto endingGrace = std::chrono::seconds(15);

int serve(const mws::ServiceConfig &config, mws::ConfigSource source, mws::EpollDispatcher &dispatcher,
          const mws::ServiceManager &manager)
{
    mws::Application application(config, std::move(source), dispatcher);
    const auto terminate = [&] {
        manager.stopping(application.drainTime() + endingGrace);
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
    keepOpenSslToTheEnd();
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (const auto exit = mws::printDocumentTable(arguments))
        return end(*exit);
    const mws::Environment environment = mws::processEnvironment();
    const auto request = mws::cli::parseCommandLine(arguments, environment, mws::versionText);
    if (const auto *exit = std::get_if<mws::ProgramExit>(&request))
        return end(*exit);
    if (const auto *command = std::get_if<mws::cli::Action>(&request))
        return run(*command, environment, argc, argv);
    const auto configured = mws::configure(std::get<mws::CommandLine>(request), environment);
    if (const auto *exit = std::get_if<mws::ProgramExit>(&configured))
        return end(*exit);

    mws::ProcessSignals::block();
    useLocaleOfQt();
    mws::logQtMessages();
    auto *dispatcher = new mws::EpollDispatcher;
    QCoreApplication::setEventDispatcher(dispatcher); // takes it over
    QCoreApplication qt(argc, argv);
    nameProgram();

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
    mws::setAccessLog(config.log.access);
    const int code =
        serve(config, {std::get<mws::CommandLine>(request).configFile, environment}, *dispatcher, manager);
    mws::setLogSink(nullptr);
    return code;
}
